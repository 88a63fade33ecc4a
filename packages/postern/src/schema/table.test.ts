import { getTableColumns } from 'drizzle-orm'
import { getTableConfig, unique } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { sqlOf } from '../../test/schema-sql.js'
import { boolean, factsOf, id, instant, money, references, table, text, timestamps, user } from './index.js'

const customers = table(
  'customers',
  { id: id(), fullName: text().notNull(), isActive: boolean('active'), ...timestamps() },
  { owner: user() },
)
const invoices = table(
  'invoices',
  { id: id(), customerId: references(customers), total: money().notNull(), dueAt: instant().notNull() },
  { owner: user() },
)
const rates = table('rates', { id: id(), percent: money() }, { unowned: { reason: 'a price list', read: 'anyone' } })

const sql = async () => (await sqlOf({ customers, invoices, rates })).join('\n')

describe('an owned table in SQL', () => {
  it('has a key that PostgreSQL alone gives', async () => {
    expect(await sql()).toContain('"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY')
  })

  it('has its owner, who is whoever is calling', async () => {
    expect(await sql()).toMatch(
      /"owner_id" text DEFAULT coalesce\(nullif\(current_setting\('request.jwt.claim.sub'.+NOT NULL/,
    )
  })

  it('finds the rows of one owner by one index, which foreign keys point at too', async () => {
    expect(await sql()).toContain('CONSTRAINT "customers_owner_key" UNIQUE("owner_id","id")')
  })

  it('refers to a parent of the same owner, by an indexed column', async () => {
    expect(await sql()).toContain(
      'CONSTRAINT "invoices_customer_id_fkey" FOREIGN KEY ("owner_id","customer_id") REFERENCES "public"."customers"("owner_id","id") ON DELETE restrict',
    )
    expect(await sql()).toContain('CREATE INDEX "invoices_customer_id_idx" ON "invoices" USING btree ("customer_id")')
  })

  it('is named in snake_case, but for a name that was given', async () => {
    expect(await sql()).toContain('"full_name" text NOT NULL')
    expect(await sql()).toContain('"active" boolean')
  })

  it('holds money exactly, and instants to the millisecond with their zone', async () => {
    expect(await sql()).toContain('"total" numeric(19, 4) NOT NULL')
    expect(await sql()).toContain('"due_at" timestamp (3) with time zone NOT NULL')
    expect(await sql()).toContain('"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL')
  })

  it('has row-level security, like one that is unowned', async () => {
    for (const name of ['customers', 'invoices', 'rates']) {
      expect(await sql()).toContain(`ALTER TABLE "${name}" ENABLE ROW LEVEL SECURITY`)
    }
  })

  it('while an unowned one has no owner', () => {
    expect(Object.keys(getTableColumns(rates))).toEqual(['id', 'percent'])
  })

  it('keeps what else was asked for', () => {
    const withMore = table('with_more', { id: id(), code: text() }, { owner: user() }, (self) => [
      // Drizzle's own builders work on its columns, the owner's among them.
      unique('code_of_owner').on(self.ownerId, self.code),
    ])
    const names = getTableConfig(withMore).uniqueConstraints.map(({ name }) => name)
    expect(names).toEqual(['with_more_owner_key', 'code_of_owner'])
  })
})

describe('what a table knows of itself', () => {
  it('which columns a client may write: not the key, not the owner', () => {
    const { columns, idKey } = factsOf(invoices)!
    expect(idKey).toBe('id')
    expect(
      Object.values(columns)
        .filter(({ writable }) => writable)
        .map(({ key }) => key),
    ).toEqual(['customerId', 'total', 'dueAt'])
  })

  it('its relations, by the name without Id', () => {
    expect(Object.keys(factsOf(invoices)!.relations)).toEqual(['customer'])
    expect(factsOf(invoices)!.relations.customer?.target().name).toBe('customers')
  })
})

describe('a table that can’t be guarded is refused with one sentence', () => {
  it.each([
    ['no key', () => table('t', { name: text() }, { owner: user() }), "table('t') has no key: give it `id: id()`"],
    [
      'no word on whose the rows are',
      () => table('t', { id: id() }, {} as never),
      `table('t'): say one of owner: user() and unowned: { reason, read }`,
    ],
    [
      'nothing at all on it',
      () => table('t', { id: id() }, undefined as never),
      `table('t'): say one of owner: user() and unowned: { reason, read }`,
    ],
    [
      'both at once',
      () => table('t', { id: id() }, { owner: user(), unowned: { reason: 'a list', read: 'anyone' } } as never),
      `table('t'): say one of owner: user() and unowned: { reason, read }`,
    ],
    [
      'an empty reason',
      () => table('t', { id: id() }, { unowned: { reason: ' ', read: 'anyone' } }),
      `table('t'): say why the rows are unowned, in "reason"`,
    ],
    [
      'an owner column of its own',
      () => table('t', { id: id(), ownerId: text() }, { owner: user() }),
      "table('t'): the column ownerId is made by its owner rule or softDelete; leave it out",
    ],
    [
      'a reference to what table() did not make',
      () => references({} as typeof customers),
      'references() needs a table that was made by table()',
    ],
    [
      'a parent whose deletion empties a column that must be full',
      () => references(customers, { onDelete: 'set null' }),
      "references(): onDelete: 'set null' needs optional: true",
    ],
  ])('%s', (_, make, sentence) => {
    expect(make).toThrow(sentence)
  })
})
