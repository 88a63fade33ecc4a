import { expect, test } from 'vitest'
import { Crowding } from './crowding.js'

function queueOf(connections: number) {
  let now = 0
  const crowding = new Crowding(connections, () => now)
  const leaving: (() => void)[] = []
  return {
    crowding,
    come: (count: number) => leaving.push(...Array.from({ length: count }, () => crowding.enter())),
    go: (count: number) => leaving.splice(0, count).forEach((leave) => leave()),
    wait: (ms: number) => void (now += ms),
  }
}

test('a burst is let in, however long, and worked off', () => {
  const queue = queueOf(10)
  queue.wait(1_000)
  queue.come(500)
  for (let at = 0; at < 150; at += 10) {
    expect(queue.crowding.isCrowded).toBe(false)
    queue.go(33)
    queue.wait(10)
  }
  queue.go(500)
  queue.wait(500)
  queue.come(500)
  expect(queue.crowding.isCrowded).toBe(false)
})

test('a queue that does not get empty lets nobody join, but for as many as keep the connections busy', () => {
  const queue = queueOf(10)
  queue.come(200)
  queue.wait(250)
  expect(queue.crowding.isCrowded).toBe(true)
  queue.go(161)
  expect(queue.crowding.isCrowded).toBe(false)
  queue.come(1)
  expect(queue.crowding.isCrowded).toBe(true)
})

test('short gaps do not end it; a queue that is empty again and again does', () => {
  const queue = queueOf(1)
  const turn = (emptyMs: number) => {
    queue.come(16)
    queue.wait(20)
    queue.go(16)
    queue.wait(emptyMs)
  }
  for (let turns = 0; turns < 30; turns += 1) turn(1)
  queue.come(16)
  expect(queue.crowding.isCrowded).toBe(true)
  queue.go(16)
  for (let turns = 0; turns < 30; turns += 1) turn(10)
  queue.come(16)
  expect(queue.crowding.isCrowded).toBe(false)
})

test('whoever leaves twice has left once', () => {
  const { crowding } = queueOf(1)
  const leave = crowding.enter()
  leave()
  leave()
  const others = Array.from({ length: 16 }, () => crowding.enter())
  expect(others).toHaveLength(16)
  expect(crowding.isCrowded).toBe(false)
})
