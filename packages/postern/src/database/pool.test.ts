import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { onEachServer } from '../../../../test/support/drivers.js'
import { createTestDatabase, execute, type TestDatabase } from '../../../../test/support/postgres.js'
import { type PostgresServer, startPostgres } from '../../../../test/support/postgres-server.js'
import type { HeldConnection } from './connections.js'
import { type Database, database, type DatabaseOptions } from './database.js'
import { problemOfDatabaseError } from './errors.js'
import { identityOf } from './identity.js'
import { connectionsFor, type PlaceOptions } from './place.js'
import { ROLES_SQL } from './roles.js'
import type { Statement } from './statement.js'

type Any = Database<Record<string, never>>

const alice = identityOf({ id: 'alice', roles: [], claims: {} })
const one: Statement = { text: 'select 1', values: [] }
const sleep = (seconds: number): Statement => ({ text: 'select pg_sleep($1)', values: [seconds] })
const UNAVAILABLE = { code: 'unavailable', headers: { 'retry-after': '1' } }
const codeOf = (error: unknown) => problemOfDatabaseError(error)?.code
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const opened: Any[] = []
function open(options: Partial<DatabaseOptions<Record<string, never>>>): Any {
  const db = database({ schema: {}, ...options })
  opened.push(db)
  return db
}
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close()
})

async function read(db: Any, statement: Statement, signal?: AbortSignal) {
  const unit = db.unit({ mode: 'read', ...(signal ? { signal } : {}) })
  try {
    return await unit.run(alice, statement)
  } finally {
    await unit.close()
  }
}

/** Takes every connection that there may be at once: one that leaked would be missed within `poolWaitMs`. */
async function allAreFree(options: PlaceOptions & { poolSize: number }): Promise<void> {
  const { connections, close } = connectionsFor(options)
  const held: HeldConnection[] = []
  try {
    for (let taken = 0; taken < options.poolSize; taken += 1) held.push(await connections.acquire())
    await expect(connections.acquire(50)).rejects.toMatchObject(UNAVAILABLE)
    for (const connection of held) expect((await connection.batch([one]))[0]!.rows).toEqual([['1']])
  } finally {
    for (const connection of held) connection.release()
    await close()
  }
}

onEachServer((on) => {
  let place: TestDatabase
  const options = (more: { poolSize: number; poolWaitMs: number }) => ({ url: place.url, ...more })
  beforeAll(async () => {
    place = await createTestDatabase({ on })
    await execute(place.migrationUrl, ROLES_SQL)
  })
  afterAll(() => place.drop())

  test('a burst takes no more connections than the pool has; who waits too long is told to come back', async () => {
    const db = open(options({ poolSize: 2, poolWaitMs: 150 }))
    // Idle connections first: whoever is behind in the queue for them must not wait without limit (ran).
    // Its share keeps the pool open between this and the burst.
    expect(db.kind).toBe('postgres')
    const { connections, close } = connectionsFor(options({ poolSize: 2, poolWaitMs: 150 }))
    const warm = await Promise.all([connections.acquire(10_000), connections.acquire(10_000)])
    for (const connection of warm) connection.release()
    await close()
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => read(db, sleep(0.6))))
    const refused = answers.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
    expect(refused).toHaveLength(4)
    for (const { reason } of refused) expect(reason).toMatchObject(UNAVAILABLE)
    await allAreFree(options({ poolSize: 2, poolWaitMs: 150 }))
  })

  test('errors, aborts, time-outs and ended backends leak no connection', async () => {
    const settings = options({ poolSize: 3, poolWaitMs: 2_000 })
    const db = open({ ...settings, statementTimeoutMs: 120 })
    const abortable = async () => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(new Error('gone')), 15)
      await read(db, sleep(5), controller.signal)
    }
    const abandoned = async () => {
      const unit = db.unit({ mode: 'request' })
      await unit.run(alice, one)
      void unit.run(alice, sleep(5)).catch(() => {})
      await pause(10)
      await unit.close()
    }
    const killed = async () => {
      const unit = db.unit({ mode: 'request' })
      try {
        const { rows } = await unit.run(alice, { text: 'select pg_backend_pid()', values: [] })
        await execute(place.adminUrl, `select pg_terminate_backend(${rows[0]![0]})`)
        await unit.run(alice, one)
      } finally {
        await unit.close()
      }
    }
    const failures: (() => Promise<unknown>)[] = [
      () => read(db, { text: 'select 1 / 0', values: [] }),
      () => read(db, sleep(5)),
      abortable,
      abandoned,
      killed,
    ]
    const answers = await Promise.allSettled(
      Array.from({ length: 40 }, (_, turn) => failures[turn % failures.length]!()),
    )
    // The control: all but the abandoned ones have failed indeed.
    expect(answers.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(24)
    await pause(50)
    expect((await read(db, one)).rows).toEqual([['1']])
    await allAreFree(settings)
    const left = "state <> 'idle' and pid <> pg_backend_pid() and datname = current_database()"
    const busy = () => execute(place.adminUrl, `select query from pg_stat_activity where ${left}`)
    await expect.poll(busy, { timeout: 3_000 }).toEqual([])
  })
})

describe('a PostgreSQL that goes and comes', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
    await execute(server.adminUrl, ROLES_SQL)
  })
  afterAll(() => server.stop())

  test('is unavailable meanwhile, and used again afterwards without a restart of ours', async () => {
    const settings = { url: server.adminUrl, poolSize: 3, poolWaitMs: 1_000 }
    const db = open(settings)
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(Array.from({ length: 3 }, () => read(db, sleep(0.02))))
      const running = read(db, sleep(20)).then(() => 'answered', codeOf)
      await pause(50)
      await server.down()
      expect(await running).toBe('unavailable')
      const down = await Promise.allSettled(Array.from({ length: 5 }, () => read(db, one)))
      expect(down.map((answer) => (answer.status === 'rejected' ? codeOf(answer.reason) : 'answered'))).toEqual(
        Array(5).fill('unavailable'),
      )
      await expect(db.ping()).rejects.toMatchObject({ name: 'DatabaseUnreachable' })
      await server.up()
      expect((await read(db, one)).rows).toEqual([['1']])
      await allAreFree(settings)
    }
  })

  test('options in the connection string reach it, and the claims still hold', async () => {
    const url = `${server.adminUrl}?options=-c%20work_mem%3D5MB&application_name=shop&statement_timeout=7000`
    const db = open({ url, poolSize: 1, statementTimeoutMs: 3_000 })
    const settings = "current_setting('work_mem'), current_setting('application_name')"
    const text = `select ${settings}, current_setting('statement_timeout'), current_user`
    expect((await read(db, { text, values: [] })).rows).toEqual([['5MB', 'shop', '3s', 'authenticated']])
  })
})
