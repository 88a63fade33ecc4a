import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { hint } from './hints.js'
import { takeTurns } from './take-turns.js'

const LONG_MS = 60_000

function turns(turn: () => Promise<number>, everyMs = LONG_MS) {
  const failures: unknown[] = []
  let looks = 0
  const counted = async () => {
    looks += 1
    return turn()
  }
  const stop = takeTurns({ worker: 'a test', turn: counted, everyMs, onFailure: (error) => void failures.push(error) })
  return { stop, failures, looks: () => looks }
}

test('looks at once while there is more, and then not before its time', async () => {
  let left = 3
  const { stop, looks } = turns(async () => (left-- > 0 ? 0 : LONG_MS))
  await expect.poll(looks).toBe(4)
  await pause(50)
  expect(looks()).toBe(4)
  await stop()
})

test('a hint makes it look now, one that comes during a look makes it look once more', async () => {
  let go: (() => void) | undefined
  const { stop, looks } = turns(async () => {
    if (looks() === 2) await new Promise<void>((resolve) => (go = resolve))
    return LONG_MS
  })
  await expect.poll(looks).toBe(1)
  hint('another worker')
  await pause(20)
  expect(looks()).toBe(1)
  hint('a test')
  await expect.poll(looks).toBe(2)
  hint('a test')
  go?.()
  await expect.poll(looks).toBe(3)
  await stop()
})

test('a look that fails is told and tried again, and hints do not hurry a database that is away', async () => {
  const { stop, failures, looks } = turns(async () => {
    throw new Error('away')
  })
  await expect.poll(looks).toBe(1)
  await expect.poll(looks, { timeout: 5_000 }).toBe(2)
  expect(String(failures[0])).toContain('away')
  await stop()
})

test('a stop waits for the look that runs, and nothing looks afterwards', async () => {
  let go: (() => void) | undefined
  let ended = false
  const { stop, looks } = turns(async () => {
    await new Promise<void>((resolve) => (go = resolve))
    ended = true
    return 0
  })
  await expect.poll(looks).toBe(1)
  const stopped = stop()
  hint('a test')
  go?.()
  await stopped
  expect(ended).toBe(true)
  await pause(20)
  expect(looks()).toBe(1)
})
