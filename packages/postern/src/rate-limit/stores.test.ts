import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onEachPlace } from '../../../../test/support/drivers.js'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js'
import { type Database, database } from '../database/database.js'
import { applyMigrations } from '../database/migrations.js'
import { memoryStore } from './memory-store.js'
import { postgresStore } from './postgres-store.js'
import { paceOf, type Rate, type RateLimitStore, takenOf } from './rate.js'

/** A store, and a way to let time pass for it. */
interface Counted {
  readonly store: RateLimitStore
  /** The same limits, asked by another process. */
  readonly other: RateLimitStore
  later(ms: number): Promise<void>
}

const options = { signal: new AbortController().signal }
/** Long, so that nothing comes back while a slow machine runs a test. */
const ten: Rate = { limit: 10, seconds: 86_400 }
const key = (text: string) => Buffer.alloc(32, text).toString('base64url')
const take = (store: RateLimitStore, name: string, rate = ten) => Promise.resolve(store.take(key(name), rate, options))

/** How many of `n` that ask at the same moment get through. */
async function passedOf(n: number, name: string, stores: readonly RateLimitStore[]): Promise<number> {
  const all = Array.from({ length: n }, (_, index) => take(stores[index % stores.length]!, name))
  return (await Promise.all(all)).filter(({ passed }) => passed).length
}

function contract(counted: () => Counted): void {
  test('as many as the limit pass, and the next is told when to come back', async () => {
    const { store } = counted()
    const all = []
    for (let n = 0; n < 12; n += 1) all.push(await take(store, 'contract'))
    expect(all.map(({ passed }) => passed)).toEqual([...Array.from({ length: 10 }, () => true), false, false])
    expect(all.map(({ remaining }) => remaining)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0])
    const last = all.at(-1)!
    expect(last.retryMs).toBeGreaterThan(8_640_000 - 120_000)
    expect(last.retryMs).toBeLessThanOrEqual(8_640_000)
    expect(last.resetMs).toBeGreaterThan(86_400_000 - 120_000)
    expect(all[0]!.retryMs).toBe(0)
  })

  test('each key has its own', async () => {
    const { store } = counted()
    for (let n = 0; n < 11; n += 1) await take(store, 'mine')
    expect((await take(store, 'mine')).passed).toBe(false)
    expect((await take(store, 'yours')).passed).toBe(true)
  })

  test('what was taken comes back bit by bit, and never more than the limit', async () => {
    const { store, later } = counted()
    for (let n = 0; n < 10; n += 1) await take(store, 'refill')
    await later(2 * 8_640_000)
    expect([(await take(store, 'refill')).passed, (await take(store, 'refill')).passed]).toEqual([true, true])
    expect((await take(store, 'refill')).passed).toBe(false)
    await later(30 * 86_400_000)
    expect(await passedOf(15, 'refill', [store])).toBe(10)
  })

  test('being refused costs nothing: whoever keeps asking is let in as early as who waits', async () => {
    const { store, later } = counted()
    for (let n = 0; n < 50; n += 1) await take(store, 'insistent')
    await later(8_640_000)
    expect((await take(store, 'insistent')).passed).toBe(true)
  })

  test('of those that ask at the same moment, in two processes, exactly as many as the limit pass', async () => {
    const { store, other } = counted()
    const rounds = []
    for (const name of ['a', 'b', 'c']) rounds.push(await passedOf(40, `${name}-together`, [store, other]))
    expect(rounds).toEqual([10, 10, 10])
  })
}

describe('in memory', () => {
  let now = 0
  const store = memoryStore({ clock: () => now })
  contract(() => ({ store, other: store, later: async (ms) => void (now += ms) }))

  test('a flood of keys makes it no larger: who has not asked for longest is forgotten', async () => {
    const small = memoryStore({ maxKeys: 100, clock: () => now })
    const once: Rate = { limit: 1, seconds: 60 }
    expect((await take(small, 'first', once)).passed).toBe(true)
    expect((await take(small, 'second', once)).passed).toBe(true)
    for (let n = 0; n < 1_000; n += 1) {
      for (let m = 0; m < 50; m += 1) await take(small, `made-up-${n}-${m}`, once)
      // Who keeps asking is remembered through all of it.
      expect((await take(small, 'second', once)).passed).toBe(false)
    }
    expect((await take(small, 'first', once)).passed).toBe(true)
  })

  test('takes no nonsense', () => {
    for (const maxKeys of [0, -1, 1.5, Number.NaN])
      expect(() => memoryStore({ maxKeys })).toThrow('maxKeys is a whole number')
  })
})

onEachPlace((place) => {
  let made: TestDatabase | undefined
  const opened: Database<Record<string, never>>[] = []
  const connect = () => {
    const where =
      made === undefined ? { directory: 'memory://rates' } : { url: made.url, migrationUrl: made.migrationUrl }
    const db = database({ schema: {}, poolWaitMs: 20_000, ...where })
    opened.push(db)
    return db
  }
  let counted: Counted
  const asService = (text: string) =>
    opened[0]!.asOwner(async (owner) => {
      const results = await owner.batch([
        { text: "select set_config('role', 'service_role', true)", values: [] },
        { text, values: [] },
      ])
      return results[1]!.rows
    })
  const later = async (ms: number) =>
    void (await asService(`update postern.rate_limits set full_at = full_at - ${ms}::bigint * 1000`))
  const count = async () => Number((await asService('select count(*) from postern.rate_limits'))[0]![0])
  beforeAll(async () => {
    if (place !== 'embedded') made = await createTestDatabase({ on: place })
    const [one, two] = [connect(), connect()]
    await applyMigrations(one, '/nowhere/at/all')
    counted = { store: postgresStore(one), other: postgresStore(two), later }
  })
  afterAll(async () => {
    for (const db of opened) await db.close()
    await made?.drop()
  })
  contract(() => counted)

  test('keys that have all of theirs again are forgotten, a few at a time', async () => {
    for (let n = 0; n < 30; n += 1) await take(counted.store, `old-${n}`)
    await counted.later(86_400_000)
    const before = await count()
    for (let n = 0; n < 5; n += 1) await take(counted.store, 'new')
    expect(before + 1 - (await count())).toBe(15)
  })

  test('a database without the table is an error that says what to do', async () => {
    await opened[0]!.asOwner((owner) => owner.script('alter table postern.rate_limits rename to away'))
    await expect(take(counted.store, 'x')).rejects.toThrow('run `postern migrate up`')
    await opened[0]!.asOwner((owner) => owner.script('alter table postern.away rename to rate_limits'))
  })
})

/** Broken in the two ways that stores are: what they are told must find both. */
describe('what is asked of a store finds one', () => {
  const fullAt = new Map<string, number>()
  const racy: RateLimitStore = {
    async take(name, rate) {
      const pace = paceOf(rate)
      const before = fullAt.get(name) ?? 0
      await wait(1)
      const passed = before <= pace.span - pace.interval
      if (passed) fullAt.set(name, before + pace.interval)
      return takenOf(passed, before, pace)
    },
  }
  test('that looks first and writes then', async () => expect(await passedOf(40, 'racy', [racy])).toBe(40))
  test('of which each process has its own', async () => {
    expect(await passedOf(40, 'own', [memoryStore(), memoryStore()])).toBe(20)
  })
})
