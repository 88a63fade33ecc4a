import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, execute, type TestDatabase } from '../../../../test/support/postgres.js'
import { type Database, database } from './database.js'
import { applyMigrations, pendingMigrations } from './migrations.js'

const MARK = '-- postern: no transaction\n'
const INDEX = `${MARK}create index concurrently t_n on t (n);`
const UNIQUE = `${MARK}create unique index concurrently t_n on t (n);`

let files: string
const opened: Database<Record<string, never>>[] = []
let where: TestDatabase
beforeAll(async () => void (where = await createTestDatabase()))
afterAll(() => where.drop())
beforeEach(async () => {
  files = mkdtempSync(join(tmpdir(), 'postern-without-'))
  write('0001_a.sql', 'create table t (n int); insert into t values (1), (1);')
  await execute(
    where.adminUrl,
    'drop schema if exists postern cascade; drop table if exists t, u, v; grant all on schema public to public',
  )
})
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close()
  rmSync(files, { recursive: true })
})

const open = () => {
  const db = database({ schema: {}, url: where.adminUrl })
  opened.push(db)
  return db
}
const write = (file: string, sql: string) => writeFileSync(join(files, file), sql)
const valid = () => execute(where.adminUrl, "select indisvalid from pg_index where indexrelid = to_regclass('t_n')")

test('an index that is built while others write stands in a file of its own, and is recorded like any other', async () => {
  write('0002_b.sql', INDEX)
  expect(await applyMigrations(open(), files)).toEqual(['0001_a', '0002_b'])
  expect(await valid()).toEqual([{ indisvalid: true }])
  expect(await applyMigrations(open(), files)).toEqual([])
})

test('the embedded database builds it too', async () => {
  const db = database({ schema: {}, directory: 'memory://' })
  opened.push(db)
  write('0002_b.sql', INDEX)
  expect(await applyMigrations(db, files)).toEqual(['0001_a', '0002_b'])
})

test('processes that start together wait for it without waiting for each other, and build it once', async () => {
  write('0002_b.sql', INDEX)
  write('0003_c.sql', `${MARK}create index concurrently t_m on t (n);`)
  write('0004_d.sql', 'create table u (n int);')
  const all = await Promise.all(Array.from({ length: 6 }, () => applyMigrations(open(), files)))
  expect(all.flat().sort()).toEqual(['0001_a', '0002_b', '0003_c', '0004_d'])
})

test('without the mark it is refused, with the line and with the mark to write', async () => {
  write('0002_b.sql', '\ncreate index concurrently t_n on t (n);')
  await expect(applyMigrations(open(), files)).rejects.toMatchObject({
    message: expect.stringMatching(
      /^migrations\/0002_b\.sql:2 failed: CREATE INDEX CONCURRENTLY cannot .* \(in: create/,
    ),
    hint: 'Put it alone into a migration whose first line is: -- postern: no transaction',
  })
  expect(await valid()).toEqual([])
})

test.each([
  [`${MARK}create table u (n int);\ncreate table v (n int);`, 'holds 2 statements'],
  [MARK, 'holds no statement'],
])('a file with the mark and not one statement is refused, and nothing runs: %j', async (sql, sentence) => {
  await applyMigrations(open(), files)
  write('0002_b.sql', sql)
  await expect(applyMigrations(open(), files)).rejects.toThrow(
    `0002_b.sql says "-- postern: no transaction" and ${sentence}`,
  )
  expect(await execute(where.adminUrl, "select to_regclass('u') u, to_regclass('v') v")).toEqual([{ u: null, v: null }])
})

test('one that fails is not recorded, and names what it left behind', async () => {
  write('0002_b.sql', UNIQUE)
  await expect(applyMigrations(open(), files)).rejects.toMatchObject({
    message: expect.stringContaining('0002_b.sql:2 failed: could not create unique index "t_n"'),
    hint: expect.stringContaining('It left the index t_n invalid: say drop index concurrently t_n'),
  })
  expect(await valid()).toEqual([{ indisvalid: false }])
  expect(await pendingMigrations(open(), files)).toEqual(['0002_b'])
  await execute(where.adminUrl, 'drop index concurrently t_n')
  await execute(where.adminUrl, 'delete from t where ctid = (select min(ctid) from t)')
  expect(await applyMigrations(open(), files)).toEqual(['0002_b'])
  expect(await valid()).toEqual([{ indisvalid: true }])
})

test('IF NOT EXISTS does not take an index for built that an earlier attempt left invalid', async () => {
  write('0002_b.sql', UNIQUE)
  await applyMigrations(open(), files).catch(() => undefined)
  write('0002_b.sql', UNIQUE.replace('concurrently', 'concurrently if not exists'))
  await expect(applyMigrations(open(), files)).rejects.toThrow('the index is invalid')
  expect(await pendingMigrations(open(), files)).toEqual(['0002_b'])
})
