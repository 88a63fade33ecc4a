import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { database } from '../../packages/postern/src/database/database.js'
import { connectionsFor } from '../../packages/postern/src/database/place.js'
import { createTestDatabase, has } from '../support/postgres.js'
import * as schema from './every-rule.js'
import { describeFinding } from './finding.js'
import { migrated } from './migrated.js'
import { type Proof, proveIsolation } from './prove-isolation.js'

/** A proof that looked at nothing would be clean as well. */
const ENOUGH = { tables: 27, statements: expect.toSatisfy((count: number) => count > 30_000) as number }

const servers = (['postgres-18', 'postgres-15', 'pgbouncer'] as const).filter(has)

test.each(servers)(
  '%s: whatever a caller tries, each table keeps what its schema promises',
  { timeout: 120_000 },
  async (on) => {
    const place = await createTestDatabase({ on })
    const db = database({ schema, url: place.url, migrationUrl: place.migrationUrl })
    try {
      await migrated(db, schema)
      const proof = await proveOn({ url: place.url })
      expect(proof.findings.map(describeFinding)).toEqual([])
      expect(proof).toMatchObject(ENOUGH)
    } finally {
      await db.close()
      await place.drop()
    }
  },
)

test('the embedded database: the same', { timeout: 120_000 }, async () => {
  const directory = `memory://${randomUUID()}`
  const db = database({ schema, directory })
  try {
    await migrated(db, schema)
    const proof = await proveOn({ directory })
    expect(proof.findings.map(describeFinding)).toEqual([])
    expect(proof).toMatchObject(ENOUGH)
  } finally {
    await db.close()
  }
})

async function proveOn(where: { url: string } | { directory: string }): Promise<Proof> {
  const { connections, close } = connectionsFor(where)
  try {
    return await connections.withConnection((connection) => proveIsolation(connection, schema))
  } finally {
    await close()
  }
}
