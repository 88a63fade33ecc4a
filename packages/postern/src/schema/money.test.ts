import { describe, expect, test } from 'vitest'
import { CustomerInput, customers, InvoiceInput, invoices, shop, type ShopEndpoint } from '../../test/shop.js'
import { create, row, update } from '../operations.js'
import { patchOf } from '../patch-of.js'

const routes = (endpoint: ShopEndpoint) => ({
  '/api/customers': { POST: endpoint({ body: CustomerInput }, create(customers)) },
  '/api/invoices': { POST: endpoint({ body: InvoiceInput }, create(invoices)) },
  '/api/invoices/[id]': {
    GET: endpoint({ sees: invoices }, row()),
    PATCH: endpoint({ owns: invoices, body: patchOf(InvoiceInput) }, update()),
  },
})

describe.each(['postgres', 'embedded'] as const)('an amount of money, on %s', (on) => {
  const it = shop(routes, { on })

  test('is a number: nothing that only a numeric takes for one is stored', async () => {
    const alice = it.app.as('alice')
    const customer = await alice.post<{ id: string }>('/api/customers', { name: 'Ada' })
    const invoice = { customerId: customer.body.id, number: '1', total: '12.5' }
    const made = await alice.post<{ id: string; total: string }>('/api/invoices', invoice)
    expect([made.status, made.body.total]).toEqual([201, '12.5000'])
    for (const total of ['NaN', 'nan', 'Infinity', '-Infinity', 'inf']) {
      expect([total, (await alice.post('/api/invoices', { ...invoice, total })).status]).toEqual([total, 422])
      expect((await alice.patch(`/api/invoices/${made.body.id}`, { total })).status).toBe(422)
    }
    expect((await alice.get<{ total: string }>(`/api/invoices/${made.body.id}`)).body.total).toBe('12.5000')
  })
})
