import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createHmac, randomUUID } from 'node:crypto'
import { addTo } from '../../packages/postern/test/bank-schema.js'
import { pruneDeliveries } from '../../packages/postern/src/inbox/prune.js'
import { github } from '../../packages/postern/src/signers/github/github.js'
import { shopify } from '../../packages/postern/src/signers/shopify/shopify.js'
import { stripe } from '../../packages/postern/src/signers/stripe/stripe.js'
import { signedDelivery } from '../../packages/postern/src/testing/signed-delivery.js'
import { type BankPlace, bankPlace } from './bank-place.js'
import { type ServedBank, servedBank } from './served-bank.js'

// Somebody has a request that was genuine, and sends it again: later, changed where nobody signed, or elsewhere.

const SECRET = 'whsec_of_a_test_0123456789'
const count =
  (name: string) =>
  async ({ db }: { readonly db: Parameters<typeof addTo>[0] }) =>
    addTo(db, name, 1)

let place: BankPlace
let bank: ServedBank

beforeAll(async () => {
  place = await bankPlace()
  bank = await servedBank(place.url, ({ webhook }) => {
    const other = 'another-secret-of-the-tests-0123456789'
    return {
      '/stripe': webhook({ name: 'stripe', from: stripe({ secrets: SECRET }), on: { tick: count('stripe') } }),
      '/stripe/eu': webhook({ name: 'stripe:eu', from: stripe({ secrets: other }), on: { tick: count('stripe:eu') } }),
      '/stripe/same': webhook({ name: 'stripe:same', from: stripe({ secrets: SECRET }), on: { tick: count('same') } }),
      '/github': webhook({ name: 'github', from: github({ secrets: SECRET }), on: { push: count('github') } }),
      '/deploys': webhook({
        name: 'deploys',
        from: github({ secrets: SECRET }),
        on: {
          push: async ({ event, db }) => {
            const { account, fails } = event.data as { readonly account: string; readonly fails: number }
            await addTo(db, account, 1)
            if (event.attempt <= fails) throw new Error('Not yet')
          },
        },
      }),
      '/shopify': webhook({
        name: 'shopify',
        from: shopify({ secrets: SECRET }),
        on: { 'orders/paid': count('shopify') },
      }),
      '/shopify/recent': webhook({
        name: 'shopify:recent',
        from: shopify({ secrets: SECRET }),
        maxEventAge: {
          ms: 3 * 86_400_000,
          of: ({ data }) => {
            const { updated_at: at } = data as { readonly updated_at?: string }
            return at === undefined ? null : new Date(at)
          },
        },
        on: { 'orders/paid': count('recent') },
      }),
    }
  })
})
afterAll(async () => {
  await bank.close()
  await place.drop()
})
beforeEach(async () => {
  await place.sql('delete from postern.webhook_inbox; delete from accounts')
})

interface Captured {
  readonly path: string
  readonly headers: Headers
  readonly body: ArrayBuffer
}
async function captured(request: Request): Promise<Captured> {
  return { path: new URL(request.url).pathname, headers: request.headers, body: await request.arrayBuffer() }
}
async function send(
  { path, headers, body }: Captured,
  changed: { path?: string; headers?: Record<string, string> } = {},
) {
  const sent = new Headers(headers)
  for (const [name, value] of Object.entries(changed.headers ?? {})) sent.set(name, value)
  const response = await fetch(bank.url + (changed.path ?? path), { method: 'POST', headers: sent, body })
  const { status, code } = (await response.json()) as { status?: string; code?: string }
  return [response.status, code ?? status]
}
const effects = async () =>
  Object.fromEntries(
    (await place.sql('select name, balance from accounts')).map((row) => [row['name'], row['balance']]),
  )
const named = (name: string, fails = 0) => ({ ref: name, account: name, fails })
const tick = { id: 'evt_1', type: 'tick', data: { object: {} } }

describe('a delivery whose signature covers id and time', () => {
  test('has its effect once within the tolerance, and is refused after it', async () => {
    const genuine = await captured(signedDelivery('stripe', '/stripe', tick, { secret: SECRET }))
    expect(await send(genuine)).toEqual([200, 'processed'])
    expect(await send(genuine)).toEqual([200, 'duplicate'])
    const sixMinutesAgo = new Date(Date.now() - 360_000)
    const other = { ...tick, id: 'evt_2' }
    const late = await captured(signedDelivery('stripe', '/stripe', other, { secret: SECRET, now: sixMinutesAgo }))
    expect(await send(late)).toEqual([401, 'signature-invalid'])
    expect(await effects()).toEqual({ stripe: 1 })
    expect(await place.sql('select id from postern.webhook_inbox')).toHaveLength(1)
  })

  test('with another body under the same id is not processed, and told', async () => {
    expect(await send(await captured(signedDelivery('stripe', '/stripe', tick, { secret: SECRET })))).toEqual([
      200,
      'processed',
    ])
    const changed = { ...tick, data: { object: { amount: 1_000_000 } } }
    const before = bank.events.length
    expect(await send(await captured(signedDelivery('stripe', '/stripe', changed, { secret: SECRET })))).toEqual([
      200,
      'duplicate',
    ])
    expect(await effects()).toEqual({ stripe: 1 })
    expect(bank.events.slice(before)).toContainEqual(
      expect.objectContaining({ type: 'webhook.differs', webhook: 'stripe' }),
    )
  })

  test('is worth nothing at a webhook with another secret, and once at each that shares its own', async () => {
    const genuine = await captured(signedDelivery('stripe', '/stripe', tick, { secret: SECRET }))
    expect(await send(genuine)).toEqual([200, 'processed'])
    expect(await send(genuine, { path: '/stripe/eu' })).toEqual([401, 'signature-invalid'])
    // The address is not signed: whoever gives two webhooks one secret lets one stand for the other.
    expect(await send(genuine, { path: '/stripe/same' })).toEqual([200, 'processed'])
    expect(await send(genuine, { path: '/stripe/same' })).toEqual([200, 'duplicate'])
    expect(await effects()).toEqual({ stripe: 1, same: 1 })
  })
})

describe('a delivery whose signature covers neither', () => {
  const push = { ref: 'refs/heads/main', after: 'b9d6f5e1c3' }
  const genuine = () => captured(signedDelivery('github', '/github', push, { secret: SECRET }))

  test('is known by its bytes, whatever id it comes under, also twenty times at once', async () => {
    const request = await genuine()
    expect(await send(request)).toEqual([200, 'processed'])
    const others = Array.from({ length: 20 }, (_, index) =>
      send(request, { headers: { 'x-github-delivery': `forged-${index}` } }),
    )
    for (const answer of await Promise.all(others)) expect(answer).toEqual([200, 'duplicate'])
    expect(await effects()).toEqual({ github: 1 })
  })

  test('and twenty times at once before it was seen at all: one effect', async () => {
    const request = await genuine()
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => send(request, { headers: { 'x-github-delivery': `raced-${index}` } })),
    )
    await expect.poll(() => send(request), { timeout: 60_000 }).toEqual([200, 'duplicate'])
    expect(await effects()).toEqual({ github: 1 })
    expect(await place.sql('select id from postern.webhook_inbox')).toHaveLength(1)
  })

  test('as another type of event is not another event', async () => {
    const request = await genuine()
    expect(await send(request)).toEqual([200, 'processed'])
    expect(await send(request, { headers: { 'x-github-event': 'release', 'x-github-delivery': 'forged' } })).toEqual([
      200,
      'duplicate',
    ])
    expect(await effects()).toEqual({ github: 1 })
  })

  test('is still known years after everything that can be pruned was pruned', async () => {
    const request = await genuine()
    expect(await send(request)).toEqual([200, 'processed'])
    await place.sql(
      `update postern.webhook_inbox set received_at = now() - interval '5 years', finished_at = now() - interval '5 years',
         keep_until = keep_until - interval '5 years'`,
    )
    expect(await pruneDeliveries(bank.backend.database)).toEqual({ bodies: 1, rows: 0 })
    expect(await send(request, { headers: { 'x-github-delivery': 'years-later' } })).toEqual([200, 'duplicate'])
    expect(await effects()).toEqual({ github: 1 })
  })

  test('sent under the id of an event that waits, it neither has its effect again nor keeps that event from its own', async () => {
    const done = await captured(signedDelivery('github', '/deploys', named('done'), { secret: SECRET, id: 'one' }))
    expect(await send(done)).toEqual([200, 'processed'])
    const waiting = await captured(
      signedDelivery('github', '/deploys', named('waiting', 1), { secret: SECRET, id: 'two' }),
    )
    expect(await send(waiting)).toEqual([503, 'unavailable'])
    await send(done, { headers: { 'x-github-delivery': 'two' } })
    await send(waiting)
    expect(await effects()).toEqual({ done: 1, waiting: 1 })
  })

  test('of one shop is not taken for another’s', async () => {
    const body = JSON.stringify({ id: 820982911946154500, total_price: '100.00' })
    const hmac = createHmac('sha256', SECRET).update(body).digest('base64')
    const headers = {
      'content-type': 'application/json',
      'x-shopify-hmac-sha256': hmac,
      'x-shopify-topic': 'orders/paid',
      'x-shopify-shop-domain': 'victim.myshopify.com',
      'x-shopify-webhook-id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
    }
    const genuineOrder = await captured(new Request('http://localhost/shopify', { method: 'POST', headers, body }))
    expect(await send(genuineOrder)).toEqual([200, 'processed'])
    const swapped = { 'x-shopify-shop-domain': 'thief.myshopify.com', 'x-shopify-webhook-id': 'another' }
    expect(await send(genuineOrder, { headers: swapped })).toEqual([200, 'duplicate'])
    expect(await effects()).toEqual({ shopify: 1 })
  })
})

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
const order = (more: object) => {
  const body = JSON.stringify({ id: 1, ...more })
  const headers = {
    'x-shopify-hmac-sha256': createHmac('sha256', SECRET).update(body).digest('base64'),
    'x-shopify-topic': 'orders/paid',
    'x-shopify-webhook-id': randomUUID(),
    // Nobody has signed that.
    'x-shopify-triggered-at': new Date().toISOString(),
  }
  return captured(new Request('http://localhost/shopify/recent', { method: 'POST', headers, body }))
}

test('what no signature dates is refused by the date in its body, where a webhook asks for it, whatever its headers say', async () => {
  const before = bank.events.length
  expect(await send(await order({ updated_at: daysAgo(4) }))).toEqual([401, 'signature-invalid'])
  expect(await send(await order({ updated_at: 'no date' }))).toEqual([401, 'signature-invalid'])
  expect(await effects()).toEqual({})
  expect(await place.sql('select id from postern.webhook_inbox')).toEqual([])
  expect(bank.events.slice(before)).toContainEqual(
    expect.objectContaining({ type: 'webhook.refused', webhook: 'shopify:recent', reason: 'event-too-old' }),
  )
  expect(await send(await order({ updated_at: daysAgo(2) }))).toEqual([200, 'processed'])
  expect(await send(await order({ says: 'no date at all' }))).toEqual([200, 'processed'])
  expect(await effects()).toEqual({ recent: 2 })
})
