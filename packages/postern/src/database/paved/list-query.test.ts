import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { customers, invoices } from '../../../test/shop.js'
import { timestamp } from 'drizzle-orm/pg-core'
import * as columns from '../../schema/index.js'
import { type Listed, listQuery } from './list-query.js'

const { id, jsonb, table, user } = columns

const documents = table(
  'documents',
  { id: id(), page: columns.text(), body: jsonb(), local: timestamp() },
  { owner: user() },
)
const offered = {
  filter: {
    dueAt: ['gte', 'lt', 'isNull'],
    status: ['eq', 'in', 'ne'],
    total: ['gte', 'lte'],
    rank: ['eq', 'gt', 'isNull', 'in'],
  },
  search: ['number'],
} as const
const query = listQuery(invoices, offered)

function ask(text: string, schema: StandardSchemaV1<unknown, Listed> = query): Listed | string[] {
  const given: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    given[name] = name in given ? [given[name]!, value].flat() : value
  }
  const result = schema['~standard'].validate(given)
  if (result instanceof Promise) throw new Error('It is known at once')
  if (result.issues === undefined) return result.value
  return result.issues.map(({ path, message }) => `${(path ?? []).map(String).join('.')}: ${message}`)
}

describe('the query string of a list', () => {
  test.each([
    ['status=paid', { status: 'paid' }],
    ['status[eq]=paid', { status: 'paid' }],
    ['status[in]=draft,sent', { status: { in: ['draft', 'sent'] } }],
    ['dueAt[gte]=2026-01-01&dueAt[lt]=2026-02-01', { dueAt: { gte: '2026-01-01T00:00Z', lt: '2026-02-01T00:00Z' } }],
    ['dueAt[lt]=2026-01-01T10:00:00.5%2B02:00', { dueAt: { lt: '2026-01-01T10:00:00.5+02:00' } }],
    ['rank[isNull]=true', { rank: { isNull: true } }],
    ['rank=3&rank[gt]=1', { rank: { eq: '3', gt: '1' } }],
  ])('%s filters', (text, filter) => expect(ask(text)).toMatchObject({ filter }))

  test.each([
    ['status[gt]=a', /^: Only these are offered here: limit, after, sort, search, dueAt\[gte\], dueAt\[lt\]/],
    ['total=1', /Only these are offered here/],
    ['page=2', /Only these are offered here/],
    ['status=paid&status[eq]=paid', 'status: Give this once'],
    ['status[in]=paid&status[in]=sent', 'status.in: Give this once'],
    ['status[in]=paid,lost', 'status.in: This is not a value of that field'],
    [
      `rank[in]=${Array.from({ length: 51 }, (_, n) => n).join()}`,
      'rank.in: Give at most 50 values, with commas between',
    ],
    ['rank[isNull]=yes', 'rank.isNull: true or false'],
    ['rank=2147483648', 'rank: This is not a value of that field'],
    ['dueAt[gte]=2026-02-30', 'dueAt.gte: This is not a value of that field'],
    ['dueAt[gte]=2026-01-01T25:00', 'dueAt.gte: This is not a value of that field'],
    ['dueAt[gte]=yesterday', 'dueAt.gte: This is not a value of that field'],
    ['search=', 'search: Give 1 to 100 characters to search for'],
    [`search=${'x'.repeat(101)}`, 'search: Give 1 to 100 characters to search for'],
    ['search=a b c d e f', 'search: Search for at most 5 words'],
    ['search=%00', 'search: Give 1 to 100 characters to search for'],
  ])('%s is refused', (text, message) => {
    const said = ask(text) as string[]
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(message)
  })

  test('fifty values are one filter', () => {
    const values = Array.from({ length: 50 }, (_, n) => String(n))
    expect(ask(`rank[in]=${values.join()}`)).toMatchObject({ filter: { rank: { in: values } } })
  })

  test('an instant without a zone is in UTC; a column without a zone takes none', () => {
    const local = listQuery(documents, { filter: ['local'] })
    expect(ask('local=2026-01-01T10:00', local)).toMatchObject({ filter: { local: '2026-01-01 10:00' } })
    expect(ask('local=2026-01-01T10:00%2B02:00', local)).toEqual(['local: This is not a value of that field'])
  })

  test('numbered pages end at row 10,000, and know no cursor', () => {
    const numbered = listQuery(invoices, { pages: 'numbered', maxLimit: 300 })
    expect(ask('page=500', numbered)).toMatchObject({ page: 500, limit: 20 })
    expect(ask('', numbered)).toMatchObject({ page: 1, limit: 20 })
    expect(ask('page=34&limit=300', numbered)).toMatchObject({ page: 34 })
    const refused = ['page: Give a whole number from 1 to 500: the list ends at row 10000']
    for (const page of ['501', '0', '-1', '1.5', '', '1e2']) expect(ask(`page=${page}`, numbered)).toEqual(refused)
    expect(ask('after=x', numbered)).toEqual([': Only these are offered here: limit, page, sort'])
  })

  test('whatever comes is a query or a refusal that repeats nothing of it', () => {
    const name = fc.constantFrom(
      'status',
      'status[in]',
      'dueAt[gte]',
      'rank',
      'search',
      'limit',
      'sort',
      'after',
      'MARKER',
    )
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `MARKER${text}`),
      fc.integer().map(String),
    )
    const pairs = fc.array(fc.tuple(fc.oneof(name, fc.string()), value), { maxLength: 5 })
    let refused = 0
    fc.assert(
      fc.property(pairs, (given) => {
        const said = ask(new URLSearchParams(given).toString())
        if (!Array.isArray(said)) return
        refused += 1
        expect(said.join()).not.toContain('MARKER')
      }),
      { numRuns: 1000 },
    )
    expect(refused).toBeGreaterThan(100)
  })
})

describe('a list that can’t be is refused where it is defined', () => {
  const anything = listQuery as (table: unknown, options: unknown) => unknown
  test.each([
    [customers, { filter: ['pin'] }, 'customers.pin is secret'],
    [customers, { filter: { pin: ['eq'] } }, 'customers.pin is secret'],
    [customers, { search: ['pin'] }, 'customers.pin is secret'],
    [customers, { sort: ['pin'] }, 'customers.pin is secret'],
    [customers, { order: '-pin' }, 'customers.pin is secret'],
    [customers, { filter: ['colour'] }, 'customers has no column colour'],
    [customers, { filter: ['toString'] }, 'customers has no column toString'],
    [
      customers,
      { filter: { name: ['like'] } },
      'customers.name takes eq, ne, in, lt, lte, gt, gte as a filter, and not like',
    ],
    [invoices, { filter: { status: ['lt'] } }, 'invoices.status takes eq, ne, in as a filter, and not lt'],
    [customers, { filter: { name: ['isNull'] } }, 'customers.name takes eq, ne, in, lt, lte, gt, gte as a filter'],
    [documents, { filter: { body: ['eq'] } }, 'documents.body is jsonb: a list can’t be sorted or filtered by it'],
    [documents, { sort: ['body'] }, 'documents.body is jsonb'],
    [documents, { filter: ['page'] }, 'A list can’t filter by "page": the name is taken by the page itself'],
    [invoices, { search: ['total'] }, 'invoices.total is no text'],
    [invoices, { pages: 'offset' }, 'pages is ’cursor’ or ’numbered’'],
  ])('%#', (of, options, message) => {
    expect(() => anything(of, options)).toThrow(message.replaceAll('’', "'"))
  })
})
