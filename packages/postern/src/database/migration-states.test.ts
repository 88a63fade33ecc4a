import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, execute, type TestDatabase } from '../../../../test/support/postgres.js'
import { type Database, database } from './database.js'
import { applyMigrations } from './migrations.js'
import { migrationStates } from './migration-states.js'
import { ROLES_SQL } from './roles.js'

let files: string
let where: TestDatabase
const opened: Database<Record<string, never>>[] = []
beforeAll(async () => void (where = await createTestDatabase()))
afterAll(() => where.drop())
beforeEach(() => {
  files = mkdtempSync(join(tmpdir(), 'postern-states-'))
  write('0001_a.sql', ROLES_SQL)
  write('0002_b.sql', 'create table t (n int);')
})
afterEach(async () => {
  await execute(where.adminUrl, 'drop schema if exists postern cascade; drop table if exists t')
  for (const db of opened.splice(0)) await db.close()
  rmSync(files, { recursive: true })
})

const write = (file: string, sql: string) => writeFileSync(join(files, file), sql)
const open = (url: string) => {
  const db = database({ schema: {}, url })
  opened.push(db)
  return db
}
const states = async () =>
  (await migrationStates(open(where.url), files)).migrations.map(({ name, state }) => [name, state])

test('a database that has seen nothing has everything pending, and looking makes nothing in it', async () => {
  expect(await migrationStates(open(where.url), files)).toEqual({
    migrations: [
      { name: '0001_a', state: 'pending', appliedAt: null },
      { name: '0002_b', state: 'pending', appliedAt: null },
    ],
    upToDate: false,
  })
  expect(await execute(where.adminUrl, "select to_regnamespace('postern') s")).toEqual([{ s: null }])
})

test("the server's own login sees when each was applied, to the millisecond and in UTC", async () => {
  const before = Date.now()
  await applyMigrations(open(where.migrationUrl), files)
  const { migrations, upToDate, refusal } = await migrationStates(open(where.url), files)
  expect({ upToDate, refusal }).toEqual({ upToDate: true, refusal: undefined })
  for (const { appliedAt } of migrations) {
    expect(appliedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(Math.abs(Date.parse(appliedAt!) - before)).toBeLessThan(60_000)
  }
})

test('changed, missing and pending are told apart, with what keeps the rest from being applied', async () => {
  await applyMigrations(open(where.migrationUrl), files)
  write('0001_a.sql', `${ROLES_SQL}\n-- later`)
  rmSync(join(files, '0002_b.sql'))
  write('0003_c.sql', 'select 1;')
  expect(await states()).toEqual([
    ['0001_a', 'changed'],
    ['0002_b', 'missing'],
    ['0003_c', 'pending'],
  ])
  expect((await migrationStates(open(where.url), files)).refusal).toMatchObject({
    message: expect.stringContaining('0001_a.sql was changed'),
    hint: expect.any(String),
  })
})

test('a pending one that comes too late is told', async () => {
  await applyMigrations(open(where.migrationUrl), files)
  rmSync(join(files, '0001_a.sql'))
  rmSync(join(files, '0002_b.sql'))
  await execute(where.adminUrl, "delete from postern.migrations where name = '0001_a'")
  write('0001_late.sql', 'select 1;')
  write('0002_b.sql', 'create table t (n int);')
  expect((await migrationStates(open(where.url), files)).refusal?.message).toContain(
    '0001_late.sql comes before 0002_b',
  )
})

test('a login that may not become the service cannot tell, and that is a sentence', async () => {
  await applyMigrations(open(where.migrationUrl), files)
  await execute(where.adminUrl, "create role stranger login password 'test'")
  const url = new URL(where.url)
  url.username = 'stranger'
  await expect(migrationStates(open(url.href), files)).rejects.toMatchObject({
    message: 'This login may not read which migrations are applied',
    hint: expect.stringContaining('MIGRATION_DATABASE_URL'),
  })
  await execute(where.adminUrl, 'drop role stranger')
})

test('a migration can be the last to apply', async () => {
  expect(await applyMigrations(open(where.migrationUrl), files, { upTo: '0001_a' })).toEqual(['0001_a'])
  expect(await states()).toEqual([
    ['0001_a', 'applied'],
    ['0002_b', 'pending'],
  ])
})
