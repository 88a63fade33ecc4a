import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  foreignKey,
  index,
  pgEnum,
  pgPolicy,
  pgRole,
  pgTable,
  text,
  unique,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { applyMigrations, type Database, database, ROLES_SQL } from 'postern/database'
import { id, money, references, table, text as textColumn, user } from 'postern/schema'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, execute, type TestDatabase } from '../../../../test/support/postgres.js'
import { isSettled, newMigration } from './new-migration.js'

let directory: string
let where: TestDatabase
let db: Database<Record<string, never>>
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'postern-renames-'))
  where = await createTestDatabase()
  db = database({ schema: {}, url: where.url, migrationUrl: where.migrationUrl })
})
afterEach(async () => {
  await db.close()
  await where.drop()
  rmSync(directory, { recursive: true })
})

interface Said {
  readonly renames?: readonly string[]
  readonly drops?: readonly string[]
}
const write = (schema: Record<string, unknown>, { renames = [], drops = [] }: Said = {}) =>
  newMigration(directory, schema, {
    name: undefined,
    empty: false,
    data: false,
    answers: { renames, drops },
    rolesSql: ROLES_SQL,
  })
/** Writes the migration, applies it as an owner that is no superuser, and answers its text. */
async function migrate(schema: Record<string, unknown>, said?: Said): Promise<string> {
  const file = await write(schema, said)
  await applyMigrations(db, directory)
  expect(await isSettled(directory, schema)).toBe(true)
  return readFileSync(join(directory, file ?? ''), 'utf8')
}
const rows = (query: string) => execute(where.adminUrl, query)

const customers = table('customers', { id: id(), name: textColumn().notNull() }, { owner: user() })
const invoices = table(
  'invoices',
  { id: id(), customerId: references(customers), total: money().notNull() },
  { owner: user() },
)
const SEED = `insert into customers (name, owner_id) values ('Ada', 'alice'), ('Bob', 'bob');
  insert into invoices (customer_id, total, owner_id) select id, 10, owner_id from customers`

const plain = (name: string) =>
  pgTable(name, { id: text().primaryKey(), n: text() }, (t) => [
    check(`${name}_n`, sql`n <> ''`),
    index(`${name}_idx`).on(t.n),
  ])

describe('a table that is renamed', () => {
  const clients = table('clients', { id: id(), name: textColumn().notNull() }, { owner: user() })
  const billed = table(
    'invoices',
    { id: id(), customerId: references(clients), total: money().notNull() },
    { owner: user() },
  )

  test('keeps rows and owners, and everything that was named after it has the name that a new table would have', async () => {
    await migrate({ customers, invoices })
    await rows(SEED)
    const made = await migrate({ clients, billed }, { renames: ['customers:clients'] })
    expect(made).not.toMatch(/DROP|CREATE (?:TABLE|INDEX|POLICY)|ADD CONSTRAINT|GRANT|REVOKE/)
    expect(await rows('select name, owner_id from clients order by 1')).toEqual([
      { name: 'Ada', owner_id: 'alice' },
      { name: 'Bob', owner_id: 'bob' },
    ])
    // The names of NOT NULL, which PostgreSQL 18 has, stay: nothing speaks of them.
    const names = `select polname n from pg_policy union all select conname from pg_constraint where contype <> 'n' and connamespace = 'public'::regnamespace
      union all select relname from pg_class where relnamespace = 'public'::regnamespace order by 1`
    const named = await rows(names)
    expect(named.filter(({ n }) => String(n).startsWith('customers'))).toEqual([])
    const fresh = await createTestDatabase()
    const other = database({ schema: {}, url: fresh.url, migrationUrl: fresh.migrationUrl })
    const anew = mkdtempSync(join(tmpdir(), 'postern-renames-'))
    await newMigration(
      anew,
      { clients, billed },
      { name: undefined, empty: false, data: false, answers: { renames: [], drops: [] }, rolesSql: ROLES_SQL },
    )
    await applyMigrations(other, anew)
    expect(await rows(names)).toEqual(await execute(fresh.adminUrl, names))
    await other.close()
    await fresh.drop()
    rmSync(anew, { recursive: true })
  })

  test('a plain one keeps the policy of the service, its checks and its grants', async () => {
    await migrate({ session: plain('session') })
    const made = await migrate({ visit: plain('visit') }, { renames: ['session:visit'] })
    expect(made).not.toMatch(/DROP|CREATE/)
    expect(await rows("select polname from pg_policy where polrelid = 'visit'::regclass")).toEqual([
      { polname: 'visit_service' },
    ])
    await db.asOwner((owner) =>
      owner.batch(
        ['set local role service_role', "insert into visit values ('a', 'b')"].map((line) => ({
          text: line,
          values: [],
        })),
      ),
    )
  })

  test('with a column of it, said by either name', async () => {
    const titled = table('clients', { id: id(), title: textColumn().notNull() }, { owner: user() })
    for (const said of ['customers.name:title', 'clients.name:title']) {
      await migrate({ customers })
      await rows("insert into customers (name, owner_id) values ('Ada', 'alice')")
      await migrate({ titled }, { renames: ['customers:clients', said] })
      expect(await rows('select title from clients')).toEqual([{ title: 'Ada' }])
      await rows('drop schema postern cascade; drop table clients')
      rmSync(directory, { recursive: true })
    }
    await write({ customers })
  })

  test.each([['customers:people'], ['nobody:clients'], ['customers:customers'], ['customers'], ['a:b:c']])(
    '--rename %s fits nothing, and nothing is written',
    async (answer) => {
      await write({ customers })
      await expect(write({ clients }, { renames: [answer] })).rejects.toMatchObject({
        message: `--rename ${answer} fits nothing that changed`,
        hint: expect.stringContaining('--rename old:new for a table'),
      })
      expect(readdirSync(directory).sort()).toEqual(['0001_init.sql', 'meta'])
    },
  )
})

const tree = (key: () => ReturnType<typeof text> | ReturnType<typeof uuid>) => {
  const parent = pgTable('parent', { id: key().primaryKey() })
  const child = pgTable('child', { id: text().primaryKey(), parentId: key() }, (t) => [
    foreignKey({ name: 'child_parent', columns: [t.parentId!], foreignColumns: [parent.id!] }),
  ])
  return { parent, child }
}

const moods = (values: [string, ...string[]]) => {
  const mood = pgEnum('mood', values)
  const days = pgTable('days', { id: text().primaryKey(), mood: mood().notNull().default('good') }, () => [
    pgPolicy('see', { for: 'select', to: anon, using: sql`mood = 'good'` }),
  ])
  return { mood, days }
}

const anon = pgRole('anon').existing()

const noted = (column: ReturnType<typeof text> | ReturnType<typeof uuid> | ReturnType<typeof bigint>, other = 'n') =>
  pgTable('notes', { id: text().primaryKey(), [other]: column }, () => [
    pgPolicy('see', { for: 'select', to: anon, using: sql.raw(`"${other}"::text = '7'`) }),
  ])

describe('a column whose type changes', () => {
  const spy = pgTable('spies', { id: text() }, () => [
    pgPolicy('look', { to: anon, using: sql`exists (select 1 from notes where n::text = '7')` }),
  ])

  test('its policies go, and come again in the same migration, here and where another table reads it', async () => {
    await migrate({ notes: noted(text('n').notNull().default('7')), spy })
    await rows("insert into notes (id) values ('a')")
    const made = await migrate({ notes: noted(bigint('n', { mode: 'number' }).notNull().default(8)), spy })
    expect(made.match(/DROP POLICY "(?:see|look)"/g)).toHaveLength(2)
    expect(made.match(/CREATE POLICY "(?:see|look)"/g)).toHaveLength(2)
    await rows("insert into notes (id) values ('b')")
    expect(await rows('select id, n from notes order by 1')).toEqual([
      { id: 'a', n: '7' },
      { id: 'b', n: '8' },
    ])
    expect(
      await rows(
        "select relrowsecurity and relforcerowsecurity safe from pg_class where relname in ('notes', 'spies')",
      ),
    ).toEqual([{ safe: true }, { safe: true }])
  })

  test('and its name with it', async () => {
    await migrate({ notes: noted(text('n').notNull()) })
    await rows("insert into notes values ('a', '7')")
    await migrate({ notes: noted(bigint('rank', { mode: 'number' }).notNull(), 'rank') }, { renames: ['notes.n:rank'] })
    expect(await rows('select rank from notes')).toEqual([{ rank: '7' }])
    expect(await rows("select pg_get_expr(polqual, polrelid) e from pg_policy where polname = 'see'")).toEqual([
      { e: "((rank)::text = '7'::text)" },
    ])
  })

  test('at both ends of a foreign key', async () => {
    await migrate(tree(() => text()))
    const key = '6b1f1ae0-0000-4000-8000-000000000000'
    await rows(`insert into parent values ('${key}'); insert into child values ('c', '${key}')`)
    await migrate(tree(() => uuid()))
    expect(await rows('select "parentId" p from child')).toEqual([{ p: key }])
    await expect(rows("insert into child values ('d', gen_random_uuid())")).rejects.toThrow('child_parent')
  })

  test('an enum that loses a value, under a policy and with a default', async () => {
    await migrate(moods(['good', 'bad', 'odd']))
    await rows("insert into days values ('a')")
    await migrate(moods(['good', 'bad']))
    await rows("insert into days values ('b')")
    expect(await rows('select mood from days')).toEqual([{ mood: 'good' }, { mood: 'good' }])
    await expect(rows("insert into days values ('c', 'odd')")).rejects.toThrow('invalid input value for enum')
  })

  test('a value that does not fit is told with its line, and nothing changes', async () => {
    const notes = noted(text('n').notNull())
    await migrate({ notes })
    await rows("insert into notes values ('a', 'seven')")
    await write({ notes: noted(bigint('n', { mode: 'number' }).notNull()) })
    await expect(applyMigrations(db, directory)).rejects.toThrow(
      /^migrations\/0002_change\.sql:\d+ failed: invalid input syntax for type bigint: "seven"/,
    )
    expect(await rows('select n from notes')).toEqual([{ n: 'seven' }])
    expect(await rows("select polname from pg_policy where polname = 'see'")).toHaveLength(1)
  })
})

describe('what goes with its data', () => {
  const notes = pgTable('notes', { id: text().primaryKey(), a: varchar({ length: 3 }), b: text() }, (t) => [
    unique('u').on(t.a),
  ])
  const less = pgTable('notes', { id: text().primaryKey(), b: text() })

  test.each([
    [
      'a column',
      { less },
      'In notes the column a is gone, with every value in it',
      'Say --drop notes.a if they shall go',
    ],
    ['a table', {}, 'The table notes is gone, with all its rows', 'Say --drop notes if they shall go'],
  ])('%s is asked for by name', async (_what, schema, message, hint) => {
    await write({ notes })
    await expect(write(schema)).rejects.toMatchObject({ message, hint })
    expect(readdirSync(directory).sort()).toEqual(['0001_init.sql', 'meta'])
  })

  test('and the file says so where it happens', async () => {
    await migrate({ notes })
    expect(await migrate({ less }, { drops: ['notes.a'] })).toContain(
      '-- The column notes.a goes, with every value in it.\nALTER TABLE "notes" DROP COLUMN "a"',
    )
    expect(await migrate({}, { drops: ['notes'] })).toContain(
      '-- The table notes goes, with all its rows.\nDROP TABLE "notes"',
    )
  })

  test.each([['notes.b'], ['nothing'], ['notes']])('--drop %s, which is there, is refused', async (drop) => {
    await write({ notes })
    await expect(write({ less }, { drops: ['notes.a', drop] })).rejects.toThrow(
      `--drop ${drop} fits nothing that is gone`,
    )
  })
})
