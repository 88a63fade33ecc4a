import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { alice, onEachDriver } from '../../../../test/support/drivers.js'
import type { Connections } from './connections.js'
import { SERVICE } from './identity.js'
import type { StatementResult } from './statement.js'
import { Unit } from './unit.js'

const done: StatementResult = { command: 'SELECT', rowCount: 0, fields: [], rows: [] }

/** Connections whose answers stay away from the batch on that holds `last`. */
function silentFrom(last: string) {
  const released: (boolean | undefined)[] = []
  const connection = {
    idle: true,
    batch: (statements: readonly { readonly text: string }[]) =>
      statements.some(({ text }) => text === last)
        ? new Promise<StatementResult[]>(() => {})
        : Promise.resolve(statements.map(() => done)),
    cancel: () => {},
    release: (broken?: boolean) => void released.push(broken),
  }
  const connections = { kind: 'postgres', keepsPrepared: true, acquire: async () => connection }
  return { connections: connections as unknown as Connections, released }
}

/** A request whose time runs out: whoever executes it hears of that first, and closes the unit. */
function timed() {
  const controller = new AbortController()
  const closing = (unit: Unit) => controller.signal.addEventListener('abort', () => void unit.close())
  return { signal: controller.signal, closing, timeUp: () => controller.abort(new Error('time is up')) }
}

test.each(['read', 'statement', 'request'] as const)(
  'a statement that is never answered (%s) is given up when the time is up, and so is its connection',
  async (mode) => {
    const { connections, released } = silentFrom('select 1')
    const { signal, closing, timeUp } = timed()
    const unit = new Unit(connections, { mode, signal })
    closing(unit)
    const answer = unit.run(SERVICE, { text: 'select 1', values: [] }).catch((error: Error) => error.constructor.name)
    await Promise.resolve().then(() => new Promise(setImmediate))
    timeUp()
    expect(await answer).toMatch(/Error|Problem/)
    expect(released).toEqual([true])
  },
)

test('so is a COMMIT, and nobody is told that it was one', async () => {
  const { connections, released } = silentFrom('commit')
  const { signal, closing, timeUp } = timed()
  const unit = new Unit(connections, { mode: 'request', signal })
  closing(unit)
  await unit.run(SERVICE, { text: 'select 1', values: [] })
  const commit = unit.commit().then(
    () => 'committed',
    () => 'refused',
  )
  await new Promise(setImmediate)
  timeUp()
  expect(await commit).toBe('refused')
  expect(released).toEqual([true])
})

/** Statements that will wait, and what becomes of each. */
function wait(count: number, unit: Unit): Promise<unknown>[] {
  return Array.from({ length: count }, () =>
    unit.run(alice, { text: 'select 1', values: [] }).catch((error: Error) => error.message),
  )
}

onEachDriver(({ connect }) => {
  test.each(['read', 'statement'] as const)(
    'any number of statements that wait (%s) hear by one listener that the time is up',
    async (mode) => {
      const db = connect({ poolSize: 1, poolWaitMs: 60_000 })
      const holds = db.unit({ mode: 'request' })
      await holds.run(alice, { text: 'select 1', values: [] })
      const { signal, timeUp } = timed()
      const unit = db.unit({ mode, signal })
      const waiting = wait(20, unit)
      await new Promise(setImmediate)
      expect(getEventListeners(signal, 'abort')).toHaveLength(1)
      // Closed before they have got a connection: they are told all the same.
      const closed = db.unit({ mode, signal })
      const forgotten = wait(2, closed)
      await new Promise(setImmediate)
      await closed.close()
      timeUp()
      expect(await Promise.all([...waiting, ...forgotten])).toEqual(Array.from({ length: 22 }, () => 'time is up'))
      await unit.close()
      expect(getEventListeners(signal, 'abort')).toEqual([])
      await holds.close()
    },
  )
})
