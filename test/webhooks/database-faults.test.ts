import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { addTo, pay } from '../../packages/postern/test/bank-schema.js'
import { hmacSigner } from '../../packages/postern/test/hmac-signer.js'
import { type FaultProxy, faultProxy } from '../faults/fault-proxy.js'
import { smallDisk } from '../faults/full-disk.js'
import { crashPostgres } from '../kills/crash.js'
import { untilUp } from '../kills/place.js'
import { startPostgres } from '../support/postgres-server.js'
import { seeded } from '../support/seeded.js'
import { type BankPlace, bankPlace, bankPlaceOn, deliver, deliverUntilHeard, payment } from './bank-place.js'
import { gate, payUnlessItFails, type ServedBank, servedBank } from './served-bank.js'

// The database fails in the middle. Whoever sends comes again until it hears 2xx; then each event has had its effect once.

let place: BankPlace
beforeAll(async () => {
  place = await bankPlace()
})
afterAll(() => place.drop())

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close()
})

type Routes = Parameters<typeof servedBank>[1]
async function serveBank(
  url: string,
  routes: Routes,
  options: Parameters<typeof servedBank>[2] = {},
): Promise<ServedBank> {
  const bank = await servedBank(url, routes, options)
  opened.push(bank)
  return bank
}
async function proxied(url: string): Promise<FaultProxy> {
  const proxy = await faultProxy(url)
  opened.push(proxy)
  return proxy
}
const paying: Routes = ({ webhook }) => ({
  '/pay': webhook({
    name: 'pay',
    from: hmacSigner(),
    deadlineMs: 1_000,
    attempts: 50,
    on: { 'payment.made': payUnlessItFails },
  }),
})
const expectOnce = async (at: BankPlace, ids: readonly string[]) => {
  const effects = await at.effects()
  expect(ids.filter((id) => effects.get(id) !== 1).map((id) => [id, effects.get(id) ?? 0])).toEqual([])
}
/** Until nothing waits any more. No backoff is waited for; leases are, because somebody may be at work. */
async function settled(at: BankPlace): Promise<void> {
  const left = async () => {
    await at.sql("update postern.webhook_inbox set next_attempt_at = now() where status = 'received' and not leased")
    return (await at.sql("select id from postern.webhook_inbox where status = 'received'")).length
  }
  await expect.poll(left, { timeout: 90_000, interval: 250 }).toBe(0)
}

test('PostgreSQL crashes twice amid 1,200 deliveries of 400 events, of which one in ten fails at first: none is lost, none doubled', async () => {
  const server = await startPostgres()
  opened.push({ close: () => server.stop() })
  const own = await bankPlaceOn(server)
  const bank = await serveBank(own.url, paying, { workers: true })
  const seed = Math.floor(Math.random() * 1e6)
  const random = seeded(seed)
  const ids = Array.from({ length: 400 }, (_, index) => `crash ${index}`)
  const deliveries = [...ids, ...ids, ...ids]
    .map((id, index) => ({ id, at: random(), fails: index % 10 === 0 ? 1 : 0 }))
    .toSorted((a, b) => a.at - b.at)
  let heard = 0
  const crashes = [400, 800]
  let crashing: Promise<void> = Promise.resolve()
  const crash = async () => {
    await crashPostgres(server.pid!)
    await untilUp(() => server.up())
  }
  let sent = 0
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      for (let next = deliveries.pop(); next !== undefined; next = deliveries.pop()) {
        const times = await deliverUntilHeard(bank, '/pay', payment(next.id, { fails: next.fails }), {
          patienceMs: 100_000,
        })
        sent += times
        heard += 1
        if (heard >= (crashes[0] ?? Infinity)) {
          crashes.shift()
          crashing = crashing.then(crash)
        }
      }
    }),
  )
  await crashing
  await settled(own)
  expect({ seed, heard, crashes }).toEqual({ seed, heard: 1_200, crashes: [] })
  await expectOnce(own, ids)
  expect(await own.sql('select status, count(*)::int as count from postern.webhook_inbox group by 1')).toEqual([
    { status: 'succeeded', count: 400 },
  ])
  // It was felt: some were told to come again.
  expect(sent).toBeGreaterThan(1_200)
}, 240_000)

test('a backend that is terminated in the handler takes its effects with it, and the next try has them once', async () => {
  let fails = 1
  const bank = await serveBank(place.url, ({ webhook }) => ({
    '/pay': webhook({
      name: 'terminated',
      from: hmacSigner(),
      on: {
        'payment.made': async (context) => {
          await pay(context)
          if (fails-- <= 0) return
          const { rows } = await context.db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
          await place.sql(`select pg_terminate_backend(${rows[0]!.pid})`)
          await context.db.execute(sql`select 1`)
        },
      },
    }),
  }))
  expect((await deliver(bank, '/pay', payment('terminated')))?.status).toBe(503)
  expect((await place.effects()).has('terminated')).toBe(false)
  await deliverUntilHeard(bank, '/pay', payment('terminated'))
  await expectOnce(place, ['terminated'])
})

/** Does something to the database again and again while every event is delivered twice, until each delivery was heard. */
async function deliverAmid(
  bank: ServedBank,
  ids: readonly string[],
  fault: (turn: number) => Promise<void>,
): Promise<void> {
  const queue = [...ids, ...ids]
  const failing = (async () => {
    for (let turn = 0; turn < 15; turn += 1) await fault(turn)
  })()
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
        await deliverUntilHeard(bank, '/pay', payment(id))
        await pause(10)
      }
    }),
  )
  await failing
}

test('all backends terminated, again and again, while events come: each has its effect once', async () => {
  const bank = await serveBank(place.url, paying, { workers: true })
  const ids = Array.from({ length: 120 }, (_, index) => `terminate ${index}`)
  let terminated = 0
  await deliverAmid(bank, ids, async () => {
    const rows = await place.sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    terminated += rows.length
    await pause(60)
  })
  expect(terminated).toBeGreaterThan(5)
  await settled(place)
  await expectOnce(place, ids)
}, 180_000)

/** Routes whose next event does `arm`’s work last. */
function armed(): { routes: Routes; arm: (work: () => void) => void } {
  let act: (() => void) | undefined
  const routes: Routes = ({ webhook }) => {
    const on = {
      'payment.made': async (context: Parameters<typeof pay>[0]) => {
        await pay(context)
        // What goes over the wire next is the mark and COMMIT.
        act?.()
        act = undefined
      },
    }
    return {
      '/inline': webhook({ name: 'lost-inline', from: hmacSigner(), on }),
      '/at-once': webhook({ name: 'lost-at-once', mode: 'one-commit', from: hmacSigner(), on }),
    }
  }
  return { routes, arm: (work) => void (act = work) }
}

describe('a COMMIT whose answer is lost', () => {
  test.each(['/inline', '/at-once'])('but which PostgreSQL has done, %s: nothing is done twice', async (path) => {
    const proxy = await proxied(place.url)
    const { routes, arm } = armed()
    const bank = await serveBank(proxy.url, routes)
    const id = `answer lost ${path}`
    arm(() => proxy.loseAnswer())
    await deliver(bank, path, payment(id))
    // It was final at once: a lost answer is no reason to undo, and none to do it again.
    await expectOnce(place, [id])
    await deliverUntilHeard(bank, path, payment(id))
    expect(await deliver(bank, path, payment(id))).toMatchObject({ status: 200, body: { status: 'duplicate' } })
    await expectOnce(place, [id])
    expect(await place.sql(`select status, attempts from postern.webhook_inbox where dedupe_key = 'id:${id}'`)).toEqual(
      [{ status: 'succeeded', attempts: 1 }],
    )
  })

  test.each(['/inline', '/at-once'])(
    'and which never came there, %s: it is done once, by the next try',
    async (path) => {
      const proxy = await proxied(place.url)
      const { routes, arm } = armed()
      const bank = await serveBank(proxy.url, routes)
      const id = `commit lost ${path}`
      arm(() => proxy.reset())
      await deliver(bank, path, payment(id))
      await deliverUntilHeard(bank, path, payment(id))
      expect((await place.effects()).get(id)).toBe(1)
    },
  )
})

const unheard: Routes = ({ webhook }) => ({
  '/inline': webhook({ name: 'unheard', from: hmacSigner(), on: { 'payment.made': pay } }),
  '/prepared': webhook({
    name: 'unheard-prepared',
    from: hmacSigner(),
    prepare: () => {},
    on: { 'payment.made': (context) => pay({ ...context, prepared: undefined }) },
  }),
})
const rowOf = (id: string) =>
  place.sql(`select status, attempts,
    finished_at - received_at < interval '45 s' as "before its lease ended"
    from postern.webhook_inbox where dedupe_key = 'id:${id}'`)
const lost = async (path: string, id: string) => {
  const proxy = await proxied(place.url)
  const bank = await serveBank(proxy.url, unheard)
  await deliverUntilHeard(bank, path, payment(`warm ${id}`))
  proxy.loseAnswer()
  expect((await deliver(bank, path, payment(id)))?.status).toBe(503)
  return bank
}

describe('an event whose storing is never answered, though PostgreSQL has done it', () => {
  const done = [{ status: 'succeeded', attempts: 1, 'before its lease ended': true }]

  test.each(['/inline', '/prepared'])('is processed by a worker, and not when its lease ends, %s', async (path) => {
    const id = `unheard ${path}`
    await serveBank(place.url, unheard, { workers: true })
    await lost(path, id)
    await expect.poll(() => rowOf(id), { timeout: 30_000, interval: 250 }).toEqual(done)
    await expectOnce(place, [id])
  })

  test.each(['/inline', '/prepared'])('is processed when it comes again where no worker is, %s', async (path) => {
    const id = `unheard alone ${path}`
    const bank = await lost(path, id)
    await deliverUntilHeard(bank, path, payment(id), { everyMs: 250, patienceMs: 30_000 })
    expect(await rowOf(id)).toEqual(done)
    await expectOnce(place, [id])
  })
})

test('a network that stalls, cuts and loses connections while events come: each has its effect once', async () => {
  const proxy = await proxied(place.url)
  const pool = { poolSize: 6, poolWaitMs: 500, statementTimeoutMs: 1_000 }
  const bank = await serveBank(proxy.url, paying, { database: pool })
  const ids = Array.from({ length: 120 }, (_, index) => `network ${index}`)
  const faults = [
    () => proxy.cutAfter(700),
    () => proxy.cutAnswers(),
    () => proxy.reset(),
    () => proxy.refuse(),
    () => proxy.stall(),
  ]
  await deliverAmid(bank, ids, async (turn) => {
    faults[turn % faults.length]!()
    await pause(40)
    proxy.heal()
    await pause(100)
  })
  expect(bank.events.some(({ type }) => type === 'webhook.failed' || type === 'request.refused')).toBe(true)
  await expectOnce(place, ids)
}, 180_000)

test('a pool that is used up tells providers to come again, and each event has its effect once', async () => {
  const bank = await serveBank(
    place.url,
    ({ webhook }) => ({
      '/pay': webhook({
        name: 'crowded',
        // What was begun and found no connection, not even to say so, rests until its lease ends.
        deadlineMs: 1_000,
        from: hmacSigner(),
        on: {
          'payment.made': async (context) => {
            await pay(context)
            await pause(100)
          },
        },
      }),
    }),
    { database: { poolSize: 2, poolWaitMs: 200 } },
  )
  const ids = Array.from({ length: 40 }, (_, index) => `crowded ${index}`)
  const first = await Promise.all(ids.map((id) => deliver(bank, '/pay', payment(id))))
  expect(first.filter((answer) => ![200, 503].includes(answer!.status))).toEqual([])
  expect(first.some((answer) => answer!.status === 503)).toBe(true)
  for (const id of ids) await deliverUntilHeard(bank, '/pay', payment(id))
  await expectOnce(place, ids)
})

test('two handlers that lock each other out: both have their effect in the attempt that they had', async () => {
  const both = [gate(), gate()] as const
  const bank = await serveBank(place.url, ({ webhook }) => ({
    '/pay': webhook({
      name: 'deadlock',
      from: hmacSigner(),
      on: {
        'payment.made': async ({ event, db }) => {
          const mine = event.id === 'deadlock a' ? 0 : 1
          const names = mine === 0 ? ['left', 'right'] : ['right', 'left']
          await addTo(db, names[0]!, 1)
          both[mine].open()
          await both[1 - mine]!.opened
          await addTo(db, names[1]!, 1)
        },
      },
    }),
  }))
  const answers = await Promise.all(['deadlock a', 'deadlock b'].map((id) => deliver(bank, '/pay', payment(id))))
  expect(answers.map((answer) => answer?.status)).toEqual([200, 200])
  expect(await place.sql("select status, attempts from postern.webhook_inbox where endpoint = 'deadlock'")).toEqual([
    { status: 'succeeded', attempts: 1 },
    { status: 'succeeded', attempts: 1 },
  ])
  expect(await place.sql("select distinct balance from accounts where name in ('left', 'right')")).toEqual([
    { balance: 2 },
  ])
})

test.each(['entries', 'postern.webhook_inbox'])(
  'a disk that is full under %s: the provider is told to come again, and then each event has its effect once',
  async (table) => {
    const disk = await smallDisk()
    // Mounting one is root's affair: who may not has shown nothing here.
    if (disk === null) return
    const own = await bankPlace()
    try {
      await own.sql(`create tablespace ${own.name} location '${disk.folder}'`)
      await own.sql(`alter table ${table} set tablespace ${own.name}`)
      const bank = await serveBank(own.url, ({ webhook }) => ({
        '/pay': webhook({
          name: 'full',
          from: hmacSigner(),
          // Where even the failure finds no room, what it was begun with ends by itself.
          deadlineMs: 1_000,
          attempts: 50,
          on: {
            'payment.made': async (context) => {
              await pay(context)
              // As wide as a row can be, so that a full disk is felt at once.
              await context.db.execute(
                sql`insert into entries (owner_id, event) select 'filler', repeat(gen_random_uuid()::text, 200)
                      from generate_series(1, ${table === 'entries' ? 5 : 0})`,
              )
            },
          },
        }),
      }))
      const filler = 'x'.repeat(20_000)
      const ids = Array.from({ length: 30 }, (_, index) => `full ${index}`)
      const sendAll = () =>
        Promise.all(ids.map((id, index) => deliver(bank, '/pay', payment(id, { filler: `${index}${filler}` }))))
      await deliverUntilHeard(bank, '/pay', payment('before'))
      await disk.fill()
      const statuses = (await sendAll()).map((answer) => answer?.status)
      expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([])
      expect(statuses).toContain(503)
      await disk.empty()
      for (const id of ids) await deliverUntilHeard(bank, '/pay', payment(id))
      await expectOnce(own, ['before', ...ids])
      await bank.close()
      opened.pop()
    } finally {
      await own.drop()
      await place.sql(`drop tablespace if exists ${own.name}`).catch(() => {})
      await disk.remove()
    }
  },
)

test('a PostgreSQL that is stopped for good: providers hear 503 and nothing is kept in memory', async () => {
  const server = await startPostgres()
  opened.push({ close: () => server.stop() })
  const own = await bankPlaceOn(server)
  const bank = await serveBank(own.url, paying, { database: { poolWaitMs: 300 } })
  await deliverUntilHeard(bank, '/pay', payment('there'))
  const postmaster = server.pid!
  await server.down()
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => deliver(bank, '/pay', payment(`away ${index}`))),
  )
  expect(answers.map((answer) => answer?.status)).toEqual(answers.map(() => 503))
  await server.up()
  expect(server.pid).not.toBe(postmaster)
  await deliverUntilHeard(bank, '/pay', payment('back'))
  await expectOnce(own, ['there', 'back'])
  expect((await own.effects()).size).toBe(2)
})
