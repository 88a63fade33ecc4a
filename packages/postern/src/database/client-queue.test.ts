import { randomUUID } from 'node:crypto'
import { Pool, type PoolClient } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, execute, type TestDatabase } from '../../../../test/support/postgres.js'
import { freePort } from '../../../../test/support/free-port.js'
import { ClientQueue } from './client-queue.js'
import { connectionsFor } from './place.js'

const UNAVAILABLE = { code: 'unavailable', headers: { 'retry-after': '1' } }
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const LONG = 8_000
const pidOf = async (client: PoolClient): Promise<number> =>
  (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid

/** As many different clients as there may be, all of which work: one that was lost would be missed, one given twice be seen. */
async function allAreThere(queue: ClientQueue, max: number): Promise<void> {
  const clients = await Promise.all(Array.from({ length: max }, () => queue.take(LONG)))
  expect(new Set(await Promise.all(clients.map(pidOf))).size).toBe(max)
  await expect(queue.take(20)).rejects.toMatchObject(UNAVAILABLE)
  for (const client of clients) queue.give(client, false)
  queue.flush()
}

describe('clients of a PostgreSQL are handed from one use to the next', () => {
  let place: TestDatabase
  const pools: Pool[] = []
  beforeAll(async () => void (place = await createTestDatabase()))
  afterEach(async () => {
    for (const pool of pools.splice(0)) if (!pool.ending) await pool.end()
  })
  afterAll(() => place.drop())

  function open({ max, url = place.url }: { max: number; url?: string }) {
    const pool = new Pool({ connectionString: url, max, connectionTimeoutMillis: LONG })
    pool.on('error', () => {})
    const failures: unknown[] = []
    const queue = new ClientQueue(pool, { toError: (error) => error, onFailure: (error) => failures.push(error) })
    return { pool, queue, failures }
  }

  const kill = (pid: number) => execute(place.adminUrl, `select pg_terminate_backend(${pid})`)

  test('whoever came first goes first, and gets the very client that came back', async () => {
    const { queue } = open({ max: 1 })
    const client = await queue.take(LONG)
    const order: string[] = []
    const waiting = ['first', 'second', 'third'].map(async (name) => {
      const mine = await queue.take(LONG)
      order.push(name)
      expect(mine).toBe(client)
      await pause(5)
      queue.give(mine, false)
    })
    queue.give(client, false)
    await Promise.all(waiting)
    expect(order).toEqual(['first', 'second', 'third'])
    await allAreThere(queue, 1)
  })

  test('one who wants it no longer leaves the queue at once, and the next gets the client', async () => {
    const { queue } = open({ max: 1 })
    const client = await queue.take(LONG)
    const gone = new AbortController()
    const reason = new Error('the client went away')
    const first = queue.take(LONG, gone.signal)
    const second = queue.take(LONG)
    gone.abort(reason)
    await expect(first).rejects.toBe(reason)
    queue.give(client, false)
    expect(await second).toBe(client)
    queue.give(client, false)
    await allAreThere(queue, 1)
  })

  test('a burst makes no more connections than there may be, and asks the pool for none that it can not give', async () => {
    const { pool, queue } = open({ max: 3 })
    // An idle client in the pool is counted once, however many ask before it comes.
    queue.give(await queue.take(LONG), false)
    queue.flush()
    let out = 0
    let most = 0
    const work = Array.from({ length: 60 }, async () => {
      const client = await queue.take(LONG)
      most = Math.max(most, (out += 1))
      await client.query('select pg_sleep(0.02)')
      out -= 1
      queue.give(client, false)
    })
    await pause(10)
    expect(pool.waitingCount).toBe(0)
    await Promise.all(work)
    expect(most).toBe(3)
    expect(pool.totalCount).toBe(3)
    await allAreThere(queue, 3)
  })

  test('who waits too long is told to come back, and a client that comes at that very moment is not lost', async () => {
    const { queue } = open({ max: 2 })
    let late = 0
    for (let round = 0; round < 150; round += 1) {
      const clients = await Promise.all([queue.take(LONG), queue.take(LONG)])
      const waiting = Array.from({ length: 3 }, () =>
        queue.take(2).then(
          (client) => queue.give(client, false),
          (error: { code: string }) => void (late += error.code === 'unavailable' ? 1 : Number.NaN),
        ),
      )
      const until = performance.now() + 2 + (round % 3) - 1
      while (performance.now() < until);
      // Half of the rounds let the timers go first.
      if (round % 2 === 0) await pause(0)
      for (const client of clients) queue.give(client, false)
      await Promise.all(waiting)
    }
    // The control: some were too late, and some were not.
    expect(late).toBeGreaterThan(0)
    expect(late).toBeLessThan(450)
    await allAreThere(queue, 2)
  })

  test('a client that is given back broken is replaced for whoever waits', async () => {
    const { queue } = open({ max: 1 })
    const client = await queue.take(LONG)
    const pid = await pidOf(client)
    const waiting = queue.take(LONG)
    queue.give(client, true)
    const fresh = await waiting
    expect(await pidOf(fresh)).not.toBe(pid)
    queue.give(fresh, false)
    await allAreThere(queue, 1)
  })

  test('a client that broke while nobody used it is told once, and is given to nobody', async () => {
    const { pool, queue, failures } = open({ max: 1 })
    const client = await queue.take(LONG)
    const pid = await pidOf(client)
    queue.give(client, false)
    await kill(pid)
    await expect.poll(() => pool.totalCount).toBe(0)
    expect(failures).toMatchObject([{ code: '57P01' }])
    await allAreThere(queue, 1)
  })

  test('clients that broke in use go to nobody else, though they were not said to be broken', async () => {
    const { queue, failures } = open({ max: 2 })
    const clients = await Promise.all([queue.take(LONG), queue.take(LONG)])
    const pids = await Promise.all(clients.map(pidOf))
    const waiting = [queue.take(LONG), queue.take(LONG), queue.take(LONG)]
    const gone = clients.map((client) => new Promise<void>((resolve) => client.once('end', resolve)))
    for (const pid of pids) await kill(pid)
    await Promise.all(gone)
    for (const client of clients) queue.give(client, false)
    const used: number[] = []
    await Promise.all(
      waiting.map(async (next) => {
        const client = await next
        used.push(await pidOf(client))
        queue.give(client, false)
      }),
    )
    expect(used).toHaveLength(3)
    for (const pid of used) expect(pids).not.toContain(pid)
    expect(failures).toEqual([])
    await allAreThere(queue, 2)
  })

  test('where nothing listens each hears so at once', async () => {
    const { queue } = open({ max: 2, url: `postgres://nobody@127.0.0.1:${await freePort()}/none` })
    const started = performance.now()
    const answers = await Promise.allSettled(Array.from({ length: 7 }, () => queue.take(LONG)))
    expect(answers.map(({ status }) => status)).toEqual(Array(7).fill('rejected'))
    for (const answer of answers) expect(answer).toMatchObject({ reason: { code: 'ECONNREFUSED' } })
    expect(performance.now() - started).toBeLessThan(LONG / 2)
  })

  test('work that borrows one goes before those who wait, and they have it as soon as that is done', async () => {
    const { queue } = open({ max: 1 })
    const client = await queue.take(LONG)
    const order: string[] = []
    const request = async () => {
      const mine = await queue.take(LONG)
      order.push('request')
      queue.give(mine, false)
    }
    const owner = async () => {
      const mine = await queue.borrow()
      order.push('owner')
      // It does not come back by way of the queue.
      mine.release(true)
    }
    const both = [request(), owner()]
    queue.give(client, false)
    await Promise.all(both)
    expect(order).toEqual(['owner', 'request'])
    await allAreThere(queue, 1)
  })

  test('a second one that comes back in the moment when one is borrowed goes to whoever waits', async () => {
    const { queue } = open({ max: 2 })
    const clients = await Promise.all([queue.take(LONG), queue.take(LONG)])
    const request = queue.take(LONG)
    const owner = queue.borrow()
    for (const client of clients) queue.give(client, false)
    const borrowed = await owner
    // The work of the owner goes on meanwhile.
    const mine = await request
    expect(clients.filter((client) => client !== borrowed)).toEqual([mine])
    queue.give(mine, false)
    borrowed.release(true)
    await allAreThere(queue, 2)
  })

  test('the pool ends as soon as nobody uses a client, and who waits gets an answer', async () => {
    const { pool, queue } = open({ max: 1 })
    const client = await queue.take(LONG)
    const inTime = queue.take(LONG)
    const ending = pool.end()
    queue.give(client, false)
    const last = await inTime
    expect(await pidOf(last)).toBeGreaterThan(0)
    const tooLate = queue.take(LONG).then(
      () => 'taken',
      (error: Error) => error.message,
    )
    queue.give(last, true)
    expect(await tooLate).toMatch(/after calling end/)
    await ending
    expect(pool.totalCount).toBe(0)
  })

  test('what is given back to a pool that ends is not kept', async () => {
    const { pool, queue } = open({ max: 2 })
    const clients = await Promise.all([queue.take(LONG), queue.take(LONG)])
    const ending = pool.end()
    for (const client of clients) queue.give(client, false)
    expect(pool.totalCount).toBe(0)
    await ending
  })
})

describe('the one connection of the embedded database', () => {
  const { connections, close } = connectionsFor({ directory: `memory://${randomUUID()}`, poolWaitMs: 20_000 })
  const one = () => connections.withConnection((connection) => connection.batch([{ text: 'select 1', values: [] }]))
  beforeAll(() => connections.asOwner((owner) => owner.script('select 1')))
  afterAll(close)

  test('comes back to a request that waited for the work of the owner', async () => {
    let done!: () => void
    const owner = connections.asOwner(() => new Promise<void>((resolve) => (done = resolve)))
    await expect.poll(() => typeof done).toBe('function')
    const waiting = one()
    await pause(20)
    done()
    await owner
    expect((await waiting)[0]!.rows).toEqual([['1']])
  })
})
