import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { bigserial, foreignKey, pgEnum, pgPolicy, pgRole, pgTable, text, unique } from 'drizzle-orm/pg-core'
import { applyMigrations, type Database, database, ROLES_SQL } from 'postern/database'
import { id, money, references, table, text as textColumn, user, version } from 'postern/schema'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type NewMigration, isSettled, newMigration } from './new-migration.js'
import type { Snapshot } from './snapshot.js'

const customers = table('customers', { id: id(), name: textColumn().notNull() }, { owner: user() })
const invoices = table('invoices', { id: id(), customerId: references(customers) }, { owner: user() })
const rates = table('rates', { id: id() }, { unowned: { reason: 'public prices', read: 'anyone' } })
const session = pgTable('session', { id: text().primaryKey(), token: text() })
const FIRST = { customers, invoices, rates, session }

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'postern-new-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const write = (schema: Record<string, unknown>, request: Partial<NewMigration> = {}) =>
  newMigration(directory, schema, {
    name: undefined,
    empty: false,
    data: false,
    answers: { renames: [], drops: [] },
    rolesSql: ROLES_SQL,
    ...request,
  })
const read = (file: string | null) => readFileSync(join(directory, file ?? ''), 'utf8')

describe('what the files say', () => {
  test('numbers follow each other, an unchanged schema writes nothing, and the same schema writes the same file', async () => {
    expect(await write(FIRST)).toBe('0001_init.sql')
    const [first, snapshot] = [read('0001_init.sql'), read('meta/0001_snapshot.json')]
    expect(await write(FIRST)).toBeNull()
    expect(await isSettled(directory, FIRST)).toBe(true)
    const { session: _gone, ...less } = FIRST
    expect(await isSettled(directory, less)).toBe(false)
    expect(await write(less, { name: 'No Sessions!', answers: { renames: [], drops: ['session'] } })).toBe(
      '0002_no_sessions.sql',
    )
    expect(readdirSync(directory).sort()).toEqual(['0001_init.sql', '0002_no_sessions.sql', 'meta'])
    rmSync(directory, { recursive: true })
    await write(FIRST)
    expect([read('0001_init.sql'), read('meta/0001_snapshot.json')]).toEqual([first, snapshot])
  })

  test('a UNIQUE that is new comes before the foreign key that needs it', async () => {
    const parent = pgTable('parent', { owner: text().notNull(), id: text().primaryKey() })
    const child = pgTable('child', { owner: text().notNull(), parentId: text('parent_id').notNull() })
    await write({ parent, child })
    const keyed = pgTable('parent', { owner: text().notNull(), id: text().primaryKey() }, (t) => [
      unique().on(t.owner, t.id),
    ])
    const bound = pgTable('child', { owner: text().notNull(), parentId: text('parent_id').notNull() }, (t) => [
      foreignKey({ columns: [t.owner, t.parentId], foreignColumns: [keyed.owner, keyed.id] }),
    ])
    const made = read(await write({ parent: keyed, child: bound }))
    expect(made.indexOf('UNIQUE')).toBeGreaterThan(-1)
    expect(made.indexOf('UNIQUE')).toBeLessThan(made.indexOf('FOREIGN KEY'))
  })

  test('a role may do exactly what a policy allows it', async () => {
    const anon = pgRole('anon').existing()
    const policies = [
      pgPolicy('see', { for: 'select', to: anon, using: sql`true` }),
      pgPolicy('add', { for: 'insert', to: [anon, 'authenticated'], withCheck: sql`true` }),
      pgPolicy('never', { as: 'restrictive', for: 'delete', to: anon, using: sql`false` }),
    ]
    const notes = pgTable('notes', { id: bigserial({ mode: 'bigint' }).primaryKey() }, () => policies)
    const made = read(await write({ notes }))
    expect(made).toContain('GRANT SELECT, INSERT ON "notes" TO "anon";')
    expect(made).toContain('GRANT INSERT ON "notes" TO "authenticated";')
    expect(made).toContain('GRANT USAGE ON SEQUENCE "notes_id_seq" TO "anon";')
    const fewer = pgTable('notes', { id: bigserial({ mode: 'bigint' }).primaryKey() }, () => policies.slice(0, 1))
    const second = read(await write({ notes: fewer }))
    expect(second).toContain('REVOKE ALL ON "notes" FROM PUBLIC, "anon", "authenticated", "service_role";')
    expect(second).toContain('GRANT SELECT ON "notes" TO "anon";')
    expect(second).not.toContain('"authenticated";\n\nGRANT INSERT')
    expect(second).not.toContain('GRANT INSERT')
  })

  test('a table whose last policy goes stays locked', async () => {
    const open = pgTable('t', { id: text() }, () => [
      pgPolicy('p', { to: pgRole('anon').existing(), using: sql`true` }),
    ])
    await write({ t: open })
    expect(read(await write({ t: pgTable('t', { id: text() }) }))).not.toMatch(/(DISABLE|NO FORCE)/)
  })
})

describe('what may have been renamed', () => {
  const renamed = table('customers', { id: id(), title: textColumn().notNull() }, { owner: user() })
  const clients = pgTable('clients', { id: text().primaryKey() })

  test.each([
    [
      'a column',
      { ...FIRST, customers: renamed },
      /column name is gone and title is new/,
      /--rename customers\.name:title, or --drop customers\.name/,
    ],
    [
      'a table',
      { customers, invoices, rates, clients },
      /table session is gone and clients is new/,
      /--rename session:clients, or --drop session/,
    ],
  ])(
    '%s is asked about by an error, without a word at the terminal, and nothing is written',
    async (_what, schema, sentence, hint) => {
      await write(FIRST)
      await expect(write(schema)).rejects.toMatchObject({
        message: expect.stringMatching(sentence),
        hint: expect.stringMatching(hint),
      })
      expect(readdirSync(directory).sort()).toEqual(['0001_init.sql', 'meta'])
      expect(readdirSync(join(directory, 'meta'))).toEqual(['0001_snapshot.json'])
    },
  )

  test('a rename that fits nothing is refused', async () => {
    await write(FIRST)
    const answers = { renames: ['customers.nme:title'], drops: [] }
    await expect(write({ ...FIRST, customers: renamed }, { answers })).rejects.toThrow('fits nothing that changed')
  })

  test('by hand, the file takes the schema for settled and says so', async () => {
    await write(FIRST)
    const file = await write({ customers, invoices, rates, clients }, { empty: true, name: 'clients' })
    expect(read(file)).toContain('the SQL here must lead to it')
    expect(await isSettled(directory, { customers, invoices, rates, clients })).toBe(true)
  })

  test('a data migration on an unsettled schema is refused', async () => {
    await write(FIRST)
    await expect(write({ customers }, { data: true, empty: true })).rejects.toThrow('changes that no migration holds')
  })
})

test('a name that is used twice is one sentence, and the process lives', async () => {
  const twice = pgTable('t', { id: text() }, (t) => [unique('same').on(t.id), unique('same').on(t.id)])
  const outcome = await write({ twice }).catch((error: unknown) => error)
  expect(outcome).toMatchObject({ message: expect.stringMatching(/same/), hint: expect.any(String) })
})

const kept = database({ schema: {}, directory: 'memory://' })

describe('on a database', () => {
  afterAll(() => kept.close())
  beforeEach(() =>
    kept.asOwner((connection) =>
      connection.script(`drop schema if exists postern cascade; drop schema public cascade; create schema public;
        grant usage on schema public to public`),
    ),
  )

  test('every table is forced behind row-level security, and nobody has more than the four commands', async () => {
    await write({ ...FIRST, mood: pgEnum('mood', ['good', 'bad']) })
    await applyMigrations(kept, directory)
    expect(
      await rows(
        kept,
        `select relname, relrowsecurity and relforcerowsecurity from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
      ),
    ).toEqual([
      ['customers', 't'],
      ['invoices', 't'],
      ['rates', 't'],
      ['session', 't'],
    ])
    expect(
      await rows(
        kept,
        `select grantee, table_name, string_agg(privilege_type, ',' order by privilege_type)
        from information_schema.role_table_grants where table_schema = 'public'
        and grantee in ('PUBLIC', 'anon', 'authenticated') group by 1, 2 order by 1, 2`,
      ),
    ).toEqual([
      ['anon', 'rates', 'SELECT'],
      ['authenticated', 'customers', 'DELETE,INSERT,SELECT,UPDATE'],
      ['authenticated', 'invoices', 'DELETE,INSERT,SELECT,UPDATE'],
      ['authenticated', 'rates', 'SELECT'],
    ])
    expect(
      await rows(
        kept,
        `select tablename from pg_policies where schemaname = 'public' and 'service_role' = any(roles) order by 1`,
      ),
    ).toEqual([['customers'], ['invoices'], ['rates'], ['session']])
  })

  test('a rename keeps the values, and everything that named the column follows', async () => {
    await write(FIRST)
    await applyMigrations(kept, directory)
    await rows(kept, "insert into customers (name, owner_id) values ('Ada', 'a')")
    const renamed = table('customers', { id: id(), title: textColumn().notNull() }, { owner: user() })
    const after = {
      ...FIRST,
      customers: renamed,
      invoices: table('invoices', { id: id(), customerId: references(renamed) }, { owner: user() }),
    }
    await write(after, { answers: { renames: ['customers.name:title'], drops: [] } })
    await applyMigrations(kept, directory)
    expect(await rows(kept, 'select title from customers')).toEqual([['Ada']])
    expect(await isSettled(directory, after)).toBe(true)
  })

  test('a column that is dropped on purpose goes, with the policy that read it', async () => {
    const before = pgTable('t', { a: text(), b: text() }, (t) => [
      pgPolicy('p', { to: pgRole('anon').existing(), using: sql`${t.b} = 'x'` }),
    ])
    const after = pgTable('t', { a: text(), c: text() }, (t) => [
      pgPolicy('p', { to: pgRole('anon').existing(), using: sql`${t.c} = 'x'` }),
    ])
    await write({ before })
    await write({ after }, { answers: { renames: [], drops: ['t.b'] } })
    await applyMigrations(kept, directory)
    expect(
      await rows(kept, `select column_name from information_schema.columns where table_name = 't' order by 1`),
    ).toEqual([['a'], ['c']])
  })

  test('a version rises by a trigger where a foreign key changes the row, also in a database from before, and through renames', async () => {
    const triggers = () =>
      rows(kept, 'select tgname, tgrelid::regclass from pg_trigger where not tgisinternal order by 1')
    await write(tables('set null'))
    withoutOwnChecks()
    await applyMigrations(kept, directory)
    expect([await triggers(), await versionOfEmptied('notes', 'version')]).toEqual([[], [[null, '1']]])

    await write(tables('set null'))
    await applyMigrations(kept, directory)
    expect(await triggers()).toEqual([['notes_version_rises', 'notes']])
    expect(await versionOfEmptied('notes', 'version')).toEqual([[null, '2']])

    await write(tables('set null', 'memos'), { answers: { renames: ['notes:memos'], drops: [] } })
    await write(tables('set null', 'memos', 'revision'), {
      answers: { renames: ['memos.version:revision'], drops: [] },
    })
    await applyMigrations(kept, directory)
    expect(await triggers()).toEqual([['memos_revision_rises', 'memos']])
    expect(await versionOfEmptied('memos', 'revision')).toEqual([[null, '2']])

    await write(tables('restrict', 'memos', 'revision'))
    await applyMigrations(kept, directory)
    expect([await triggers(), await rows(kept, "select proname from pg_proc where proname like '%rises'")]).toEqual([
      [],
      [],
    ])
  })

  test('an amount is a number, also in a database from before', async () => {
    const prices = table('prices', { id: id(), amount: money() }, { owner: user() })
    await write({ prices })
    withoutOwnChecks()
    await applyMigrations(kept, directory)
    await rows(kept, "insert into prices (owner_id, amount) values ('a', 'NaN')")
    await write({ prices })
    // Somebody has to say what these are.
    await expect(applyMigrations(kept, directory)).rejects.toThrow('prices_amount_number')
    await rows(kept, "update prices set amount = null where amount = 'NaN'")
    await applyMigrations(kept, directory)
    for (const amount of ['NaN', 'Infinity', '-Infinity']) {
      await expect(rows(kept, `insert into prices (owner_id, amount) values ('a', '${amount}')`)).rejects.toMatchObject(
        {
          code: amount === 'NaN' ? '23514' : '22003',
        },
      )
    }
    await rows(kept, "insert into prices (owner_id, amount) values ('a', '-0.0001'), ('a', null)")
  })

  test('a data migration runs as it is written, and as the service', async () => {
    await write(FIRST)
    const file = await write(FIRST, { data: true, empty: true, name: 'names' })
    const filled = read(file).replace(
      /^-- update .*$/m,
      "insert into customers (name, owner_id) values (current_user, 'a');",
    )
    writeFileSync(join(directory, file ?? ''), filled)
    await applyMigrations(kept, directory)
    expect(await rows(kept, 'select name from customers')).toEqual([['service_role']])
  })
})

/** Makes of the first migration, not applied yet, one from before there were checks that `table()` adds, and triggers. */
function withoutOwnChecks(): void {
  const files = [join(directory, '0001_init.sql'), join(directory, 'meta/0001_snapshot.json')] as const
  const made = readFileSync(files[0], 'utf8')
  const bare = made.replace(/,\n\tCONSTRAINT "\w+" CHECK [^\n]*?(?=,?\n)/g, '').replace(/CREATE FUNCTION[^]*$/, '')
  expect(bare).not.toMatch(/_number|_rises/)
  writeFileSync(files[0], bare)
  const snapshot = JSON.parse(readFileSync(files[1], 'utf8')) as Snapshot
  const shown = Object.entries(snapshot.tables).map(([key, one]) => [key, { ...one, checkConstraints: {} }])
  writeFileSync(files[1], JSON.stringify({ ...snapshot, tables: Object.fromEntries(shown) }))
}

/** Rows that have a version, and lose their customer or hold it. */
function tables(onDelete: 'restrict' | 'set null', name = 'notes', column = 'version') {
  const customerId = references(customers, { optional: true, onDelete })
  return { customers, notes: table(name, { id: id(), customerId, [column]: version() }, { owner: user() }) }
}

/** The version of a row of `notes` whose customer was deleted. */
async function versionOfEmptied(notes: string, column: string) {
  const made = await rows(kept, `insert into customers (name, owner_id) values ('Ada', 'a') returning id`)
  const key = made?.[0]?.[0]
  await rows(kept, `insert into ${notes} (owner_id, customer_id) values ('a', ${key})`)
  await rows(kept, `delete from customers where id = ${key}`)
  return rows(kept, `select customer_id, ${column} from ${notes} order by id desc limit 1`)
}

async function rows(db: Database<Record<string, never>>, query: string) {
  const [result] = await db.asOwner((connection) => connection.batch([{ text: query, values: [] }]))
  return result?.rows
}
