import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { hmacSigner } from '../../packages/postern/test/hmac-signer.js'
import { listDeliveries } from '../../packages/postern/src/inbox/deliveries.js'
import { replayDelivery } from '../../packages/postern/src/inbox/replay.js'
import { type BankPlace, bankPlace, deliver, payment } from './bank-place.js'
import { payUnlessItFails, type ServedBank, servedBank } from './served-bank.js'

// A handler is deployed, taken away, renamed and put back, while events of its wait.

let place: BankPlace
let bank: ServedBank | undefined
beforeAll(async () => {
  place = await bankPlace()
})
afterEach(async () => {
  await bank?.close()
  bank = undefined
  await place.sql('delete from postern.webhook_inbox; delete from entries')
})
afterAll(() => place.drop())

type Routes = Parameters<typeof servedBank>[1]
const withHandler: Routes = ({ webhook }) => ({
  '/acme': webhook({ name: 'acme', from: hmacSigner(), on: { 'payment.made': payUnlessItFails } }),
})
const withoutHandler: Routes = ({ webhook }) => ({
  '/acme': webhook({ name: 'acme', from: hmacSigner(), on: { 'refund.made': () => {} } }),
})
const renamed: Routes = ({ webhook }) => ({
  '/acme': webhook({ name: 'acme-2', from: hmacSigner(), on: { 'payment.made': payUnlessItFails } }),
})

/** Deploys that code in the place of what ran before. */
async function deploy(routes: Routes, workers = true): Promise<ServedBank> {
  await bank?.close()
  return (bank = await servedBank(place.url, routes, { workers }))
}
const dueNow = () =>
  place.sql("update postern.webhook_inbox set next_attempt_at = now(), leased = false where status = 'received'")
async function warned(served: ServedBank): Promise<void> {
  const warnings = () => served.events.flatMap((event) => (event.type === 'database.warning' ? [event.message] : []))
  await expect
    .poll(warnings, { timeout: 60_000 })
    .toContain('The inbox holds 1 of acme, payment.made, that no webhook of this program handles')
}
/** Long enough for a worker to have looked: another event, which it does know, was taken up meanwhile. */
async function untilItLooked(served: ServedBank, path: string, type: string): Promise<void> {
  const id = `look ${Math.random()}`
  await deliver(served, path, { id, type, data: { account: id, amount: 1 } })
  await place.sql(`update postern.webhook_inbox set next_attempt_at = now() where dedupe_key = 'id:${id}'`)
  const looked = () => place.sql(`select status from postern.webhook_inbox where dedupe_key = 'id:${id}'`)
  await expect.poll(looked, { timeout: 60_000 }).toEqual([{ status: 'succeeded' }])
}

test.each([
  ['taken away', withoutHandler, 'refund.made'],
  ['renamed', renamed, 'payment.made'],
])(
  'what waits for a webhook that was %s stays, is named, and is processed by code that knows it again',
  async (_how, after, known) => {
    const before = await deploy(withHandler, false)
    expect((await deliver(before, '/acme', payment('waiting', { fails: 1 })))?.status).toBe(503)

    const deployed = await deploy(after)
    await dueNow()
    await warned(deployed)
    await untilItLooked(deployed, '/acme', known)
    expect(await listDeliveries(deployed.backend.database, { webhook: 'acme', status: 'received' })).toMatchObject([
      { key: 'id:waiting', type: 'payment.made', attempts: 1, error: 'Not yet' },
    ])
    expect((await place.effects()).has('waiting')).toBe(false)

    await deploy(withHandler)
    const status = () => place.sql("select status, attempts from postern.webhook_inbox where dedupe_key = 'id:waiting'")
    await expect.poll(status, { timeout: 60_000 }).toEqual([{ status: 'succeeded', attempts: 2 }])
    expect((await place.effects()).get('waiting')).toBe(1)
  },
)

test('nor is it dead because its provider comes again meanwhile', async () => {
  const before = await deploy(withHandler, false)
  expect((await deliver(before, '/acme', payment('again', { fails: 1 })))?.status).toBe(503)
  const without = await deploy(withoutHandler, false)
  for (let time = 0; time < 3; time += 1) expect((await deliver(without, '/acme', payment('again')))?.status).toBe(503)
  expect(await listDeliveries(without.backend.database)).toMatchObject([{ status: 'received', attempts: 1 }])
  const after = await deploy(withHandler, false)
  // What is processed is what came first, which fails in its first attempt alone.
  expect((await deliver(after, '/acme', payment('again')))?.status).toBe(200)
  expect((await place.effects()).get('again')).toBe(1)
})

test('an event whose type nobody handles yet is kept as ignored, and a replay has it processed once somebody does', async () => {
  const before = await deploy(withoutHandler)
  expect((await deliver(before, '/acme', payment('early')))?.status).toBe(200)
  const [early] = await listDeliveries(before.backend.database, { status: 'ignored' })
  const after = await deploy(withHandler)
  expect(await replayDelivery(after.backend.database, early!.id)).toMatchObject({ replayed: true })
  await expect.poll(async () => (await place.effects()).get('early'), { timeout: 60_000 }).toBe(1)
})
