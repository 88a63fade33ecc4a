import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../../test/support/postgres-server.js'
import { type Database, database } from './database.js'
import { applyMigrations, pendingMigrations } from './migrations.js'
import { ROLES_SQL } from './roles.js'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

const opened: Database<Record<string, never>>[] = []
const directories: string[] = []
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close()
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true })
})

let count = 0
// The embedded database takes seconds to make: one is kept open and emptied for each test.
const kept = database({ schema: {}, directory: 'memory://migrations' })
afterAll(() => kept.close())
const places = {
  embedded: async () => {
    await kept.asOwner((connection) => connection.script(EMPTY))
    return { directory: 'memory://migrations' }
  },
  postgres: async () => {
    const name = `migrations_${(count += 1)}`
    const admin = database({ schema: {}, url: server.adminUrl })
    await admin.asOwner((connection) => connection.batch([{ text: `create database ${name}`, values: [] }]))
    await admin.close()
    return { url: server.adminUrl.replace(/postgres$/, name) }
  },
}

describe.each(Object.entries(places))('on %s', (_driver, place) => {
  const open = (where: Awaited<ReturnType<typeof place>>) => {
    const db = database({ schema: {}, ...where })
    opened.push(db)
    return db
  }

  test('each file is applied once, in the order of its number, and its name and checksum are kept', async () => {
    const db = open(await place())
    const files = directoryOf({ '0002_b.sql': 'insert into t values (2);', '0001_a.sql': 'create table t (n int);' })
    expect(await pendingMigrations(db, files)).toEqual(['0001_a', '0002_b'])
    const told: string[] = []
    expect(await applyMigrations(db, files, { onApplied: (name) => told.push(name) })).toEqual(['0001_a', '0002_b'])
    expect(told).toEqual(['0001_a', '0002_b'])
    expect(await applyMigrations(db, files)).toEqual([])
    expect(await pendingMigrations(db, files)).toEqual([])
    expect(await rows(db, 'select n from t')).toEqual([['2']])
    expect(await rows(db, 'select name, length(checksum), applied_at is not null from postern.migrations')).toEqual([
      ['0001_a', '64', 't'],
      ['0002_b', '64', 't'],
    ])
  })

  test('one that fails leaves nothing, names its file and line, and those before it stay', async () => {
    const db = open(await place())
    const files = directoryOf({
      '0001_a.sql': 'create table t (n int);',
      '0002_b.sql': 'create table u (n int);\n\ninsert into t values (1);\ninsert\n  into nowhere values (1);\n',
    })
    const failure = await applyMigrations(db, files).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      message: 'migrations/0002_b.sql:5 failed: relation "nowhere" does not exist (in: insert into nowhere values (1))',
      hint: expect.stringContaining('Nothing of this migration was applied'),
    })
    expect(await rows(db, "select to_regclass('u'), (select count(*) from t)")).toEqual([[null, '0']])
    expect(await pendingMigrations(db, files)).toEqual(['0002_b'])
  })

  test('a file that was changed after it was applied is refused, and nothing runs', async () => {
    const db = open(await place())
    const files = directoryOf({ '0001_a.sql': 'create table t (n int);' })
    await applyMigrations(db, files)
    write(files, { '0001_a.sql': 'create table t (n bigint);', '0002_b.sql': 'insert into t values (1);' })
    const refusal = { message: 'migrations/0001_a.sql was changed after it was applied', hint: expect.any(String) }
    await expect(applyMigrations(db, files)).rejects.toMatchObject(refusal)
    await expect(pendingMigrations(db, files)).rejects.toMatchObject(refusal)
    expect(await rows(db, 'select count(*) from t')).toEqual([['0']])
  })

  test('other line ends, as git may write them, are no change', async () => {
    const db = open(await place())
    const files = directoryOf({ '0001_a.sql': 'create table t (\n n int\n);\n' })
    await applyMigrations(db, files)
    write(files, { '0001_a.sql': readFileSync(join(files, '0001_a.sql'), 'utf8').replaceAll('\n', '\r\n') })
    expect(await applyMigrations(db, files)).toEqual([])
  })

  test('a file that is gone after it was applied is missed', async () => {
    const db = open(await place())
    const files = directoryOf({ '0001_a.sql': 'create table t (n int);' })
    await applyMigrations(db, files)
    rmSync(join(files, '0001_a.sql'))
    await expect(applyMigrations(db, files)).rejects.toThrow('0001_a, but migrations/0001_a.sql is not there')
  })

  test('a migration that comes before an applied one is refused', async () => {
    const db = open(await place())
    const files = directoryOf({ '0002_b.sql': 'create table t (n int);' })
    await applyMigrations(db, files)
    write(files, { '0001_a.sql': 'insert into t values (1);' })
    await expect(applyMigrations(db, files)).rejects.toThrow('0001_a.sql comes before 0002_b')
    expect(await rows(db, 'select count(*) from t')).toEqual([['0']])
  })

  test('a statement that ends the transaction is refused before anything runs', async () => {
    const db = open(await place())
    const files = directoryOf({ '0001_a.sql': 'create table t (n int);\ncommit;\ninsert into nowhere values (1);' })
    await expect(applyMigrations(db, files)).rejects.toThrow('migrations/0001_a.sql:2 begins or ends a transaction')
    expect(await rows(db, "select to_regclass('t')")).toEqual([[null]])
  })

  test('under FORCE a data statement reaches rows as the service, and none without', async () => {
    const db = open(await place())
    const files = directoryOf({ '0001_a.sql': FORCED })
    await applyMigrations(db, files)
    // A table's owner that is no superuser, as in production: FORCE holds for it, and not for the tests' superuser.
    write(files, { '0002_bare.sql': 'set local role plain_owner; update t set n = n + 1; reset role;' })
    await applyMigrations(db, files)
    expect(await rows(db, 'select n from t')).toEqual([['1']])
    write(files, { '0003_data.sql': 'set local role service_role;\nupdate t set n = n + 1;\nreset role;' })
    await applyMigrations(db, files)
    expect(await rows(db, 'select n from t')).toEqual([['2']])
  })

  test('one that forgets to reset its role is recorded all the same, and the next runs as the owner', async () => {
    const db = open(await place())
    const files = directoryOf({
      '0001_a.sql': ROLES_SQL,
      '0002_b.sql': 'set local role service_role;',
      '0003_c.sql': 'create table t (n int);',
    })
    expect(await applyMigrations(db, files)).toHaveLength(3)
  })

  test.each([1, 2, 3, 4, 5])('processes that start together apply each migration once (%i of 5)', async () => {
    const where = await place()
    const files = directoryOf(
      Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`000${n + 1}_step.sql`, `create table t${n} (n int);`])),
    )
    const all = await Promise.all(Array.from({ length: 4 }, () => applyMigrations(open(where), files)))
    expect(all.flat().sort()).toEqual(['0001_step', '0002_step', '0003_step', '0004_step', '0005_step'])
  })
})

test.each([
  [{ 'init.sql': '' }, 'init.sql is not called like a migration'],
  [{ '0001_a.sql': '', '0001_b.sql': '' }, '0001_a.sql and migrations/0001_b.sql have the same number'],
])('file names that give no order are refused: %j', async (files, sentence) => {
  const nothing = { asOwner: () => Promise.reject(new Error('The database was used')) }
  await expect(applyMigrations(nothing, directoryOf(files))).rejects.toThrow(sentence)
})

test('a project without a directory of migrations has none', async () => {
  await places.embedded()
  expect(await applyMigrations(kept, '/nowhere/at/all')).toEqual([])
})

const EMPTY =
  'drop schema if exists postern cascade; drop schema public cascade; create schema public; grant usage on schema public to public'

const FORCED = `${ROLES_SQL}
do $$ begin
  if not exists (select from pg_roles where rolname = 'plain_owner') then create role plain_owner; end if;
end $$;
create table t (n int);
insert into t values (1);
alter table t enable row level security;
alter table t force row level security;
create policy t_service on t to service_role using (true) with check (true);
grant all on t to service_role;
alter table t owner to plain_owner;`

function directoryOf(files: Record<string, string>): string {
  const made = mkdtempSync(join(tmpdir(), 'postern-migrations-'))
  directories.push(made)
  write(made, files)
  return made
}

function write(into: string, files: Record<string, string>): void {
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(into, name), sql)
}

async function rows(db: Database<Record<string, never>>, text: string) {
  const [result] = await db.asOwner((connection) => connection.batch([{ text, values: [] }]))
  return result?.rows
}
