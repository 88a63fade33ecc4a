import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { database } from '../../packages/postern/src/database/database.js'
import { connectionsFor } from '../../packages/postern/src/database/place.js'
import { loginSql } from '../../packages/postern/src/database/roles.js'
import { createTestDatabase, execute, type TestDatabase } from '../support/postgres.js'
import * as schema from './every-rule.js'
import { describeFinding, type Finding } from './finding.js'
import { migrated } from './migrated.js'
import { proveIsolation } from './prove-isolation.js'
import { type Sabotage, sabotages } from './sabotages.js'

let clean: TestDatabase
const caught: string[] = []

beforeAll(async () => {
  clean = await createTestDatabase()
  const db = database({ schema, url: clean.url, migrationUrl: clean.migrationUrl })
  await migrated(db, schema)
  await db.close()
})

afterAll(async () => {
  process.stdout.write(`\n${caught.sort().join('\n')}\n${caught.length} of ${sabotages.length} sabotages caught\n`)
  await clean.drop()
})

test('the control: a copy that nobody touched has no findings', async () => {
  expect((await findingsAfter('')).map(describeFinding)).toEqual([])
})

describe.concurrent('a broken database is found out', { timeout: 120_000 }, () => {
  test.each(sabotages)('$where: $what', async (sabotage) => {
    const findings = await findingsAfter(sabotage.sql, sabotage.where)
    const named = findings.filter((finding) => isAbout(finding, sabotage)).map(({ defect }) => defect)
    expect({ named: [...new Set(named)], all: findings.map(describeFinding) }).toMatchObject({
      named: expect.arrayContaining([...sabotage.caught]) as string[],
    })
    caught.push(`  ${sabotage.where.padEnd(31)} ${sabotage.what.padEnd(64)} ${sabotage.caught.join(', ')}`)
  })
})

test('there are enough of them', () => {
  expect(sabotages.length).toBeGreaterThanOrEqual(60)
})

/** The findings on a copy after `sql`, as a login of its own: what is done to a login is done to the whole server. */
async function findingsAfter(sql: string, only?: string): Promise<readonly Finding[]> {
  const place = await createTestDatabase({ template: clean.name })
  const login = `login_${randomBytes(6).toString('hex')}`
  try {
    await execute(place.adminUrl, `create role ${login} login password 'test' noinherit; ${loginSql(login, 180_000)}`)
    await execute(place.adminUrl, sql.replaceAll('LOGIN', login))
    const url = place.url.replace('test_app', login)
    const { connections, close } = connectionsFor({ url, poolWaitMs: 20_000 })
    try {
      const { findings } = await connections.withConnection((connection) => proveIsolation(connection, schema, only))
      return findings.map((finding) => ({ ...finding, where: finding.where === login ? 'LOGIN' : finding.where }))
    } finally {
      await close()
    }
  } finally {
    await place.drop()
    await execute(clean.adminUrl, `drop role if exists ${login}`)
  }
}

function isAbout({ where }: Finding, sabotage: Sabotage): boolean {
  return where === sabotage.where
}
