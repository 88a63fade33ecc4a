import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { hmacSigner } from '../../packages/postern/test/hmac-signer.js'
import { stripe } from '../../packages/postern/src/signers/stripe/stripe.js'
import { signedDelivery } from '../../packages/postern/src/testing/signed-delivery.js'
import { type BankPlace, bankPlace, deliver, payment } from './bank-place.js'
import { payUnlessItFails, type ServedBank, servedBank } from './served-bank.js'

const SECRET = 'whsec_of_a_test_0123456789'
const HOUR_MS = 3_600_000

let place: BankPlace
let bank: ServedBank

beforeAll(async () => {
  place = await bankPlace()
  bank = await servedBank(
    place.url,
    ({ webhook }) => ({
      '/acme': webhook({ name: 'acme', from: hmacSigner(), on: { 'payment.made': payUnlessItFails } }),
      '/stripe': webhook({ name: 'stripe', from: stripe({ secrets: SECRET }), on: { tick: () => {} } }),
    }),
    { workers: true },
  )
})
afterEach(() => void vi.useRealTimers())
afterAll(async () => {
  await bank.close()
  await place.drop()
})

/** The clock of this process: PostgreSQL's stays as it is, and so do the timers. */
const setClock = (byMs: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs })
const row = async (id: string) =>
  (
    await place.sql(
      `select status, attempts, leased, extract(epoch from next_attempt_at - now())::float8 as due_in,
         extract(epoch from now() - received_at)::float8 as age
         from postern.webhook_inbox where dedupe_key = 'id:${id}'`,
    )
  )[0]!

describe.each([-HOUR_MS, HOUR_MS])('a clock that is %d ms off the database’s', (byMs) => {
  test('changes nothing of when an event is tried again, by whom, and how often it has its effect', async () => {
    setClock(byMs)
    const id = `off ${byMs}`
    expect((await deliver(bank, '/acme', payment(id, { fails: 1 })))?.status).toBe(200)
    await expect.poll(async () => (await row(id))['leased'], { timeout: 60_000 }).toBe(false)
    const waiting = await row(id)
    expect(waiting).toMatchObject({ status: 'received', attempts: 1 })
    // The first backoff is 5 to 15 s. By the wrong clock it would be an hour, or long past.
    expect(waiting['due_in']).toBeGreaterThan(-60)
    expect(waiting['due_in']).toBeLessThanOrEqual(15)
    expect(Math.abs(waiting['age'] as number)).toBeLessThan(300)
    await place.sql("update postern.webhook_inbox set next_attempt_at = now() where status = 'received'")
    await expect.poll(async () => (await row(id))['status'], { timeout: 60_000 }).toBe('succeeded')
    expect((await place.effects()).get(id)).toBe(1)
  })

  test('refuses what is signed with a time, and the log says by how much it is off', async () => {
    const { url, method, headers, body } = signedDelivery(
      'stripe',
      '/stripe',
      { id: 'evt_1', type: 'tick' },
      { secret: SECRET },
    )
    const bytes = await new Response(body).arrayBuffer()
    setClock(byMs)
    const response = await fetch(new URL(new URL(url).pathname, bank.url), { method, headers, body: bytes })
    expect(response.status).toBe(401)
    const told = bank.events.findLast(({ type }) => type === 'webhook.refused')
    expect(told).toMatchObject({ reason: byMs > 0 ? 'timestamp-too-old' : 'timestamp-too-new' })
    const { skewSeconds } = told as unknown as { skewSeconds: number }
    expect(Math.abs(skewSeconds + byMs / 1_000)).toBeLessThan(120)
    expect(await place.sql("select id from postern.webhook_inbox where endpoint = 'stripe'")).toEqual([])
  })
})

test('a clock that leaps back while events come: each has its effect once', async () => {
  const ids = Array.from({ length: 30 }, (_, index) => `leap ${index}`)
  const sending = ids.map(async (id, index) => {
    if (index === 10) setClock(-86_400_000)
    const first = await deliver(bank, '/acme', payment(id))
    if (index === 20) setClock(2 * HOUR_MS)
    return [first?.status, (await deliver(bank, '/acme', payment(id)))?.status]
  })
  for (const answers of await Promise.all(sending)) expect(answers).toEqual([200, 200])
  const left = () => place.sql("select id from postern.webhook_inbox where status = 'received'")
  await expect.poll(async () => (await left()).length, { timeout: 60_000 }).toBe(0)
  const effects = await place.effects()
  expect(ids.filter((id) => effects.get(id) !== 1)).toEqual([])
})
