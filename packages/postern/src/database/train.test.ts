import { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Client, Pool } from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type CountingProxy, countingProxy } from '../../../../test/support/counting-proxy.js'
import { createTestDatabase, execute, type TestDatabase } from '../../../../test/support/postgres.js'
import { seeded } from '../../../../test/support/seeded.js'
import { type Database, database } from './database.js'
import { problemOfDatabaseError } from './errors.js'
import { PooledConnection } from './held-connection.js'
import { identityOf } from './identity.js'
import { ROLES_SQL } from './roles.js'
import type { Statement } from './statement.js'
import { LONGEST_TRAIN } from './train.js'

const named = (id: string) => identityOf({ id, roles: [], claims: { said: id } })
const brief = (text: string, name?: string): Statement => ({
  text,
  values: [],
  isBrief: true,
  ...(name === undefined ? {} : { name }),
})
const WHO = brief(
  `select current_setting('request.jwt.claim.sub'), current_setting('request.jwt.claims')::json->>'said', current_user,
    current_setting('transaction_read_only'), pg_backend_pid()`,
  'who',
)
const FAILS = brief('select 1 / 0')
const sleeps = (seconds: number): Statement => ({ text: `select pg_sleep(${seconds})`, values: [] })

let place: TestDatabase
let proxy: CountingProxy
let db: Database<Record<string, never>>
let pair: Database<Record<string, never>>

beforeAll(async () => {
  place = await createTestDatabase()
  proxy = await countingProxy(place.url)
  const options = { schema: {}, migrationUrl: place.migrationUrl, poolWaitMs: 10_000 }
  db = database({ ...options, url: proxy.url, poolSize: 1 })
  pair = database({ ...options, url: place.url, poolSize: 2 })
  await db.asOwner((owner) =>
    owner.script(`${ROLES_SQL}
      create table words (id int, word text); insert into words values (1, 'one'), (2, 'one');
      grant select, update on words to authenticated`),
  )
})
afterAll(async () => {
  await db.close()
  await pair.close()
  await proxy.close()
  await place.drop()
})

async function ask(from: Database<Record<string, never>>, who: string, statement: Statement, signal?: AbortSignal) {
  const unit = from.unit({ mode: 'read', ...(signal === undefined ? {} : { signal }) })
  try {
    return (await unit.run(named(who), statement)).rows[0]!
  } finally {
    await unit.close()
  }
}

/** The one connection is busy meanwhile, so that whoever asks in `work` waits together. */
async function whileBusy<T>(work: () => T): Promise<T> {
  const busy = ask(db, 'first', sleeps(0.15))
  await new Promise((resolve) => setTimeout(resolve, 30))
  const result = work()
  await busy
  return result
}

const mine = (who: string, pid: unknown) => [who, who, 'authenticated', 'on', pid]
const pidOf = async () => (await ask(db, 'somebody', WHO))[4]

/** How often `work` wrote to the socket of PostgreSQL. */
async function writesOf(work: () => Promise<unknown>): Promise<number> {
  const spy = vi.spyOn(Socket.prototype as unknown as { _writeGeneric(): void }, '_writeGeneric')
  try {
    await work()
    return spy.mock.contexts.filter((socket) => (socket as unknown as Socket).remotePort === proxy.port).length
  } finally {
    spy.mockRestore()
  }
}

test('those who wait ride together: each its own round trip, all of a train in one write', async () => {
  const pid = await pidOf()
  const names = Array.from({ length: 2 * LONGEST_TRAIN }, (_, n) => `rider-${n}`)
  let [rows, writes]: [unknown[], number] = [[], 0]
  const syncs = await proxy.count(async () => {
    writes = await writesOf(async () => {
      rows = await whileBusy(() => Promise.all(names.map((name) => ask(db, name, WHO))))
    })
  })
  expect(rows).toEqual(names.map((name) => mine(name, pid)))
  expect({ syncs, writes }).toEqual({ syncs: 1 + names.length, writes: 1 + 2 })
})

test('those who come in one turn of the event loop ride together too, and one who comes alone has its own', async () => {
  const pid = await pidOf()
  let rows: unknown[] = []
  const names = ['alice', 'bob', 'carol']
  const together = await writesOf(async () => {
    rows = await Promise.all(names.map((name) => ask(db, name, WHO)))
  })
  expect(rows).toEqual(names.map((name) => mine(name, pid)))
  expect(together).toBe(1)
  const apart = await writesOf(async () => {
    for (const name of names) await ask(db, name, WHO)
  })
  expect(apart).toBe(3)
})

test('an error in the middle is the error of one, and the next are who they are', async () => {
  const pid = await pidOf()
  const answers = await whileBusy(() =>
    Promise.allSettled([ask(db, 'alice', WHO), ask(db, 'bob', FAILS), ask(db, 'carol', WHO), ask(db, 'dave', WHO)]),
  )
  expect(answers).toMatchObject([
    { value: mine('alice', pid) },
    { reason: { code: '22012' } },
    { value: mine('carol', pid) },
    { value: mine('dave', pid) },
  ])
})

test('two thousand riders, some failing and some giving up, are each told of themselves', async () => {
  const random = seeded(4711)
  let [told, failed, gone] = [0, 0, 0]
  const rider = async (n: number) => {
    const who = `rider-${n}`
    const controller = new AbortController()
    const fate = random()
    const after = random() * 3
    if (fate < 0.1) setTimeout(() => controller.abort(new Error('gone')), after)
    const statement = fate > 0.9 ? FAILS : WHO
    try {
      const [sub, said, role, readOnly] = await ask(pair, who, statement, controller.signal)
      expect([sub, said, role, readOnly]).toEqual([who, who, 'authenticated', 'on'])
      told += 1
    } catch (error) {
      if ((error as { code?: string }).code === '22012') failed += 1
      else if ((error as Error).message === 'gone') gone += 1
      else throw error
    }
  }
  for (let round = 0; round < 20; round += 1)
    await Promise.all(Array.from({ length: 100 }, (_, n) => rider(round * 100 + n)))
  // The control: there were some of each.
  expect(told).toBeGreaterThan(1_500)
  expect(failed).toBeGreaterThan(100)
  expect(gone).toBeGreaterThan(0)
  expect(told + failed + gone).toBe(2_000)
  process.stdout.write(`  0 of ${told} riders were told of another; 95% upper bound ${(3 / told).toExponential(1)}\n`)
}, 60_000)

test('a table that changed under a prepared statement is read anew by each', async () => {
  const all = brief('select * from words where id = 1', 'words')
  await ask(db, 'alice', all)
  await db.asOwner((owner) => owner.script('alter table words add column more text'))
  const rows = await whileBusy(() => Promise.all(['alice', 'bob', 'carol'].map((name) => ask(db, name, all))))
  expect(rows).toEqual(Array.from({ length: 3 }, () => ['1', 'one', null]))
})

test('what the second of a write could not prepare again is prepared by the next', async () => {
  const pool = new Pool({ connectionString: place.url, max: 1 })
  const client = await pool.connect()
  const held = new PooledConnection(client, true, () => client.release())
  const one: Statement = { name: 'prepared-by-two', text: 'select 1 as one', values: [] }
  const riders = [one, { ...one, text: 'select 1 as one from nowhere' }].map((statement) => held.compose([statement]))
  held.send(riders)
  expect((await riders[0]!.done)[0]!.rows).toEqual([['1']])
  await expect(riders[1]!.done).rejects.toMatchObject({ code: '42P01' })
  expect((await held.batch([one]))[0]!.rows).toEqual([['1']])
  held.release()
  await pool.end()
})

test('one who gives up takes the connection from nobody', async () => {
  const pid = await pidOf()
  const controller = new AbortController()
  const slow = brief('select pg_sleep(0.3)')
  const riding = await whileBusy(() => {
    setTimeout(() => controller.abort(new Error('gone')), 250)
    return Promise.allSettled([ask(db, 'alice', slow, controller.signal), ask(db, 'bob', WHO), ask(db, 'carol', WHO)])
  })
  expect(riding).toMatchObject([
    { reason: new Error('gone') },
    { value: mine('bob', pid) },
    { value: mine('carol', pid) },
  ])
  expect(await pidOf()).toBe(pid)
})

test('when all have given up PostgreSQL is asked to stop, and the connection is replaced', async () => {
  const pid = await pidOf()
  const controller = new AbortController()
  const began = performance.now()
  const slow = brief('select pg_sleep(20)')
  const riding = await whileBusy(() => {
    setTimeout(() => controller.abort(new Error('gone')), 250)
    return Promise.allSettled(['alice', 'bob'].map((name) => ask(db, name, slow, controller.signal)))
  })
  expect(riding).toMatchObject([{ reason: new Error('gone') }, { reason: new Error('gone') }])
  expect(await pidOf()).not.toBe(pid)
  const runs = `select count(*)::int as count from pg_stat_activity where state = 'active' and query like '%pg_sleep(20)'  and pid <> pg_backend_pid()`
  await expect.poll(() => execute(place.adminUrl, runs)).toEqual([{ count: 0 }])
  expect(performance.now() - began).toBeLessThan(10_000)
})

test('one who has given up before it departs holds nobody up', async () => {
  const pid = await pidOf()
  const controller = new AbortController()
  const rows = await whileBusy(() => {
    const gone = ask(db, 'alice', WHO, controller.signal).catch((error: Error) => error.message)
    const others = ['bob', 'carol'].map((name) => ask(db, name, WHO))
    controller.abort(new Error('gone'))
    return Promise.all([gone, ...others])
  })
  expect(rows).toEqual(['gone', mine('bob', pid), mine('carol', pid)])
})

test('a value that cannot be said is the failure of one, before anything is sent for it', async () => {
  const circular: Record<string, unknown> = {}
  circular['itself'] = circular
  const answers = await whileBusy(() =>
    Promise.allSettled([ask(db, 'alice', { ...brief('select $1::jsonb'), values: [circular] }), ask(db, 'bob', WHO)]),
  )
  expect(answers[0]).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/circular/) } })
  expect(answers[1]).toMatchObject({ value: mine('bob', await pidOf()) })
})

test('a connection that breaks fails all of them as it fails one: unavailable, and the next has another', async () => {
  const pid = await pidOf()
  const slow = brief('select pg_sleep(5)')
  const riding = await whileBusy(() => {
    setTimeout(() => void execute(place.adminUrl, `select pg_terminate_backend(${pid})`), 250)
    return Promise.allSettled([ask(db, 'alice', slow), ask(db, 'bob', WHO), ask(db, 'carol', WHO)])
  })
  for (const answer of riding) {
    expect(answer.status).toBe('rejected')
    expect(problemOfDatabaseError((answer as PromiseRejectedResult).reason)?.code).toBe('unavailable')
  }
  expect(await pidOf()).not.toBe(pid)
})

test('a read by key never waits behind a statement that may be slow, while another connection is there', async () => {
  const list = ask(pair, 'alice', sleeps(3))
  const began = performance.now()
  await Promise.all(Array.from({ length: 40 }, (_, n) => ask(pair, `rider-${n}`, WHO)))
  expect(performance.now() - began).toBeLessThan(2_500)
  await list
})

async function write(who: string, statement: Statement): Promise<void> {
  const unit = db.unit({ mode: 'statement' })
  try {
    await unit.run(named(who), statement)
  } finally {
    await unit.close()
  }
}
const says = (id: number, word: string) => brief(`update words set word = '${word}' where id = ${id}`)
const spoken = (id: number) => execute(place.adminUrl, `select word from words where id = ${id}`)

test('writes ride too, and nobody who came later overtakes them', async () => {
  const order: string[] = []
  const done = (name: string) => () => void order.push(name)
  const writes = await writesOf(() =>
    whileBusy(() =>
      Promise.all([
        ask(db, 'bob', WHO).then(done('before')),
        write('alice', says(1, 'two')).then(done('write')),
        ask(db, 'carol', WHO).then(done('behind')),
      ]),
    ),
  )
  expect(order).toEqual(['before', 'write', 'behind'])
  expect(writes).toBe(1 + 1)
})

test('of writes that ride together each lasts or fails by itself', async () => {
  const writes = await whileBusy(() =>
    Promise.allSettled([write('alice', says(1, 'kept')), write('bob', FAILS), write('carol', says(2, 'too'))]),
  )
  expect(writes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect([await spoken(1), await spoken(2)]).toEqual([[{ word: 'kept' }], [{ word: 'too' }]])
})

test.each([
  ['a write that meets a lock', 'select from words where id = 1 for update', () => write('alice', says(1, 'late'))],
  [
    'a read that meets a lock',
    'lock table words',
    () => ask(db, 'alice', brief('select word from words where id = 1')),
  ],
])('%s waits for it alone: who rides along is answered meanwhile', async (_name, locks, meet) => {
  await write('alice', says(1, 'early'))
  const holder = new Client(place.adminUrl)
  await holder.connect()
  try {
    await holder.query(`begin; ${locks}`)
    let isMet = false
    const [met, others] = await whileBusy(() => [
      meet().then(() => (isMet = true)),
      Promise.all(['bob', 'carol'].map((name) => ask(db, name, WHO))).then(() => 'answered'),
    ])
    expect(await Promise.race([others, pause(5_000, 'held up')])).toBe('answered')
    expect(isMet).toBe(false)
    await holder.query('commit')
    await met
  } finally {
    await holder.end()
  }
})
