import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { invoices, shop, type ShopEndpoint } from '../../test/shop.js'
import { listQuery } from '../database/paved/list-query.js'
import { page, row } from '../operations.js'

const routes = (endpoint: ShopEndpoint) => ({
  '/api/invoices': { GET: endpoint({ query: listQuery(invoices) }, page(invoices)) },
  '/api/invoices/[id]': { GET: endpoint({ sees: invoices }, row()) },
  '/api/found/[id]': { GET: endpoint({ sees: invoices }, ({ db, resource }) => db.invoices.find(resource.id)) },
  '/api/selected/[id]': {
    GET: endpoint({ sees: invoices }, async ({ db, resource }) => {
      const [found] = await db.select().from(invoices).where(eq(invoices.id, resource.id))
      return found
    }),
  },
  '/api/kinds/[id]': {
    GET: endpoint({ sees: invoices }, ({ resource }) => ({
      id: typeof resource.id,
      total: typeof resource.total,
      dueAt: resource.dueAt instanceof Date,
    })),
  },
})

/** 2^53 + 1, which a JavaScript number turns into its neighbour; a tenth, which a float cannot hold. */
const ID = '9007199254740993'
const TOTAL = '999999999999999.1000'
const DUE = '2026-12-31T23:59:59.999Z'

describe.each(['postgres', 'embedded'] as const)('keys, money and instants on %s', (on) => {
  const it = shop(routes, { on })
  beforeAll(async () => {
    await it.app.asOwner((owner) =>
      owner.script(`set role service_role;
        insert into customers (id, name, owner_id) overriding system value values (1, 'ACME', 'alice');
        insert into invoices (id, customer_id, number, total, due_at, owner_id) overriding system value
          values (${ID}, 1, 'A-1', ${TOTAL}, '2027-01-01 01:59:59.999+02', 'alice');
        reset role`),
    )
  })

  test.each([
    ['id', 'bigint'],
    ['customer_id', 'bigint'],
    ['total', 'numeric(19,4)'],
    ['due_at', 'timestamp(3) with time zone'],
    ['created_at', 'timestamp(3) with time zone'],
  ])('the column %s is %s', async (name, type) => {
    const found = await it.app.asOwner((owner) =>
      owner.batch([
        {
          text: `select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'invoices'::regclass and attname = $1`,
          values: [name],
        },
      ]),
    )
    expect(found[0]?.rows).toEqual([[type]])
  })

  test.each(['invoices', 'found', 'selected'])('no digit is lost on the way out by /api/%s', async (path) => {
    const { body } = await it.app.as('alice').get(`/api/${path}/${ID}`)
    expect(body).toMatchObject({ id: ID, customerId: '1', total: TOTAL, dueAt: DUE })
  })

  test('nor in a list', async () => {
    const { body } = await it.app.as('alice').get('/api/invoices')
    expect(body).toMatchObject({ data: [{ id: ID, total: TOTAL, dueAt: DUE }] })
  })

  test('in TypeScript keys and money are text, an instant is a Date', async () => {
    const { body } = await it.app.as('alice').get(`/api/kinds/${ID}`)
    expect(body).toEqual({ id: 'string', total: 'string', dueAt: true })
  })

  test('the neighbour that a number would have become is another row, and there is none', async () => {
    expect((await it.app.as('alice').get('/api/invoices/9007199254740992')).status).toBe(404)
  })
})
