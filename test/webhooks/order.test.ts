import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { entries } from '../../packages/postern/test/bank-schema.js'
import { hmacSigner } from '../../packages/postern/test/hmac-signer.js'
import { seeded } from '../support/seeded.js'
import { type BankPlace, bankPlace, deliver } from './bank-place.js'
import { type ServedBank, servedBank } from './served-bank.js'

interface Data {
  readonly key: string
  readonly version: number
  readonly fails: number
}

let place: BankPlace
const banks: ServedBank[] = []
/** How many of one key run at this moment, over both processes, and where more than one did. */
const running = new Map<string, number>()
const together: string[] = []

beforeAll(async () => {
  place = await bankPlace()
  // Two of them, as two processes would be: what keeps order is the database and no lock of ours.
  for (let index = 0; index < 2; index += 1) banks.push(await servedBank(place.url, routes, { workers: true }))
})
afterAll(async () => {
  for (const bank of banks) await bank.close()
  await place.drop()
})

const routes: Parameters<typeof servedBank>[1] = ({ webhook }) => ({
  '/ordered': webhook({
    name: 'ordered',
    from: hmacSigner(),
    orderBy: ({ data }) => (data as Data).key,
    on: {
      'state.told': async ({ event, db }) => {
        const { key, version, fails } = event.data as Data
        const others = running.get(key) ?? 0
        running.set(key, others + 1)
        if (others > 0) together.push(event.id!)
        try {
          await db.insert(entries).values({ ownerId: key, event: event.id!, amount: version })
          await pause(2)
          if (event.attempt <= fails) throw new Error('Not yet')
        } finally {
          running.set(key, running.get(key)! - 1)
        }
      },
    },
  }),
})

const told = (key: string, version: number, fails = 0) => ({
  id: `${key}/${version}`,
  type: 'state.told',
  data: { key, version, fails } satisfies Data,
})

test('twenty keys of fifteen events each, in any order and one in five failing: each key keeps the order of its arrival', async () => {
  const seed = Math.floor(Math.random() * 1e6)
  const random = seeded(seed)
  const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`)
  const arrivals = keys.map((key) => {
    const versions = Array.from({ length: 15 }, (_, version) => ({ version, at: random() }))
    return versions.toSorted((a, b) => a.at - b.at).map(({ version }) => told(key, version, random() < 0.2 ? 1 : 0))
  })
  const answers = await Promise.all(
    arrivals.map(async (events, key) => {
      const statuses: (number | undefined)[] = []
      // One has arrived when it was answered: of two that are on their way at once nobody can say which is first.
      for (const [index, event] of events.entries())
        statuses.push((await deliver(banks[(key + index) % 2]!, '/ordered', event))?.status)
      return statuses
    }),
  )
  expect(new Set(answers.flat())).toEqual(new Set([200]))
  const left = async () => {
    // Nobody waits for a backoff here.
    await place.sql("update postern.webhook_inbox set next_attempt_at = now() where status = 'received' and not leased")
    return (await place.sql("select id from postern.webhook_inbox where status = 'received'")).length
  }
  await expect.poll(left, { timeout: 100_000 }).toBe(0)
  const effects = await place.sql('select owner_id, event from entries order by id')
  for (const [index, key] of keys.entries()) {
    const happened = effects.filter((row) => row['owner_id'] === key).map(({ event }) => event)
    expect({ seed, key, happened }).toEqual({ seed, key, happened: arrivals[index]!.map(({ id }) => id) })
  }
  expect({ seed, together }).toEqual({ seed, together: [] })
  // Some have failed and were waited for, or this has shown nothing.
  const [again] = await place.sql('select count(*)::int as count from postern.webhook_inbox where attempts > 1')
  expect(again!['count']).toBeGreaterThan(10)
})
