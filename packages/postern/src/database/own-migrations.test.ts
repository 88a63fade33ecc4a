import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, execute, type TestDatabase } from '../../../../test/support/postgres.js'
import { type Database, database } from './database.js'
import { migrationStates } from './migration-states.js'
import { applyMigrations, pendingMigrations } from './migrations.js'
import { OWN_MIGRATIONS } from './own-tables.js'

type Any = Database<Record<string, never>>

let directory: string
let place: TestDatabase
const opened: Any[] = []
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'postern-own-'))))
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close()
})
afterAll(() => rmSync(directory, { recursive: true }))

const rows = async (db: Any, text: string) => {
  const [result] = await db.asOwner((owner) => owner.batch([{ text, values: [] }]))
  return result!.rows
}
const applied = (db: Any) => rows(db, 'select name from postern.own_migrations order by applied_at, name')

describe.each(['embedded', 'postgres'] as const)('on %s', (kind) => {
  beforeAll(async () => {
    if (kind === 'postgres') place = await createTestDatabase()
  })
  afterAll(async () => {
    rmSync(join(directory, '0001_a.sql'))
    if (kind === 'postgres') await place.drop()
  })
  const open = () => {
    const where = kind === 'embedded' ? { directory: 'memory://own' } : { url: place.migrationUrl }
    const db = database({ schema: {}, ...where })
    opened.push(db)
    return db
  }

  test('the framework’s tables come with the project’s migrations, once, however many processes apply them', async () => {
    const all = [open(), open(), open(), open()]
    expect((await Promise.all(all.map((db) => applyMigrations(db, directory)))).flat()).toEqual([])
    expect((await applied(all[0]!)).flat()).toEqual(OWN_MIGRATIONS.map(({ name }) => name).toSorted())
    expect(await applyMigrations(all[0]!, directory)).toEqual([])
  })

  test('and stand in nobody’s way: what is told of the project’s own migrations is the same', async () => {
    const db = open()
    writeFileSync(join(directory, '0001_a.sql'), `create table if not exists t_${kind} (n int);`)
    expect(await pendingMigrations(db, directory)).toEqual(['0001_a'])
    expect(await applyMigrations(db, directory)).toEqual(['0001_a'])
    expect(await rows(db, 'select name from postern.migrations')).toEqual([['0001_a']])
    expect(await migrationStates(db, directory)).toMatchObject({ upToDate: true, migrations: [{ name: '0001_a' }] })
  })

  test('each is locked: row-level security forced, and nobody but the service has a right to it', async () => {
    const db = open()
    await applyMigrations(db, directory)
    const tables = `select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relacl, c.relowner
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'postern' and c.relkind = 'r' and c.relname not in ('migrations', 'own_migrations')`
    const locked = await rows(
      db,
      `select count(*), bool_and(relrowsecurity and relforcerowsecurity) from (${tables}) t`,
    )
    expect(Number(locked[0]![0])).toBeGreaterThanOrEqual(1)
    expect(locked[0]![1]).toBe('t')
    const grants = await rows(
      db,
      `select distinct pg_get_userbyid(a.grantee), a.privilege_type from (${tables}) t, aclexplode(t.relacl) a
         where a.grantee <> t.relowner order by 2`,
    )
    expect(grants).toEqual(['DELETE', 'INSERT', 'SELECT', 'UPDATE'].map((right) => ['service_role', right]))
    const rights = "has_table_privilege(r, 'postern.own_migrations', 'insert, update, delete, select, truncate')"
    expect(await rows(db, `select r, ${rights} from unnest(array['anon', 'authenticated', 'service_role']) r`)).toEqual(
      ['anon', 'authenticated', 'service_role'].map((role) => [role, 'f']),
    )
    const moments = await rows(
      db,
      `select distinct format_type(a.atttypid, a.atttypmod) from (${tables}) t join pg_attribute a on a.attrelid = t.oid
         where a.attnum > 0 and a.atttypid in ('timestamptz'::regtype, 'timestamp'::regtype)`,
    )
    expect(moments).toEqual([['timestamp(3) with time zone']])
  })
})

test('a step that fails leaves nothing of itself, and those before it stay', async () => {
  place = await createTestDatabase()
  const db = database({ schema: {}, url: place.migrationUrl })
  opened.push(db)
  await execute(place.migrationUrl, 'create schema postern; create table postern.idempotent_replies (n int)')
  await expect(applyMigrations(db, directory)).rejects.toThrow('"idempotent_replies" already exists')
  expect(await rows(db, "select to_regclass('postern.own_migrations')")).toEqual([[null]])
  await execute(place.migrationUrl, 'drop table postern.idempotent_replies')
  await applyMigrations(db, directory)
  expect((await applied(db)).flat()).toContain('idempotent-replies')
  await db.close()
  await place.drop()
})

test('a database without the three roles gets none, and its own migrations all the same', async () => {
  const calls: string[] = []
  const connection = {
    batch: async (statements: readonly { readonly text: string }[]) => {
      calls.push(...statements.map(({ text }) => text))
      return statements.map(() => ({ command: 'SELECT', rowCount: 1, fields: [], rows: [['f', 'f']] }))
    },
  }
  await applyMigrations({ asOwner: (work) => work(connection) }, directory)
  expect(calls.join('\n')).not.toMatch(/create|begin/)
})
