import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { identityOf, type Identity, SERVICE } from '../../packages/postern/src/database/identity.js'
import { listQuery } from '../../packages/postern/src/database/paved/list-query.js'
import { selectRow } from '../../packages/postern/src/database/paved/select-row.js'
import { connectionsFor } from '../../packages/postern/src/database/place.js'
import type { Statement } from '../../packages/postern/src/database/statement.js'
import { create, page, row, update } from '../../packages/postern/src/operations.js'
import { patchOf } from '../../packages/postern/src/patch-of.js'
import { columns } from '../../packages/postern/src/response-columns.js'
import { factsOf } from '../../packages/postern/src/schema/facts.js'
import { articles, invoices, payments } from './every-rule.js'
import { call, type World, world } from './world.js'

const alice = identityOf({ id: 'alice', roles: [], claims: {} })
const bob = identityOf({ id: 'bob', roles: [], claims: {} })
const nobody = identityOf(null)

describe.each(['postgres', 'embedded'] as const)('on %s', (kind) => {
  let here: World
  beforeAll(async () => {
    here = await world(kind, { poolSize: 1 })
    await run(alice, text("insert into customers (name) values ('of alice')"))
    await run(bob, text("insert into customers (name) values ('of bob')"))
    await run(alice, text("insert into articles (title) values ('of alice')"))
    await run(SERVICE, text('insert into rates (percent) values (19)'))
  })
  afterAll(() => here.close())

  async function run(identity: Identity, statement: Statement) {
    const unit = here.database.unit({ mode: 'statement' })
    try {
      return (await unit.run(identity, statement)).rows
    } finally {
      await unit.close()
    }
  }

  /** The answer, and everything that was observed meanwhile, as a log would print it. */
  async function answered(...request: Parameters<typeof call>) {
    here.events.length = 0
    const response = await call(...request)
    const body = await response.text()
    return { status: response.status, body, log: inspect(here.events, { depth: 20, showHidden: true }) }
  }

  test('the bare login reads no table, public ones included', async () => {
    const { connections, close } = connectionsFor(here.where)
    try {
      for (const table of ['customers', 'articles', 'rates', 'session']) {
        const bare = connections.withConnection((held) => held.batch([text(`select * from ${table}`)]))
        await expect(bare).rejects.toMatchObject({ code: '42501' })
      }
    } finally {
      await close()
    }
    expect(await run(nobody, text('select title from articles'))).toEqual([['of alice']])
  })

  test('one statement, prepared once for each role, gives each caller their own rows however often they take turns', async () => {
    const [[id]] = (await run(alice, text('select id::text from articles'))) as [[string]]
    const paved = selectRow(factsOf(articles)!, { id }, 'own').statement
    const own: Statement = { name: 'own_customers', text: 'select name from customers order by name', values: [] }
    // PostgreSQL keeps a plan for good after five runs: the turns must go on beyond that.
    for (let turn = 0; turn < 8; turn += 1) {
      expect(await run(alice, own)).toEqual([['of alice']])
      expect(await run(bob, own)).toEqual([['of bob']])
      expect(await run(SERVICE, own)).toEqual([['of alice'], ['of bob']])
      expect(await run(alice, paved)).toHaveLength(1)
      expect(await run(bob, paved)).toEqual([])
    }
    const names = await run(SERVICE, text('select name from pg_prepared_statements order by name'))
    expect(names.flat()).toEqual(expect.arrayContaining(['own_customers.a', 'own_customers.s', `${paved.name}.a`]))
    expect(names.flat()).not.toContain('own_customers')
  })

  test('claims as JSON alone, as Supabase sets them, name the caller; missing and empty ones name nobody', async () => {
    const names = (identity: Identity) => run(identity, text('select name from customers'))
    expect(await names(withClaims('{"sub":"alice"}'))).toEqual([['of alice']])
    for (const claims of ['', '{}', '{"sub":""}', '{"sub":null}']) {
      expect(await names(withClaims(claims))).toEqual([])
      await expect(
        run(withClaims(claims), text("insert into customers (name) values ('of nobody')")),
      ).rejects.toMatchObject({
        code: '42501',
      })
    }
    expect(await run(SERVICE, text("select name from customers where name = 'of nobody'"))).toEqual([])
  })

  test('who went before leaves no claims to a caller who is nobody', async () => {
    await run(alice, text('select 1'))
    const seen = text(
      `select coalesce((current_setting('request.jwt.claims')::jsonb) ->> 'sub', 'nobody'), current_user`,
    )
    expect(await run(nobody, seen)).toEqual([['nobody', 'anon']])
  })

  test('a child whose parent goes loses its parent and keeps its owner', async () => {
    const [[parent] = []] = await run(alice, text("insert into folders (name) values ('parent') returning id::text"))
    await run(alice, { text: "insert into folders (name, parent_id) values ('child', $1)", values: [parent] })
    await run(alice, { text: 'delete from folders where id = $1', values: [parent] })
    expect(await run(SERVICE, text('select keeper_id, name, parent_id from folders'))).toEqual([
      ['alice', 'child', null],
    ])
  })

  describe('a secret column never leaves', () => {
    const SECRET = 'whsec_5f2d'
    const OTHER = 'whsec_9a41'
    const InvoiceInput = z.object({
      customerId: z.string(),
      rateId: z.string(),
      number: z.string(),
      total: z.string(),
      dueAt: z.coerce.date(),
      token: z.string(),
    })
    let sent: z.input<typeof InvoiceInput>
    let id: string

    beforeAll(async () => {
      const [[customerId]] = (await run(alice, text('select id::text from customers'))) as [[string]]
      const [[rateId]] = (await run(alice, text('select id::text from rates'))) as [[string]]
      sent = { customerId, rateId, number: '1', total: '10.0000', dueAt: '2026-01-01T00:00:00.000Z', token: SECRET }
    })

    test('by create, update, row and page, with relations', async () => {
      const { endpoint } = here.backend
      const POST = endpoint({ body: InvoiceInput }, create(invoices))
      const made = await answered(POST, { as: 'alice', method: 'POST', body: sent })
      expect(made.status).toBe(201)
      id = (JSON.parse(made.body) as { id: string }).id
      await run(alice, { text: 'insert into payments (invoice_id, amount) values ($1, 5)', values: [id] })
      const answers = [
        made,
        await answered(endpoint({ owns: invoices, body: patchOf(InvoiceInput) }, update()), {
          as: 'alice',
          id,
          method: 'PATCH',
          body: { token: OTHER },
        }),
        await answered(endpoint({ sees: invoices }, row({ with: { customer: true } })), { as: 'alice', id }),
        await answered(endpoint({ query: listQuery(invoices) }, page(invoices)), { as: 'alice' }),
        await answered(endpoint({ query: listQuery(payments) }, page(payments, { with: { invoice: true } })), {
          as: 'alice',
        }),
      ]
      for (const { status, body, log } of answers) {
        expect(status).toBeLessThan(300)
        expect(body).toContain('"number":"1"')
        expect(body + log).not.toMatch(/whsec_|"token"/)
      }
      // The control: it is there, and changed.
      expect(await run(SERVICE, text('select token from invoices'))).toEqual([[OTHER]])
    })

    test('by rows that a function read with plain Drizzle, returned or logged', async () => {
      const GET = here.backend.endpoint({}, async ({ db, log }) => {
        const rows = await db.select().from(invoices)
        const related = await db.query.invoices.findMany()
        log.info('rows', { rows, related, text: String(rows[0]!.token), template: `${rows[0]!.token}` })
        expect(rows[0]!.token.reveal()).toBe(OTHER)
        return { rows, related, copy: rows.map((one) => ({ ...one })), assigned: Object.assign({}, rows[0]) }
      })
      const { status, body, log } = await answered(GET, { as: 'alice' })
      expect(status).toBe(200)
      expect(body).toContain('"number":"1"')
      expect(body + log).not.toContain('whsec_')
      expect(log).toContain('[secret]')
    })

    test('by what a plain write returns', async () => {
      const POST = here.backend.endpoint({}, async ({ db }) => db.update(invoices).set({ number: '2' }).returning())
      const { status, body, log } = await answered(POST, { as: 'alice', method: 'POST' })
      expect(status).toBe(200)
      expect(body).toContain('"number":"2"')
      expect(body + log).not.toContain('whsec_')
    })

    test('by an allow-list, a filter or a sort: these refuse its name at once', () => {
      expect(() => columns(invoices, ['id', 'token' as 'id'])).toThrow(/secret/)
      expect(() => listQuery(invoices, { filter: ['token' as 'id'] })).toThrow(/secret/)
      expect(() => listQuery(invoices, { sort: ['token' as 'id'] })).toThrow(/secret/)
    })

    test('by the log of a write that failed', async () => {
      const POST = here.backend.endpoint({ body: InvoiceInput }, create(invoices))
      const failed = await answered(POST, { as: 'alice', method: 'POST', body: { ...sent, customerId: '999999' } })
      expect(failed.status).toBe(422)
      expect(failed.body + failed.log).not.toContain('whsec_')
      const plain = here.backend.endpoint({ body: InvoiceInput }, ({ db, body }) =>
        db.insert(invoices).values({ ...body, token: body.token as never, customerId: '999999' }),
      )
      const alsoFailed = await answered(plain, { as: 'alice', method: 'POST', body: sent })
      expect(alsoFailed.status).toBe(422)
      expect(alsoFailed.body).not.toContain('whsec_')
      expect(alsoFailed.log).not.toContain('whsec_')
    })
  })
})

function withClaims(claims: string): Identity {
  return { role: 'authenticated', claims, sub: '' }
}

function text(statement: string): Statement {
  return { text: statement, values: [] }
}
