import { z } from 'zod'
import { describe, expect, test } from 'vitest'
import { customers, invoices, payments } from '../test/shop.js'
import { listQuery } from './database/paved/list-query.js'
import { create, type Operation, page, remove, row, update } from './operations.js'
import { planOf, type RawSlots } from './plan-of.js'
import { columns } from './response-columns.js'
import { notes } from '../test/versioned.js'
import { id, table } from './schema/index.js'

const rates = table('rates', { id: id() }, { unowned: { reason: 'public prices', read: 'anyone' } })
const anything = () => 1
const body = z.object({ name: z.string() })

/** What types refuse must be refused without them as well: generated code and plain JavaScript have none. */
describe('an endpoint that can’t be right is refused when it is defined, in one sentence', () => {
  test.each<[string, object, Operation<never> | (() => unknown)]>([
    ['endpoint() has no slot "bodies"; it has public, auth, owns', { bodies: body }, anything],
    ['Say only one of owns, sees, unowned; this says owns and sees', { owns: customers, sees: customers }, anything],
    ['Say only one of owns, sees, unowned; this says owns and unowned', { owns: customers, unowned: 'x' }, anything],
    ['Say one of owns, sees, unowned: there are params', { params: body }, anything],
    ['public goes with neither owns nor auth', { public: 'x', owns: customers }, anything],
    ['public goes with neither owns nor auth', { public: 'x', auth: { role: 'admin' } }, anything],
    ['public needs a reason', { public: '' }, anything],
    ['public needs a reason', { public: '  ' }, anything],
    ['public needs a reason', { public: true }, anything],
    ['public needs a reason', { public: false }, anything],
    ['unowned needs a reason', { unowned: '' }, anything],
    ["auth takes { role: 'name' } or { scope: 'name' }", { auth: {} }, anything],
    ["auth takes { role: 'name' } or { scope: 'name' }", { auth: { role: '' } }, anything],
    ["auth takes { role: 'name' } or { scope: 'name' }", { auth: { role: undefined } }, anything],
    ["auth takes { role: 'name' } or { scope: 'name' }", { auth: { role: 'a', scope: 'b' } }, anything],
    ["auth takes { role: 'name' } or { scope: 'name' }", { auth: 'admin' }, anything],
    ["auth takes { role: 'name' } or { scope: 'name' }", { auth: null }, anything],
    ['owns takes a table made by table()', { owns: {} }, anything],
    ['owns takes a table made by table()', { owns: 'customers' }, anything],
    ['owns takes a table made by table()', { owns: null }, anything],
    ['sees takes a table made by table()', { sees: { table: {}, param: 'id' } }, anything],
    ['owns takes a table made by table()', { owns: { table: customers } }, anything],
    ['body takes a schema', { body: {} }, anything],
    ['query takes a schema', { query: 'x' }, anything],
    ['response takes a schema', { response: ['id'] }, anything],
    ['status is that of success', { status: 404 }, anything],
    ['status is that of success', { status: '200' }, anything],
    ["transaction is 'request', 'statement' or 'snapshot'", { transaction: 'serializable' }, anything],
    ['ifMatch takes true', { owns: notes, ifMatch: false }, anything],
    ['ifMatch takes true', { owns: notes, ifMatch: '"1"' }, anything],
    ['ifMatch needs owns: a table with a version() column', { ifMatch: true }, anything],
    ['ifMatch needs owns: a table with a version() column', { sees: notes, ifMatch: true }, anything],
    ['ifMatch needs owns: a table with a version() column', { owns: () => null, ifMatch: true }, anything],
    ['give customers the column version: version()', { owns: customers, ifMatch: true }, anything],
    ['give customers the column version: version()', { owns: customers, ifMatch: true }, remove() as never],
    ['and row() does not', { owns: notes, ifMatch: true }, row() as never],
    ['and page() does not', { owns: notes, ifMatch: true, query: listQuery(invoices) }, page(invoices) as never],
    ['and create() does not', { owns: notes, ifMatch: true, body }, create(customers) as never],
    ["transaction: 'statement' locks nothing", { owns: notes, ifMatch: true, transaction: 'statement' }, anything],
    ["transaction: 'snapshot' locks nothing", { owns: notes, ifMatch: true, transaction: 'snapshot' }, anything],
    ['cache takes { maxAge, staleWhileRevalidate }', { cache: 60 }, anything],
    ['cache takes { maxAge, staleWhileRevalidate }', { cache: null }, anything],
    ['cache has no "sMaxAge"', { cache: { maxAge: 60, sMaxAge: 60 } }, anything],
    ['cache: maxAge is a whole number of seconds', { cache: {} }, anything],
    ['cache: maxAge is a whole number of seconds', { cache: { maxAge: -1 } }, anything],
    ['cache: maxAge is a whole number of seconds', { cache: { maxAge: 0.5 } }, anything],
    ['cache: maxAge is a whole number of seconds', { cache: { maxAge: '60' } }, anything],
    ['cache: maxAge is a whole number of seconds', { cache: { maxAge: Number.NaN } }, anything],
    ['from 0 to 31536000 (a year)', { cache: { maxAge: 31_536_001 } }, anything],
    ['from 0 to 31536000 (a year)', { cache: { maxAge: 86_400_000 } }, anything],
    ['cache: staleWhileRevalidate is a whole', { cache: { maxAge: 1, staleWhileRevalidate: -1 } }, anything],
    ['cache is for what is read, and update() writes', { owns: notes, cache: { maxAge: 1 }, body }, update() as never],
    ['cache is for what is read, and remove() writes', { owns: notes, cache: { maxAge: 1 } }, remove() as never],
    ['cache is for what is read, and create() writes', { cache: { maxAge: 1 }, body }, create(customers) as never],
    ["rateLimit.per is 'second'", { rateLimit: true }, anything],
    ["rateLimit.per is 'second'", { rateLimit: { limit: 1 } }, anything],
    ["rateLimit.per is 'second'", { rateLimit: { limit: 1, per: 'week' } }, anything],
    ["rateLimit.per is 'second'", { rateLimit: { limit: 1, per: 0.5 } }, anything],
    ["rateLimit.per is 'second'", { rateLimit: { limit: 1, per: 'constructor' } }, anything],
    ['rateLimit.limit is a whole number above 0', { rateLimit: { limit: 0, per: 'minute' } }, anything],
    ['rateLimit.limit is a whole number above 0', { rateLimit: { limit: 1.5, per: 'minute' } }, anything],
    ['at most 10000 a second', { rateLimit: { limit: 10_001, per: 'second' } }, anything],
    ['rateLimit has no "max"', { rateLimit: { max: 1, per: 'minute' } }, anything],
    ['rateLimit.key is a function', { rateLimit: { limit: 1, per: 1, key: 'ip' } }, anything],
    ['rateLimit.name is a text', { rateLimit: { limit: 1, per: 1, name: '' } }, anything],
    ['rateLimit.store is memoryStore()', { rateLimit: { limit: 1, per: 1, store: 'redis' } }, anything],
    ['idempotent does not go with public', { idempotent: true, public: 'x' }, anything],
    ["idempotent needs transaction: 'request'", { idempotent: true, transaction: 'statement' }, anything],
    ["idempotent needs transaction: 'request'", { idempotent: true, transaction: 'snapshot' }, anything],
    ['idempotent takes true, or {', { idempotent: false }, anything],
    ['idempotent takes true, or {', { idempotent: null }, anything],
    ['idempotent takes true, or {', { idempotent: { required: 'yes' } }, anything],
    ['idempotent takes true, or {', { idempotent: { hours: 1 } }, anything],
    ['idempotent.keepHours is how long', { idempotent: { keepHours: 0 } }, anything],
    ['idempotent.keepHours is how long', { idempotent: { keepHours: Number.NaN } }, anything],
    ['idempotent is for what writes: row() only reads', { idempotent: true, sees: customers }, row() as never],
    ['endpoint() needs what it does', {}, undefined as never],
    ['owns: rates can never pass: only the service writes its rows', { owns: rates }, anything],
    ['owns: rates can never pass', { owns: { table: rates, param: 'rateId' } }, anything],
    ['create() of rates has no owner', { body }, create(rates as never) as never],
    ['page() needs query: listQuery(table)', {}, page(customers) as never],
    ['page() needs query: listQuery(table)', { query: body }, page(customers) as never],
    [
      'page() of customers needs listQuery() of the same table',
      { query: listQuery(invoices) },
      page(customers) as never,
    ],
    [
      'A page sorted by invoices.dueAt shows it in its cursor',
      { query: listQuery(invoices, { sort: ['dueAt'] }), response: columns(invoices, ['id', 'number']) },
      page(invoices) as never,
    ],
    ['create() needs body', {}, create(customers) as never],
    ['create() needs an owner', { public: 'x', body }, create(customers) as never],
    ['row() needs owns or sees with a table', {}, row() as never],
    ['row() needs owns or sees with a table', { sees: () => null }, row() as never],
    ['invoices has no relation customers', { sees: invoices }, row({ with: { customers: true } }) as never],
    ['update() needs owns: seeing a row is not enough', { sees: customers, body }, update() as never],
    ['remove() needs owns: seeing a row is not enough', { sees: customers }, remove() as never],
    ['update() needs body: patchOf(Schema)', { owns: customers }, update() as never],
    ['under needs owns or sees', { query: listQuery(payments) }, page(payments, { under: 'invoice' }) as never],
    ['page() with sees needs under', { sees: invoices, query: listQuery(payments) }, page(payments) as never],
    ['create() with owns needs under', { owns: () => ({}), body }, create(customers) as never],
    [
      'payments has no relation "invoice" to customers',
      { owns: customers, query: listQuery(payments) },
      page(payments, { under: 'invoice' }) as never,
    ],
    [
      'response: columns(invoices) does not fit an operation on customers',
      { sees: customers, response: columns(invoices, ['number']) },
      row() as never,
    ],
  ])('%s', (sentence, slots, does) => {
    const define = () => planOf(slots as RawSlots, does)
    expect(define).toThrow(TypeError)
    expect(define).toThrow(sentence)
  })

  test('columns that the table has not, or that are secret, are refused at once', () => {
    expect(() => columns(customers, ['nothing' as 'id'])).toThrow('customers has no column nothing')
    expect(() => columns(customers, ['pin' as 'id'])).toThrow('customers.pin is secret and can')
    expect(() => listQuery(customers, { sort: ['pin' as 'id'] })).toThrow('customers.pin is secret: a list')
    expect(() => listQuery(customers, { filter: ['nothing' as 'id'] })).toThrow('customers has no column nothing')
    expect(() => listQuery(customers, { order: '-nothing' as '-id' })).toThrow('customers has no column nothing')
  })
})
