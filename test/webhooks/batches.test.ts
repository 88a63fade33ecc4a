import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hmacSigner } from '../../packages/postern/test/hmac-signer.js'
import { type BankPlace, bankPlace, deliver, payment } from './bank-place.js'
import { payUnlessItFails, type ServedBank, servedBank } from './served-bank.js'

let place: BankPlace
beforeAll(async () => {
  place = await bankPlace()
})
afterAll(() => place.drop())
beforeEach(async () => {
  await place.sql('delete from postern.webhook_inbox; delete from entries; delete from accounts')
})

const routes: Parameters<typeof servedBank>[1] = ({ webhook }) => ({
  '/batch': webhook({ name: 'batch', from: hmacSigner(), on: { 'payment.made': payUnlessItFails } }),
})
const batch = (from: number, to: number, bad = -1) => ({
  events: Array.from({ length: to - from }, (_, index) =>
    payment(`e${from + index}`, from + index === bad ? { fails: 1 } : {}),
  ),
})
const statuses = () =>
  place.sql('select status, attempts, count(*)::int as count from postern.webhook_inbox group by 1, 2 order by 3 desc')
const expectOneEach = async (count: number) => {
  const effects = await place.effects()
  expect([effects.size, new Set(effects.values())]).toEqual([count, new Set([1])])
}

describe('a hundred events in one delivery, of which one is bad', () => {
  test('without a worker: 99 have succeeded, and the provider’s next try brings the one', async () => {
    const bank: ServedBank = await servedBank(place.url, routes)
    try {
      expect((await deliver(bank, '/batch', batch(0, 100, 50)))?.status).toBe(503)
      expect(await statuses()).toEqual([
        { status: 'succeeded', attempts: 1, count: 99 },
        { status: 'received', attempts: 1, count: 1 },
      ])
      await expectOneEach(99)
      expect(await deliver(bank, '/batch', batch(0, 100, 50))).toMatchObject({
        status: 200,
        body: { status: 'processed' },
      })
      await expectOneEach(100)
      expect(await deliver(bank, '/batch', batch(0, 100, 50))).toMatchObject({
        status: 200,
        body: { status: 'duplicate' },
      })
      await expectOneEach(100)
    } finally {
      await bank.close()
    }
  })

  test('with a worker: the provider is done, and each has its effect once', async () => {
    const bank = await servedBank(place.url, routes, { workers: true })
    try {
      expect((await deliver(bank, '/batch', batch(0, 100, 50)))?.status).toBe(200)
      const left = async () => {
        // What waits after a failure alone: an UPDATE locks what it only looks at, too.
        await place.sql(
          "update postern.webhook_inbox set next_attempt_at = now() where status = 'received' and not leased and attempts > 0",
        )
        return (await place.sql("select id from postern.webhook_inbox where status = 'received'")).length
      }
      await expect.poll(left, { timeout: 60_000 }).toBe(0)
      await expectOneEach(100)
    } finally {
      await bank.close()
    }
  })

  test('two deliveries that overlap, at the same time and again: none twice', async () => {
    const bank = await servedBank(place.url, routes)
    try {
      for (let round = 0; round < 2; round += 1)
        await Promise.all([batch(0, 60), batch(40, 100), batch(0, 100)].map((each) => deliver(bank, '/batch', each)))
      // What one of them had begun while another came is told to come again.
      await expect
        .poll(async () => (await deliver(bank, '/batch', batch(0, 100)))?.body.status, { timeout: 60_000 })
        .toBe('duplicate')
      await expectOneEach(100)
    } finally {
      await bank.close()
    }
  })
})
