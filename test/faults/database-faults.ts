import { setTimeout as pause } from 'node:timers/promises'
import { connectionsFor } from '../../packages/postern/src/database/place.js'
import { PooledConnection } from '../../packages/postern/src/database/held-connection.js'
import type { HeldConnection } from '../../packages/postern/src/database/connections.js'
import { serve } from '../../packages/postern/src/server/serve.js'
import { execute, type TestDatabase } from '../support/postgres.js'
import { type FaultProxy, faultProxy } from './fault-proxy.js'
import { noticeboard, tokenOf } from './noticeboard.js'
import { type Told, workers } from './workers.js'

/** A way in which a database, or the network before it, fails; it is over when the promise settles. */
export type Fault = (here: { place: TestDatabase; proxy: FaultProxy; round: number }) => Promise<void>

export const faults = {
  'backends terminated': async ({ place }) => {
    for (let turn = 0; turn < 8; turn += 1) {
      await execute(place.adminUrl, TERMINATE_ALL)
      await pause(25)
    }
  },
  'connections cut in the middle of a row': async ({ proxy, round }) => {
    proxy.cutAfter(200 + ((round * 611) % 4_000))
    await pause(200)
    proxy.heal()
  },
  'connections cut before the answer': async ({ proxy }) => {
    proxy.cutAnswers()
    await pause(200)
    proxy.heal()
  },
  'connections reset': async ({ proxy }) => {
    for (let turn = 0; turn < 8; turn += 1) {
      proxy.reset()
      await pause(25)
    }
  },
  'nobody listens': async ({ proxy }) => {
    proxy.refuse()
    await pause(300)
    proxy.heal()
  },
  'the network stalls and goes on': async ({ proxy }) => {
    proxy.stall()
    await pause(900)
    proxy.heal()
  },
  'the network stalls and is lost': async ({ proxy }) => {
    proxy.stall()
    await pause(1_400)
    proxy.reset()
    proxy.heal()
  },
  'connections lost without a word': async ({ proxy }) => {
    proxy.lose()
    await pause(1_700)
  },
} satisfies Record<string, Fault>

export type FaultName = keyof typeof faults

const TERMINATE_ALL = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`

/** How a build is broken on purpose. */
export const boardSabotages = {
  /** What broke stays borrowed. */
  'connection not released'() {
    const { batch, release } = PooledConnection.prototype
    const broke = new WeakSet<PooledConnection>()
    PooledConnection.prototype.batch = async function (statements) {
      return batch.call(this, statements).catch((error: unknown) => {
        broke.add(this)
        throw error
      })
    }
    PooledConnection.prototype.release = function (broken) {
      if (!broke.has(this)) release.call(this, broken)
    }
    return () => void Object.assign(PooledConnection.prototype, { batch, release })
  },
} satisfies Record<string, () => () => void>

export interface FaultRun extends Told {
  /** What the clients were told and what the table holds do not agree. */
  readonly untrue: readonly string[]
  /** What was left behind. */
  readonly left: readonly string[]
  /** How long after the last fault until everything was answered well, in milliseconds. */
  readonly recoveryMs: number
}

export interface FaultOptions {
  readonly place: TestDatabase
  readonly seed: number
  readonly rounds: number
  /** Breaks the build; the answer mends it. */
  readonly sabotage?: () => () => void
  readonly database?: Parameters<typeof noticeboard>[0]['database']
}

/** The request's limit here; nobody may wait longer, but for what a busy machine adds. */
export const LIMIT_MS = 1_500
const POOL_SIZE = 4

/** Lets a fault happen under load, again and again, and looks at what clients were told and what is left of it. */
export async function provoke(fault: Fault, options: FaultOptions): Promise<FaultRun> {
  const { place, seed, rounds, sabotage } = options
  const proxy = await faultProxy(place.url)
  const pool = { poolSize: POOL_SIZE, poolWaitMs: 500, statementTimeoutMs: 1_000, ...options.database }
  const board = noticeboard({ url: proxy.url, database: pool, requestTimeoutMs: LIMIT_MS })
  const server = await serve({ backend: board.backend, routes: board.routes, port: 0, logs: false, graceMs: 3_000 })
  const token = await tokenOf('alice')
  const mend = sabotage?.()
  let over = false
  const telling = workers({ url: server.url, token, seed, until: () => over })
  try {
    await pause(100)
    for (let round = 0; round < rounds; round += 1) {
      await fault({ place, proxy, round })
      await pause(60)
    }
    const patienceMs = sabotage === undefined ? PATIENCE_MS : 2_000
    const recoveryMs = await untilWell(server.url, token, patienceMs)
    over = true
    const told = await telling
    const left = await whatIsLeft(place, { url: proxy.url, ...pool }, patienceMs)
    return { ...told, untrue: await untrueOf(place, told), left, recoveryMs }
  } finally {
    over = true
    await telling
    mend?.()
    await server.close()
    await proxy.close()
  }
}

async function untilWell(url: string, token: string, patienceMs: number): Promise<number> {
  const began = performance.now()
  const headers = { authorization: `Bearer ${token}` }
  for (let good = 0; good < 5 && performance.now() - began < patienceMs;) {
    const answer = await fetch(`${url}/notices`, { headers })
    await answer.text()
    good = answer.ok ? good + 1 : 0
    if (!answer.ok) await pause(20)
  }
  return performance.now() - began
}

/** A 201 that is not there is a loss; a promise that nothing happened, where it did, doubles the write of who believes it. */
async function untrueOf(place: TestDatabase, { written }: Told): Promise<string[]> {
  const rows = await execute(place.adminUrl, 'select body, count(*)::int as count from notices group by body')
  const counts = new Map(rows.map(({ body, count }) => [String(body), Number(count)]))
  return [...written].flatMap(([body, told]) => {
    const count = counts.get(body) ?? 0
    const fits = told === 'done' ? count === 1 : told === 'not done' ? count === 0 : count <= 1
    return fits ? [] : [`${body}: told ${told}, and there are ${count}`]
  })
}

/** As long as it may take to find out that a new connection leads nowhere, and some. */
const PATIENCE_MS = 20_000

/** Takes every connection that there may be: one that leaked would be missed. And nothing may wait inside a transaction. */
async function whatIsLeft(
  place: TestDatabase,
  where: Parameters<typeof connectionsFor>[0],
  patienceMs: number,
): Promise<string[]> {
  const { connections, close } = connectionsFor(where)
  const held: HeldConnection[] = []
  const left: string[] = []
  try {
    const until = performance.now() + patienceMs
    // An attempt that was under way when its connection was lost fails whoever waits for it; the next one is a new one.
    while (held.length < POOL_SIZE && performance.now() < until) {
      const came = await connections.acquire(patienceMs).catch(() => null)
      if (came !== null) held.push(came)
    }
    if (held.length < POOL_SIZE) left.push(`only ${held.length} of ${POOL_SIZE} connections came back`)
    for (const connection of held) if (!connection.idle) left.push('a connection in the pool is not idle')
  } finally {
    for (const connection of held) connection.release()
    await close()
  }
  const inside = await execute(
    place.adminUrl,
    `select state, query from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
     and state <> 'idle' and state_change < now() - interval '1 second'`,
  )
  return [...left, ...inside.map(({ state, query }) => `${String(state)}: ${String(query)}`)]
}
