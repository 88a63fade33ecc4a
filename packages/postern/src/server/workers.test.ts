import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Signals } from '../../test/served.js'
import { createBackend } from '../backend.js'
import { applyMigrations, database } from '../database/index.js'
import { ROLES_SQL } from '../database/roles.js'
import type { Event } from '../events.js'
import { runtimeOf } from '../runtime.js'
import { serve, type ServeOptions } from './serve.js'
import { work } from './work.js'

/** A version of somebody's code with one worker, that tells what happens to it. */
function version(name: string, told: string[], directory: string, stop?: () => Promise<void>, begins?: () => void) {
  const db = database({ schema: {}, directory })
  const backend = createBackend({ database: db, auth: () => null })
  const closes = db.close
  Object.assign(db, {
    close: async () => {
      told.push(`${name} closed`)
      await closes()
    },
  })
  runtimeOf(backend)!.workers.ensure(name, () => ({
    name,
    start: async () => {
      told.push(`${name} began`)
      begins?.()
      return {
        stop: async (graceMs: number) => {
          told.push(`${name} stops in ${graceMs}`)
          await stop?.()
          told.push(`${name} ended`)
        },
      }
    },
  }))
  return { backend, routes: [] }
}

/** A database in memory with the framework's tables in it, kept open. */
async function place() {
  const directory = `memory://${randomUUID()}`
  const db = database({ schema: {}, directory })
  await db.asOwner((owner) => owner.script(ROLES_SQL))
  await applyMigrations(db, directory)
  return { directory, [Symbol.asyncDispose]: () => db.close() }
}

const options = { port: 0, logs: false, graceMs: 5_000 } satisfies Partial<ServeOptions>

describe('what runs beside requests', () => {
  test('begins with the server and has ended when the database closes', async () => {
    await using at = await place()
    const told: string[] = []
    const server = await serve({ ...version('a', told, at.directory), ...options })
    expect(told).toEqual(['a began'])
    await server.close()
    expect(told).toEqual(['a began', 'a stops in 5000', 'a ended', 'a closed'])
  })

  test('is left to others where the server is told so', async () => {
    await using at = await place()
    const told: string[] = []
    const server = await serve({ ...version('a', told, at.directory), ...options, workers: false })
    await server.close()
    expect(told).toEqual(['a closed'])
  })

  test('of new code begins, and that of the old ends before its handle closes', async () => {
    await using at = await place()
    const told: string[] = []
    let end: (() => void) | undefined
    const slow = () => new Promise<void>((resolve) => (end = resolve))
    const server = await serve({ ...version('old', told, at.directory, slow), ...options })
    await server.replace(async () => version('new', told, at.directory))
    expect(told).toEqual(['old began', 'new began', 'old stops in 5000'])
    end?.()
    await expect.poll(() => told.slice(3)).toEqual(['old ended', 'old closed'])
    await server.close()
    expect(told.slice(5)).toEqual(['new stops in 5000', 'new ended', 'new closed'])
  })

  test('that can’t begin keeps the server from starting, and the old code where it replaces', async () => {
    await using at = await place()
    const told: string[] = []
    const broken = () => {
      const made = version('broken', told, at.directory)
      runtimeOf(made.backend)!.workers.ensure('second', () => ({
        name: 'second',
        start: () => Promise.reject(new Error('no way')),
      }))
      return made
    }
    await expect(serve({ ...broken(), ...options })).rejects.toThrow('no way')
    expect(told).toEqual(['broken began', 'broken stops in 0', 'broken ended', 'broken closed'])
    told.length = 0
    const server = await serve({ ...version('old', told, at.directory), ...options })
    await expect(server.replace(async () => broken())).rejects.toThrow('no way')
    expect(told).toEqual(['old began', 'broken began', 'broken stops in 0', 'broken ended', 'broken closed'])
    await server.close()
  })
})

describe('a process that only works', () => {
  test('runs until it is stopped, and says so', async () => {
    await using at = await place()
    const told: string[] = []
    const { backend } = version('a', told, at.directory)
    const seen: Event['type'][] = []
    backend.events.observe(({ type }) => void seen.push(type))
    const worker = await work({ backend, logs: false })
    await worker.close()
    expect(told).toEqual(['a began', 'a stops in 10000', 'a ended', 'a closed'])
    expect(seen.filter((type) => /^(worker|server)/.test(type))).toEqual([
      'worker.started',
      'server.stopping',
      'worker.stopped',
      'server.stopped',
    ])
  })

  // A supervisor that has read that a worker runs may end it: the process must not die of that with its work in its hands.
  test.each([
    ['a server', serve],
    ['a process that only works', work],
  ])('%s that a signal reaches while it begins ends what has begun, with 0', async (_name, run) => {
    await using at = await place()
    const told: string[] = []
    const signals = new Signals()
    const ended = signals.ended()
    const begins = () => signals.emit('SIGTERM')
    await run({ ...version('a', told, at.directory, undefined, begins), ...options, signals })
    await ended
    expect(signals.exits).toEqual([0])
    expect(told).toEqual(['a began', 'a stops in 5000', 'a ended', 'a closed'])
    expect(signals.listenerCount('SIGTERM')).toBe(0)
  })

  test('one that can’t begin keeps no signal for itself', async () => {
    await using at = await place()
    const signals = new Signals()
    const backend = createBackend({ database: database({ schema: {}, directory: at.directory }), auth: () => null })
    await expect(work({ backend, logs: false, signals })).rejects.toThrow('no webhooks and no jobs')
    expect(signals.listenerCount('SIGTERM')).toBe(0)
  })

  test('does not begin where there is nothing to run, and leaves nothing open', async () => {
    await using at = await place()
    const backend = createBackend({ database: database({ schema: {}, directory: at.directory }), auth: () => null })
    await expect(work({ backend, logs: false })).rejects.toThrow('no webhooks and no jobs')
  })
})
