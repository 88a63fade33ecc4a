import { expect, test } from 'vitest'
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
