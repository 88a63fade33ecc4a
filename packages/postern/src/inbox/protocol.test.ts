import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { bank } from '../../test/bank.js'
import { addTo, type Db } from '../../test/bank-schema.js'
import { SERVICE } from '../database/identity.js'
import { bind } from '../database/paved/prepared.js'
import type { InboxDatabase } from './as-service.js'
import { process, type Processing } from './attempt.js'
import { claim, startAgain } from './claim.js'
import { listDeliveries, showDelivery, strandedDeliveries } from './deliveries.js'
import { endFirstLease } from './give-back-unheard.js'
import { type InboxRow, keptEvent, sha256 } from './inbox-row.js'
import { PermanentError } from './permanent-error.js'
import { processWhenFree } from './process-when-free.js'
import { pruneDeliveries } from './prune.js'
import { giveBack, record } from './record.js'
import { replayDeliveries, replayDelivery } from './replay.js'
import { STATEMENTS } from './statements.js'
import { store } from './store.js'
import { storeAndOpen } from './store-and-open.js'

const DAY_MS = 86_400_000
const known = [
  { endpoint: 'acme', eventType: 'tick', leaseMs: 60_000 },
  { endpoint: 'ordered', eventType: 'tick', leaseMs: 60_000 },
  { endpoint: 'blocking', eventType: 'tick', leaseMs: 60_000 },
]

function row(key: string, said: Partial<InboxRow> = {}): InboxRow {
  const event = keptEvent({ id: key, type: 'tick', at: null, data: { key }, payload: { data: { key } } })
  return {
    endpoint: 'acme',
    dedupeKey: `id:${key}`,
    eventType: 'tick',
    eventAt: null,
    orderingKey: null,
    blocksKey: false,
    event,
    body: Buffer.from(key),
    bodySha256: sha256(Buffer.from(key)),
    guardsBody: false,
    headers: '{}',
    status: 'received',
    maxAttempts: 3,
    error: null,
    keepMs: 90 * DAY_MS,
    ...said,
  }
}

const run = (work: (processing: Processing) => unknown, timeMs = 10_000) => ({ run: work, timeMs, strict: true })
const add = (name: string) => run(({ db }) => addTo(db as unknown as Db, name, 1))
const ordered = (key: string) => row(key, { endpoint: 'ordered', orderingKey: 'customer 1' })
const blocking = (key: string) => row(key, { endpoint: 'blocking', orderingKey: 'k', blocksKey: true })

const LEASE = { begins: true, leaseMs: 60_000 }

describe.each(['postgres', 'embedded'] as const)('the inbox on %s', (on) => {
  const it = bank(() => ({}), { on })
  const database = () => it.backend.database as unknown as InboxDatabase
  const begin = async (key: string, said: Partial<InboxRow> = {}) => {
    const { rows } = await store(database(), [row(key, said)], LEASE)
    const { id } = rows[0]!
    return {
      id,
      attempt: 1,
      endpoint: said.endpoint ?? 'acme',
      eventType: 'tick',
      orderingKey: said.orderingKey ?? null,
    }
  }
  const rowOf = async (id: string) => (await showDelivery(database(), id))!
  const due = () =>
    it.sql("update postern.webhook_inbox set next_attempt_at = now(), leased = false where status = 'received'")
  const claimed = async (limit = 100) => {
    const all = await claim(database(), known, limit)
    const keys = new Map((await listDeliveries(database(), { limit: 1_000 })).map(({ id, key }) => [id, key.slice(3)]))
    return all.map(({ id }) => keys.get(id))
  }

  test('an attempt that comes late finds what another has made final, and does nothing', async () => {
    const started = await begin('late')
    expect(await process(database(), started, add('late'))).toEqual({ kind: 'succeeded' })
    expect(await process(database(), { ...started, attempt: 2 }, add('late'))).toEqual({
      kind: 'final',
      status: 'succeeded',
    })
    expect(await it.balance('late')).toBe(1)
  })

  test.skipIf(on === 'embedded')(
    'a lease that ends while the handler runs: the row’s lock keeps others off',
    async () => {
      const started = await begin('slow')
      const slow = run(async ({ db }) => {
        await addTo(db as unknown as Db, 'slow', 1)
        await pause(1_500)
      })
      const first = process(database(), started, slow)
      await pause(300)
      const others = Array.from({ length: 4 }, (_, index) =>
        process(database(), { ...started, attempt: 2 + index }, add('slow')),
      )
      expect(await Promise.all(others)).toEqual(others.map(() => ({ kind: 'elsewhere', by: 'row' })))
      expect(await first).toEqual({ kind: 'succeeded' })
      expect(await it.balance('slow')).toBe(1)
    },
  )

  /** Holds the row from before this settles until it is let go, and leaves nothing. */
  const holding = async (id: string) => {
    let letGo!: () => void
    const letGone = new Promise<void>((resolve) => (letGo = resolve))
    const unit = database().unit({ mode: 'request' })
    await unit.runAll(SERVICE, [bind(STATEMENTS.lock, [id])])
    const ended = letGone.then(() => unit.close())
    return { letGo, ended }
  }

  describe.skipIf(on === 'embedded')('a row that is locked', () => {
    test('for a moment is not left to its lease', async () => {
      const started = await begin('locked')
      const { letGo, ended } = await holding(started.id)
      let tries = 0
      const { schema, kind, unit } = database()
      const watched: InboxDatabase = {
        schema,
        kind,
        unit(options) {
          tries += 1
          if (tries === 2) letGo()
          return unit(options)
        },
      }
      expect(await processWhenFree(watched, started, add('locked'))).toEqual({ kind: 'succeeded' })
      await ended
      expect(tries).toBeGreaterThan(1)
      expect(await it.balance('locked')).toBe(1)
    })

    test('for longer is left to whoever holds it', async () => {
      const started = await begin('held')
      const { letGo, ended } = await holding(started.id)
      expect(await processWhenFree(database(), started, add('held'))).toEqual({ kind: 'elsewhere', by: 'row' })
      letGo()
      await ended
      expect(await it.balance('held')).toBe(0)
    })
  })

  test('stored and opened in one round trip: owned before its handler runs, and locked', async () => {
    const named = { id: '11111111-2222-4333-8444-555555555555', ...row('opened') }
    const options = { ...LEASE, begins: true, timeMs: 10_000 } as const
    const { opened, ...stored } = await storeAndOpen(database(), named, options)
    expect(stored.rows).toEqual([{ kind: 'fresh', id: named.id, status: 'received', begun: true }])
    await opened!.unit.close()
    expect(await rowOf(named.id)).toMatchObject({ status: 'received', attempts: 1 })
    // Sent twice because the first was never answered: it is the same delivery still.
    const again = await storeAndOpen(database(), named, options)
    const started = { id: named.id, attempt: 1, endpoint: 'acme', eventType: 'tick', orderingKey: null }
    expect(await process(database(), started, add('opened'), again.opened)).toEqual({ kind: 'succeeded' })
    const copy = await storeAndOpen(database(), { ...named, id: '11111111-2222-4333-8444-666666666666' }, options)
    expect(copy).toEqual({
      hasWorker: false,
      rows: [{ kind: 'duplicate', id: named.id, status: 'succeeded', differs: false }],
    })
    expect(await it.balance('opened')).toBe(1)
  })

  test('and its transaction, met by another, is begun anew with the lock', async () => {
    const named = { id: '11111111-2222-4333-8444-777777777777', ...row('opened-again') }
    const { opened } = await storeAndOpen(database(), named, { ...LEASE, begins: true, timeMs: 10_000 })
    const started = { id: named.id, attempt: 1, endpoint: 'acme', eventType: 'tick', orderingKey: null }
    let calls = 0
    const conflicting = run(async ({ db }) => {
      await addTo(db as unknown as Db, 'opened-again', 1)
      calls += 1
      if (calls === 1) throw Object.assign(new Error('deadlock'), { code: '40P01' })
    })
    expect(await process(database(), started, conflicting, opened)).toEqual({ kind: 'succeeded' })
    expect([calls, await it.balance('opened-again')]).toEqual([2, 1])
  })

  const isGivenBack = (id: string) => endFirstLease(database(), id, LEASE.leaseMs)

  describe('an event whose storing was never answered', () => {
    test('is not left to its lease: nobody has begun it', async () => {
      const { id } = await begin('unheard')
      expect(await startAgain(database(), id, 60_000)).toBe(null)
      expect(await isGivenBack(id)).toBe(true)
      expect(await rowOf(id)).toMatchObject({ status: 'received', attempts: 0 })
      expect(await claimed()).toEqual(['unheard'])
      expect(await rowOf(id)).toMatchObject({ attempts: 1 })
    })

    test('is left alone where somebody has begun it since, who may be the first', async () => {
      const { id } = await begin('begun since')
      // A lease is known by its end, in milliseconds. Whoever gives one back waits for 50 first.
      await pause(5)
      expect(await isGivenBack(id)).toBe(true)
      expect(await startAgain(database(), id, LEASE.leaseMs)).toMatchObject({ attempt: 1 })
      expect(await isGivenBack(id)).toBe(false)
      expect(await startAgain(database(), id, LEASE.leaseMs)).toBe(null)
      expect(await rowOf(id)).toMatchObject({ status: 'received', attempts: 1 })
    })

    test('is left alone where it is done, and where it is not there', async () => {
      const started = await begin('done unheard')
      expect(await process(database(), started, add('done unheard'))).toEqual({ kind: 'succeeded' })
      expect(await isGivenBack(started.id)).toBe(false)
      expect(await rowOf(started.id)).toMatchObject({ status: 'succeeded', attempts: 1 })
      expect(await isGivenBack('6f1f7a52-6f6f-4f0e-8a53-3d0f5d5c5a11')).toBe(false)
    })
  })

  test('a late record of an old attempt changes nothing', async () => {
    const started = await begin('fenced')
    await due()
    expect(await startAgain(database(), started.id, 60_000)).toMatchObject({ attempt: 2 })
    expect(await record(database(), started, new Error('old'))).toBe(null)
    expect(await rowOf(started.id)).toMatchObject({ attempts: 2, error: null })
    expect(await record(database(), { ...started, attempt: 2 }, new Error('new'))).toMatchObject({ dead: false })
    expect(await rowOf(started.id)).toMatchObject({ status: 'received', error: 'new' })
  })

  test('many that are replayed become due one after the other, the oldest first, and only those that are meant', async () => {
    const keys = ['many 1', 'many 2', 'many 3', 'many 4']
    const ids: string[] = []
    for (const key of keys) {
      const started = await begin(key, { maxAttempts: 1 })
      await record(database(), started, new Error(key === 'many 3' ? 'It is full' : 'The bank was AWAY'))
      ids.push(started.id)
    }
    const since = new Date(Date.now() - DAY_MS)
    expect(await replayDeliveries(database(), { status: 'dead', error: 'was away', until: since })).toEqual([])
    const came = await replayDeliveries(database(), { status: 'dead', error: 'was away', since }, { perMinute: 6 })
    expect(came.map(({ id, replayed }) => [id, replayed])).toEqual([ids[0], ids[1], ids[3]].map((id) => [id, true]))
    const times = await it.sql(
      `select extract(epoch from next_attempt_at - lag(next_attempt_at) over (order by next_attempt_at))::int
       from postern.webhook_inbox where id in ('${ids.join("', '")}') and status = 'received' order by seq`,
    )
    expect(times.flat()).toEqual([null, '10', '10'])
    // What is due is the first alone: the others leave room for what comes.
    expect((await claimed()).filter((key) => keys.includes(key!))).toEqual(['many 1'])
    await expect(replayDeliveries(database(), ids, { perMinute: Number.NaN })).rejects.toThrow(/perMinute/)
    await it.sql("update postern.webhook_inbox set status = 'dead' where dedupe_key like 'id:many%'")
  })

  test('the backoff doubles, within its jitter, and after the last attempt the event is dead', async () => {
    const started = await begin('poison', { maxAttempts: 6 })
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      const before = Date.now()
      const recorded = (await record(database(), { ...started, attempt }, new Error(`failed ${attempt}`)))!
      if (attempt === 6) break
      const seconds = (recorded.retryAt!.getTime() - before) / 1_000
      const usual = 10 * 2 ** (attempt - 1)
      expect(seconds).toBeGreaterThan(usual * 0.5 - 2)
      expect(seconds).toBeLessThan(usual * 1.5 + 5)
      await due()
      expect(await startAgain(database(), started.id, 60_000)).toMatchObject({ attempt: attempt + 1 })
    }
    expect(await rowOf(started.id)).toMatchObject({ status: 'dead', attempts: 6, error: 'failed 6' })
  })

  test('an event that kills its process each time is dead without a word of its own, and others go on', async () => {
    const started = await begin('killer', { maxAttempts: 2 })
    for (const attempt of [2, 3]) {
      await due()
      expect(await startAgain(database(), started.id, 60_000)).toMatchObject({ attempt })
    }
    expect(await process(database(), { ...started, attempt: 3 }, add('killer'))).toEqual({ kind: 'exhausted' })
    expect(await record(database(), { ...started, attempt: 3 }, new PermanentError('died'))).toEqual({
      dead: true,
      retryAt: null,
    })
    expect(await rowOf(started.id)).toMatchObject({ status: 'dead', attempts: 2 })
    expect(await it.balance('killer')).toBe(0)
  })

  test('what met another transaction is begun anew, and is the same attempt', async () => {
    const started = await begin('conflict')
    let calls = 0
    const conflicting = run(async ({ db }) => {
      calls += 1
      await addTo(db as unknown as Db, 'conflict', 1)
      if (calls < 3) throw Object.assign(new Error('deadlock'), { code: calls === 1 ? '40P01' : '40001' })
    })
    expect(await process(database(), started, conflicting)).toEqual({ kind: 'succeeded' })
    expect([calls, await it.balance('conflict'), (await rowOf(started.id)).attempts]).toEqual([3, 1, 1])
  })

  test('a handler that never returns is given up, and leaves nothing', async () => {
    const started = await begin('endless')
    const endless = run(async ({ db }) => {
      await addTo(db as unknown as Db, 'endless', 1)
      await new Promise(() => {})
    }, 200)
    await expect(process(database(), started, endless)).rejects.toThrow(/longer than the 200 ms/)
    expect(await it.balance('endless')).toBe(0)
    expect(await process(database(), { ...started, attempt: 2 }, add('endless'))).toEqual({ kind: 'succeeded' })
  })

  test('what could not begin is no attempt', async () => {
    const started = await begin('given-back')
    await giveBack(database(), started, 0)
    expect(await rowOf(started.id)).toMatchObject({ attempts: 0, status: 'received' })
  })

  const clear = () => it.sql("update postern.webhook_inbox set status = 'ignored' where status = 'received'")

  test('a worker takes what is due of what it knows, and leaves the rest where it is', async () => {
    await clear()
    await store(
      database(),
      [row('waits'), row('unknown', { eventType: 'removed' }), row('gone', { endpoint: 'removed' })],
      {
        begins: false,
        leaseMs: 1,
      },
    )
    expect(await claimed()).toEqual(['waits'])
    expect(await claimed()).toEqual([])
    expect(await strandedDeliveries(database(), known)).toEqual([
      { webhook: 'acme', type: 'removed', count: 1 },
      { webhook: 'removed', type: 'tick', count: 1 },
    ])
  })

  test('events of one key are taken one at a time, in the order in which they came; a retry holds up those behind it', async () => {
    await clear()
    const { rows } = await store(database(), [ordered('o1'), ordered('o2'), ordered('o3')], LEASE)
    expect(rows.map((each) => each.kind === 'fresh' && each.begun)).toEqual([true, false, false])
    expect(await claimed()).toEqual([])
    await record(database(), { id: rows[0]!.id, attempt: 1 }, new Error('again'))
    expect(await claimed()).toEqual([])
    await due()
    expect(await claimed()).toEqual(['o1'])
    await due()
    const first = { id: rows[0]!.id, attempt: 2, endpoint: 'ordered', eventType: 'tick', orderingKey: 'customer 1' }
    await record(database(), first, new PermanentError('dead'))
    expect(await claimed()).toEqual(['o2'])
  })

  test('a dead event holds up its key where that is how it is meant', async () => {
    const { rows } = await store(database(), [blocking('d1'), blocking('d2')], LEASE)
    await record(database(), { id: rows[0]!.id, attempt: 1 }, new PermanentError('dead'))
    await due()
    expect(await claimed()).not.toContain('d2')
    await replayDelivery(database(), rows[0]!.id)
    expect(await claimed()).toContain('d1')
  })

  test.skipIf(on === 'embedded')(
    'two of one key that could not see each other do not run at the same time',
    async () => {
      const one = await begin('s1', { endpoint: 'ordered', orderingKey: 'same moment' })
      const { rows } = await store(database(), [row('s2', { endpoint: 'ordered', orderingKey: 'same moment' })], LEASE)
      const two = { ...one, id: rows[0]!.id }
      const slow = process(
        database(),
        one,
        run(() => pause(500)),
      )
      await pause(150)
      expect(await process(database(), two, add('s2'))).toEqual({ kind: 'elsewhere', by: 'key' })
      await slow
    },
  )

  test('a replay of what is dead has its effect once; what has succeeded is replayed by force alone, as another', async () => {
    const started = await begin('replayed')
    await record(database(), started, new PermanentError('dead'))
    expect(await replayDelivery(database(), started.id)).toEqual({ id: started.id, replayed: true, as: started.id })
    const again = (await startAgain(database(), started.id, 60_000))!
    expect(await process(database(), again, add('replayed'))).toEqual({ kind: 'succeeded' })
    expect(await replayDelivery(database(), started.id)).toMatchObject({ replayed: false, why: 'succeeded' })
    await expect(replayDelivery(database(), started.id, { force: { reason: ' ' } })).rejects.toThrow(/needs a reason/)
    const forced = await replayDelivery(database(), started.id, { force: { reason: 'the ledger was restored' } })
    if (!forced.replayed) throw new Error(forced.why)
    expect(forced.as).not.toBe(started.id)
    expect(await rowOf(forced.as)).toMatchObject({ replayOf: started.id, replayReason: 'the ledger was restored' })
    const second = (await startAgain(database(), forced.as, 60_000))!
    expect(await process(database(), second, add('replayed'))).toEqual({ kind: 'succeeded' })
    expect(await it.balance('replayed')).toBe(2)
    expect(await replayDelivery(database(), '00000000-0000-0000-0000-000000000000')).toMatchObject({ why: 'absent' })
  })

  test('pruned, an event is still known; forgotten only when no copy can come', async () => {
    const forEver = await begin('kept', { keepMs: null })
    const forgotten = await begin('forgotten')
    for (const started of [forEver, forgotten]) await process(database(), started, add('pruned'))
    const waiting = await begin('waiting')
    await it.sql(
      `update postern.webhook_inbox set finished_at = now() - interval '40 days', received_at = now() - interval '100 days',
         keep_until = keep_until - interval '100 days' where dedupe_key in ('id:kept', 'id:forgotten', 'id:waiting')`,
    )
    const { bodies, rows } = await pruneDeliveries(database(), { batch: 1 })
    expect([bodies, rows]).toEqual([2, 1])
    expect(await showDelivery(database(), forgotten.id)).toBe(null)
    expect(await rowOf(forEver.id)).toMatchObject({ isPruned: true, body: null, status: 'succeeded' })
    expect(await rowOf(waiting.id)).toMatchObject({ isPruned: false, status: 'received' })
    expect((await store(database(), [row('kept')], LEASE)).rows).toMatchObject([
      { kind: 'duplicate', status: 'succeeded' },
    ])
    expect(await replayDelivery(database(), forEver.id)).toMatchObject({ why: 'pruned' })
  })

  test('the same id with other bytes is told as such', async () => {
    await begin('changed')
    const other = row('changed', { body: Buffer.from('other'), bodySha256: sha256(Buffer.from('other')) })
    expect((await store(database(), [other], LEASE)).rows).toMatchObject([{ kind: 'duplicate', differs: true }])
  })
})
