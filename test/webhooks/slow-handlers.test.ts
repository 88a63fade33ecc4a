import { afterAll, beforeAll, expect, test } from 'vitest'
import { pay } from '../../packages/postern/test/bank-schema.js'
import { delivery, hmacSigner } from '../../packages/postern/test/hmac-signer.js'
import { type BankPlace, bankPlace, deliver, payment } from './bank-place.js'
import { gate, type ServedBank, servedBank } from './served-bank.js'

// A handler that takes longer than its provider waits. Thirty seconds against three are a gate here, which opens when the test has
// seen the answer: what must not happen is that the answer waits for it.

let place: BankPlace
let closed = gate()
let entered = gate()
const banks: ServedBank[] = []

const start = async (workers: boolean) => {
  const bank = await servedBank(
    place.url,
    ({ webhook }) => ({
      '/slow': webhook({
        name: 'slow',
        from: hmacSigner(),
        answerMs: 300,
        on: {
          'payment.made': async (context) => {
            await pay(context)
            entered.open()
            await closed.opened
          },
        },
      }),
      '/prepared': webhook({
        name: 'prepared',
        from: hmacSigner(),
        answerMs: 300,
        prepare: () => {},
        on: { 'payment.made': (context) => pay({ ...context, prepared: undefined }) },
      }),
    }),
    { workers },
  )
  banks.push(bank)
  return bank
}
async function ended(id: string, withinMs = 60_000): Promise<void> {
  await expect
    .poll(() => place.sql(`select status, attempts from postern.webhook_inbox where dedupe_key = 'id:${id}'`), {
      timeout: withinMs,
    })
    .toEqual([{ status: 'succeeded', attempts: 1 }])
}

beforeAll(async () => {
  place = await bankPlace()
})
afterAll(async () => {
  for (const bank of banks) await bank.close()
  await place.drop()
})

test('without a worker the provider is told in time to come again, and while it runs again; it has its effect once', async () => {
  ;[closed, entered] = [gate(), gate()]
  const bank = await start(false)
  // It comes back although the gate is shut: the answer did not wait.
  expect((await deliver(bank, '/slow', payment('alone')))?.status).toBe(503)
  await entered.opened
  expect((await deliver(bank, '/slow', payment('alone')))?.status).toBe(503)
  expect(await place.effects()).toEqual(new Map())
  closed.open()
  await ended('alone')
  expect(await deliver(bank, '/slow', payment('alone'))).toMatchObject({ status: 200, body: { status: 'duplicate' } })
  expect((await place.effects()).get('alone')).toBe(1)
})

test('one whose storing alone takes longer than its provider waits is begun all the same, and not when a lease ends', async () => {
  const bank = await start(false)
  const held = place.sql(
    'do $$ begin lock table postern.webhook_inbox in share row exclusive mode; perform pg_sleep(1); end $$',
  )
  const isHeld = () => place.sql("select from pg_locks where granted and mode = 'ShareRowExclusiveLock'")
  await expect.poll(async () => (await isHeld()).length, { interval: 20, timeout: 10_000 }).toBe(1)
  expect((await deliver(bank, '/prepared', payment('stored late')))?.status).toBe(503)
  await held
  await ended('stored late', 30_000)
  expect((await place.effects()).get('stored late')).toBe(1)
})

test('with a worker it is told that it is stored, and a copy that comes meanwhile too', async () => {
  ;[closed, entered] = [gate(), gate()]
  const bank = await start(true)
  expect(await deliver(bank, '/slow', payment('owned'))).toMatchObject({ status: 200, body: { status: 'stored' } })
  await entered.opened
  expect(await deliver(bank, '/slow', payment('owned'))).toMatchObject({ status: 200, body: { status: 'stored' } })
  closed.open()
  await ended('owned')
  expect((await place.effects()).get('owned')).toBe(1)
})

test('a client that hangs up while its event is processed does not undo it', async () => {
  ;[closed, entered] = [gate(), gate()]
  const bank = await start(false)
  const { headers, body } = delivery('/slow', payment('gone'))
  const bytes = await new Response(body).arrayBuffer()
  const leaving = new AbortController()
  const asked = fetch(`${bank.url}/slow`, { method: 'POST', headers, body: bytes, signal: leaving.signal })
  const left = asked.then(
    () => 'answered',
    (error: Error) => error.name,
  )
  await entered.opened
  leaving.abort()
  expect(await left).toBe('AbortError')
  closed.open()
  await ended('gone')
  expect((await place.effects()).get('gone')).toBe(1)
})
