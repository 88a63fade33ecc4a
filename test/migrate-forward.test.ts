import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as example from '../examples/invoices/schema/index.js'
import { catalogFacts } from '../packages/cli/src/migrate/catalog-facts.js'
import { driftBetween } from '../packages/cli/src/migrate/drift.js'
import { newMigration } from '../packages/cli/src/migrate/new-migration.js'
import { applyMigrations, type Database, database, ROLES_SQL } from 'postern/database'
import { id, instant, money, references, table, text, timestamps, user } from 'postern/schema'
import { ROOT } from './support/markdown.js'
import { createTestDatabase } from './support/postgres.js'
import { askOf, PEOPLE, rowsNow, seedEveryTable, seenBy } from './support/seed-every-table.js'

type Db = Database<Record<string, never>>

let directory: string
const cleanUp: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postern-forward-'))
  await cp(join(ROOT, 'examples/invoices/migrations'), directory, { recursive: true })
})
afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step()
  await rm(directory, { recursive: true, force: true })
})

const places: Readonly<Record<string, () => Promise<Db>>> = {
  async embedded() {
    const db = database({ schema: {}, directory: 'memory://' })
    cleanUp.push(() => db.close())
    return db
  },
  async 'PostgreSQL 18'() {
    const where = await createTestDatabase()
    const db = database({ schema: {}, url: where.url, migrationUrl: where.migrationUrl })
    cleanUp.push(where.drop, () => db.close())
    return db
  },
}

describe.each(Object.entries(places))(
  'on %s, a database of an earlier version with data of two people',
  (_name, open) => {
    test('keeps every row, owner and right, from whichever version, and is afterwards as a new one is', async () => {
      await writeNextVersion(directory)
      const names = await namesIn(directory)
      const anew = await open()
      await applyMigrations(anew, directory)
      const expected = await catalogFacts(anew)
      for (const version of names.slice(0, -1)) {
        const db = await open()
        expect(await damageOf(db, directory, version), `on the way from ${version}`).toEqual([])
        expect(driftBetween(expected, await catalogFacts(db))).toEqual([])
      }
    }, 300_000)
  },
)

test.each([
  ['loses rows', asService('delete from payments'), /^lost: payments 1$/],
  [
    'gives rows away',
    `alter table payments drop constraint payments_invoice_id_fkey; ${asService("update payments set owner_id = 'bob'")}`,
    /^another owner: payments 1$/,
  ],
  [
    'opens a table',
    'create policy open on payments for select to authenticated using (true);',
    /^alice sees \d+ 2 of bob$/,
  ],
  [
    'opens a table to nobody',
    'grant select on payments to anon; create policy open on payments for select to anon using (true);',
    /^nobody sees \d+ 1 of alice/,
  ],
  ['hides rows from their owner', 'drop policy customers_read on customers;', /^alice does not see/],
])('a migration that %s is found out', async (_what, sql, finding) => {
  const last = (await namesIn(directory)).at(-1)!
  await writeFile(join(directory, '9999_bad.sql'), sql)
  const found = await damageOf(await places['PostgreSQL 18']!(), directory, last)
  expect(found).toContainEqual(expect.stringMatching(finding))
})

/** Seeds the older version by its catalog alone, applies what is newer, and tells whatever a person would miss or must not see. */
async function damageOf(db: Db, from: string, version: string): Promise<string[]> {
  await applyMigrations(db, from, { upTo: version })
  const ask = askOf(db)
  const seeded = await seedEveryTable(ask)
  const before = await seenBy(ask, seeded)
  // Else nothing below could fail: each has rows that nobody else sees.
  for (const person of PEOPLE) expect(before.onlyFor(person).length).toBeGreaterThan(2)
  expect((await applyMigrations(db, from)).length).toBeGreaterThan(0)
  const { lost, otherOwner } = await rowsNow(ask, seeded)
  const now = await seenBy(ask, seeded)
  const hidden = PEOPLE.flatMap((person) =>
    before.onlyFor(person).flatMap((row) => (now.of(person).includes(row) ? [] : [`${person} does not see ${row}`])),
  )
  const shown = [...PEOPLE, null].flatMap((person) =>
    PEOPLE.filter((other) => other !== person).flatMap((other) =>
      before
        .onlyFor(other)
        .flatMap((row) => (now.of(person).includes(row) ? [`${person ?? 'nobody'} sees ${row} of ${other}`] : [])),
    ),
  )
  return [
    ...lost.map((row) => `lost: ${row}`),
    ...otherOwner.map((row) => `another owner: ${row}`),
    ...hidden,
    ...shown,
  ]
}

/** A version of the example that nobody has written yet: a table and a column renamed, a type changed, a column more. */
async function writeNextVersion(into: string): Promise<void> {
  const { payments: _payments, rates: _rates, ...schema } = example
  const receipts = table(
    'receipts',
    {
      id: id(),
      invoiceId: references(example.invoices, { onDelete: 'cascade' }),
      amount: money().notNull(),
      paidAt: instant().notNull(),
      remark: text(),
      method: text(),
      ...timestamps(),
    },
    { owner: user() },
  )
  const rates = table(
    'rates',
    { id: id(), plan: text().notNull().unique(), monthly: text().notNull(), currency: text().notNull() },
    { unowned: { reason: 'the price list is the same for everyone', read: 'anyone' } },
  )
  const answers = { renames: ['payments:receipts', 'payments.note:remark'], drops: [] }
  const request = { name: 'next', empty: false, data: false, answers, rolesSql: ROLES_SQL }
  await newMigration(into, { ...schema, receipts, rates }, request)
}

function asService(statement: string): string {
  return `set local role service_role; ${statement}; reset role;`
}

async function namesIn(from: string): Promise<string[]> {
  const files = (await readdir(from)).filter((file) => file.endsWith('.sql'))
  return files.map((file) => file.slice(0, -'.sql'.length)).sort()
}
