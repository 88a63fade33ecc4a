import { fileURLToPath } from 'node:url'
import { applyMigrations, type Database, database } from 'postern/database'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, execute, type TestDatabase } from '../../../../test/support/postgres.js'
import { startPostgres } from '../../../../test/support/postgres-server.js'
import { postgres15 } from '../../../../test/support/server-binaries.js'
import { type CatalogFact, catalogFacts } from './catalog-facts.js'
import { driftBetween } from './drift.js'

const MIGRATIONS = fileURLToPath(new URL('../../../../examples/invoices/migrations', import.meta.url))

let template: TestDatabase
let expected: CatalogFact[]
beforeAll(async () => {
  const embedded = database({ schema: {}, directory: 'memory://' })
  await applyMigrations(embedded, MIGRATIONS)
  expected = await catalogFacts(embedded)
  await embedded.close()
  template = await createTestDatabase()
  const db = database({ schema: {}, url: template.migrationUrl })
  await applyMigrations(db, MIGRATIONS)
  await db.close()
})
afterAll(() => template.drop())

let where: TestDatabase
let db: Database<Record<string, never>>
beforeEach(async () => {
  where = await createTestDatabase({ template: template.name })
  db = database({ schema: {}, url: where.url })
})
afterEach(async () => {
  await db.close()
  await where.drop()
})

/** What the server's own login finds, which owns nothing. */
const found = async () => {
  const lines = driftBetween(expected, await catalogFacts(db, ['public']))
  return lines.map(({ place, message }) => `${place}: ${message}`)
}

test('a database that its migrations made is what the embedded one becomes by the same migrations', async () => {
  expect(expected.length).toBeGreaterThan(300)
  expect(await found()).toEqual([])
})

test.skipIf(postgres15() === undefined)('PostgreSQL 15, too, prints what the embedded 18 prints', async () => {
  const server = await startPostgres(postgres15())
  const old = database({ schema: {}, url: server.adminUrl })
  await applyMigrations(old, MIGRATIONS)
  expect(driftBetween(expected, await catalogFacts(old, ['public']))).toEqual([])
  await execute(server.adminUrl, 'alter table customers no force row level security')
  expect(driftBetween(expected, await catalogFacts(old, ['public']))).toHaveLength(1)
  await old.close()
  await server.stop()
})

test('rows are no drift, and neither is what Postern keeps for itself', async () => {
  await execute(
    where.adminUrl,
    "insert into rates (plan, monthly, currency) values ('x', 1, 'EUR'); create table postern.more (n int)",
  )
  expect(await found()).toEqual([])
})

describe('what somebody did by hand is one line', () => {
  test.each<[string, string, RegExp]>([
    [
      'FORCE dropped',
      'alter table customers no force row level security',
      /^customers: forced row-level security is off; the migrations say on$/,
    ],
    [
      'RLS off',
      'alter table customers disable row level security',
      /^customers: row-level security is off; the migrations say on$/,
    ],
    [
      'another policy',
      'create policy open on invoices for select to anon using (true)',
      /^invoices: the migrations know nothing of policy open \(SELECT, anon, true\)$/,
    ],
    ['a policy gone', 'drop policy invoices_service on invoices', /^invoices: policy invoices_service is missing$/],
    [
      'USING altered',
      'alter policy invoices_read on invoices using (true)',
      /^invoices: policy invoices_read: USING is true; the migrations say \(owner_id = \(/,
    ],
    [
      'WITH CHECK altered',
      'alter policy invoices_insert on invoices with check (true)',
      /^invoices: policy invoices_insert: WITH CHECK is true; /,
    ],
    [
      'roles of a policy',
      'alter policy payments_read on payments to anon, authenticated',
      /^payments: policy payments_read: roles is anon, authenticated; the migrations say authenticated$/,
    ],
    [
      'a grant more',
      'grant truncate on customers to authenticated',
      /^customers: grants is authenticated: DELETE, INSERT, SELECT, TRUNCATE, UPDATE; .* say/,
    ],
    ['a grant to everyone', 'grant select on "session" to public', /^session: grants is PUBLIC: SELECT; /],
    ['a grant to the bare login', 'grant select on invoices to test_app', /^invoices: grants is .*test_app: SELECT/],
    [
      'a grant on a column',
      'grant select (password) on account to authenticated',
      /^account: column password: grants is authenticated: SELECT; the migrations say none$/,
    ],
    [
      'a grant less',
      'revoke update on customers from authenticated',
      /^customers: grants is authenticated: DELETE, INSERT, SELECT; /,
    ],
    [
      'CREATE on the schema',
      'grant create on schema public to authenticated',
      /^public: grants is .*authenticated: CREATE, USAGE/,
    ],
    [
      'a column more',
      'alter table customers add column phone text',
      /^customers: the migrations know nothing of column phone \(text\)$/,
    ],
    ['a column gone', 'alter table payments drop column note', /^payments: column note is missing$/],
    [
      'another type',
      'alter table customers alter column name type varchar(9)',
      /^customers: column name: type is character varying\(9\); the migrations say text$/,
    ],
    [
      'NULL allowed',
      'alter table customers alter column name drop not null',
      /^customers: column name: NOT NULL is no; the migrations say yes$/,
    ],
    [
      'a default gone',
      'alter table customers alter column owner_id drop default',
      /^customers: column owner_id: default is none; the migrations say COALESCE/,
    ],
    [
      'a foreign key gone',
      'alter table payments drop constraint payments_invoice_id_fkey',
      /^payments: foreign key payments_invoice_id_fkey is missing$/,
    ],
    [
      'a foreign key without its owner',
      'alter table payments drop constraint payments_invoice_id_fkey, add constraint payments_invoice_id_fkey foreign key (invoice_id) references invoices (id)',
      /^payments: foreign key payments_invoice_id_fkey: definition is FOREIGN KEY \(invoice_id\)/,
    ],
    [
      'a unique constraint gone',
      'alter table invoices drop constraint invoices_number_key',
      /^invoices: unique constraint invoices_number_key is missing$/,
    ],
    ['an index gone', 'drop index invoices_due_at_idx', /^invoices: index invoices_due_at_idx is missing$/],
    [
      'an index more',
      'create index slow on invoices (total)',
      /^invoices: the migrations know nothing of index slow \(CREATE INDEX slow ON invoices/,
    ],
    ['a table more', 'create table leak (n int)', /^leak: the migrations know nothing of this table$/],
    ['a table gone', 'drop table payments', /^payments: the table is missing$/],
    [
      'a view that reads as its owner',
      'create view everything as select * from invoices',
      /^everything: the migrations know nothing of this view$/,
    ],
    [
      'a function of the definer',
      "create function all_rows() returns setof invoices language sql security definer as 'select * from invoices'",
      /^all_rows\(\): the migrations know nothing of this function$/,
    ],
    [
      'a trigger',
      "create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger t before insert on rates for each row execute function f()",
      /^rates: the migrations know nothing of trigger t/,
    ],
    [
      'a rule',
      'create rule quiet as on delete to rates do instead nothing',
      /^rates: the migrations know nothing of rule quiet/,
    ],
  ])('%s', async (_what, sabotage, line) => {
    await execute(where.adminUrl, sabotage)
    const lines = await found()
    expect(lines).toContainEqual(expect.stringMatching(line))
    // A trigger brings its function along, and a table that goes takes nothing else with it.
    expect(lines.length).toBeLessThanOrEqual(2)
  })

  test('all of them at once are all told', async () => {
    await execute(
      where.adminUrl,
      'alter table customers no force row level security; create policy o on rates using (true); drop index invoices_due_at_idx',
    )
    expect(await found()).toHaveLength(3)
  })
})
