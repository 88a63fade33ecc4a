import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { signedDelivery, testBackend, type TestBackend } from 'postern/testing'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { backend } from '../backend.ts'
import { stripeSecret } from '../stripe/secret.ts'

const directory = fileURLToPath(new URL('..', import.meta.url))
let app: TestBackend
let desk: string
let invoice: string

beforeAll(async () => {
  app = await testBackend(backend, { directory, load: (file) => import(file) })
  desk = await mkdtemp(join(tmpdir(), 'postern-desk-'))
  // Mail is written below the directory in which the server was started.
  vi.spyOn(process, 'cwd').mockReturnValue(desk)
})
afterAll(async () => {
  await app.close()
  await rm(desk, { recursive: true })
})

let number = 0
beforeEach(async () => {
  number += 1
  const alice = app.as('alice')
  const customer = await alice.post<{ id: string }>('/api/customers', { name: 'Acme', email: 'billing@acme.example' })
  const body = { customerId: customer.body.id, number: `S-${number}`, total: '120.50', currency: 'EUR' }
  const made = await alice.post<{ id: string }>('/api/invoices', { ...body, dueAt: '2026-12-31' })
  invoice = made.body.id
})

interface Checkout {
  readonly client_reference_id: string
  readonly [field: string]: unknown
}

/** Delivers one as Stripe would. */
async function deliver(id: string, said: Partial<Checkout> = {}, secret = stripeSecret): Promise<Response> {
  const object = {
    client_reference_id: invoice,
    amount_total: 12_050,
    currency: 'eur',
    payment_status: 'paid',
    ...said,
  }
  const event = { id, type: 'checkout.session.completed', created: 1_795_392_000, data: { object } }
  return app.fetch(signedDelivery('stripe', '/api/webhooks/stripe', event, { secret }))
}

async function paymentsOf(id: string) {
  const list = await app.as('alice').get<{ data: readonly object[] }>(`/api/invoices/${id}/payments`)
  return list.body.data
}

test('a checkout pays the invoice and records the payment, as the owner’s, and a copy of it changes nothing', async () => {
  for (const status of ['processed', 'duplicate']) {
    const answer = await deliver('evt_paid')
    expect([answer.status, await answer.json()]).toEqual([200, { status }])
  }
  expect((await app.as('alice').get(`/api/invoices/${invoice}`)).body).toMatchObject({ status: 'paid' })
  expect(await paymentsOf(invoice)).toMatchObject([{ amount: '120.5000', note: 'Stripe', ownerId: 'alice' }])
  expect((await app.as('bob').get(`/api/invoices/${invoice}/payments`)).status).toBe(404)
})

test('the receipt is a job of the owner’s, enqueued with the payment, and goes out once', async () => {
  await deliver('evt_receipt')
  expect(await app.enqueued()).toContainEqual(
    expect.objectContaining({ job: 'send-receipt', input: { invoiceId: invoice }, principalId: 'alice' }),
  )
  const ran = await app.runJobs()
  expect(ran.at(-1)).toMatchObject({ job: 'send-receipt', state: 'done' })
  const sent = join(desk, '.postern', 'mail')
  const mails = await Promise.all((await readdir(sent)).map((file) => readFile(join(sent, file), 'utf8')))
  expect(mails.filter((mail) => mail.includes(`invoice S-${number} `))).toEqual([
    `To: billing@acme.example\nSubject: Receipt for invoice S-${number}\n\nThank you, Acme: invoice S-${number} is paid.\n`,
  ])
})

test.each<[string, Partial<Checkout>]>([
  ['of an invoice that is not there', { client_reference_id: '999999' }],
  ['in another currency', { currency: 'usd' }],
  ['that says no invoice', { client_reference_id: '' }],
  ['whose money has not come', { payment_status: 'unpaid' }],
])('a checkout %s pays nothing, and is not sent again', async (what, said) => {
  expect((await deliver(`evt_${what}`.replaceAll(' ', '_'), said)).status).toBe(200)
  expect((await app.as('alice').get(`/api/invoices/${invoice}`)).body).toMatchObject({ status: 'draft' })
  expect(await paymentsOf(invoice)).toEqual([])
})

test('what Stripe has not signed is refused, and nothing happens', async () => {
  const forged = await app.recording(() => deliver('evt_forged', {}, 'whsec_of_somebody_else_altogether'))
  expect(forged.answer.status).toBe(401)
  forged.nothing()
})
