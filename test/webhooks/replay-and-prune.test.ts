import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { hmacSigner } from '../../packages/postern/test/hmac-signer.js'
import { pay } from '../../packages/postern/test/bank-schema.js'
import { listDeliveries } from '../../packages/postern/src/inbox/deliveries.js'
import { pruneDeliveries } from '../../packages/postern/src/inbox/prune.js'
import { replayDelivery } from '../../packages/postern/src/inbox/replay.js'
import { type BankPlace, bankPlace, deliver, payment } from './bank-place.js'
import { gate, type ServedBank, servedBank } from './served-bank.js'

let place: BankPlace
let bank: ServedBank
let closed = gate()
let entered = gate()

beforeAll(async () => {
  place = await bankPlace()
  bank = await servedBank(place.url, ({ webhook }) => ({
    '/acme': webhook({ name: 'acme', from: hmacSigner(), on: { 'payment.made': pay } }),
    '/waits': webhook({
      name: 'waits',
      from: hmacSigner(),
      answerMs: 200,
      on: {
        'payment.made': async (context) => {
          await pay(context)
          entered.open()
          await closed.opened
        },
      },
    }),
  }))
})
afterAll(async () => {
  await bank.close()
  await place.drop()
})
beforeEach(async () => {
  ;[closed, entered] = [gate(), gate()]
  await place.sql('delete from postern.webhook_inbox; delete from entries')
})

test('what is being processed is not replayed beside itself', async () => {
  await deliver(bank, '/waits', payment('running'))
  await entered.opened
  const [running] = await listDeliveries(bank.backend.database)
  const replays = Array.from({ length: 5 }, () => replayDelivery(bank.backend.database, running!.id))
  for (const replayed of await Promise.all(replays)) expect(replayed).toMatchObject({ replayed: false, why: 'running' })
  closed.open()
  await expect
    .poll(() => place.sql('select status, attempts from postern.webhook_inbox'), { timeout: 60_000 })
    .toEqual([{ status: 'succeeded', attempts: 1 }])
  expect(await replayDelivery(bank.backend.database, running!.id)).toMatchObject({ why: 'succeeded' })
  expect((await place.effects()).get('running')).toBe(1)
})

test('ten people replay what is dead at the same time: one effect', async () => {
  await deliver(bank, '/acme', payment('dead'))
  await place.sql("update postern.webhook_inbox set status = 'dead'; delete from entries")
  const [dead] = await listDeliveries(bank.backend.database)
  await Promise.all(Array.from({ length: 10 }, () => replayDelivery(bank.backend.database, dead!.id)))
  // The provider comes again as well, ten times at once.
  await Promise.all(Array.from({ length: 10 }, () => deliver(bank, '/acme', payment('dead'))))
  await expect
    .poll(async () => (await deliver(bank, '/acme', payment('dead')))?.body.status, { timeout: 60_000 })
    .toBe('duplicate')
  expect((await place.effects()).get('dead')).toBe(1)
})

test('pruning while events come, go and come again: none is lost, none doubled', async () => {
  const ids = Array.from({ length: 150 }, (_, index) => `pruned ${index}`)
  const over = new AbortController()
  const pruning = (async () => {
    let bodies = 0
    while (!over.signal.aborted)
      bodies += (await pruneDeliveries(bank.backend.database, { doneDays: 0, deadDays: 0, batch: 7 })).bodies
    return bodies
  })()
  const queue = [...ids, ...ids, ...ids]
  const answers: (number | undefined)[] = []
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
        let status = (await deliver(bank, '/acme', payment(id)))?.status
        // A copy that came while the first one ran: no worker owns it here, so the provider comes again.
        while (status === 503) status = (await deliver(bank, '/acme', payment(id)))?.status
        answers.push(status)
      }
    }),
  )
  over.abort()
  expect(await pruning).toBeGreaterThan(0)
  expect(new Set(answers)).toEqual(new Set([200]))
  const effects = await place.effects()
  expect(ids.filter((id) => effects.get(id) !== 1)).toEqual([])
  await pruneDeliveries(bank.backend.database, { doneDays: 0 })
  const [left] = await place.sql(
    'select count(*)::int as rows, count(event)::int as events, count(body)::int as bodies from postern.webhook_inbox',
  )
  expect(left).toEqual({ rows: 150, events: 0, bodies: 0 })
  expect(await deliver(bank, '/acme', payment('pruned 7'))).toMatchObject({
    status: 200,
    body: { status: 'duplicate' },
  })
})
