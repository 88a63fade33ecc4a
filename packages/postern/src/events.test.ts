import { expect, test } from 'vitest'
import { type Event, Events } from './events.js'

const stopping: Event = { type: 'server.stopping', signal: 'SIGTERM' }

test('an observer that throws breaks neither what it watches nor the other observers', () => {
  const events = new Events()
  const seen: Event[] = []
  events.observe(() => {
    throw new Error('the log is full')
  })
  events.observe((event) => void seen.push(event))
  expect(() => events.emit(stopping)).not.toThrow()
  expect(seen).toEqual([stopping])
})

test('whoever stops observing hears no more, and the others still do', () => {
  const events = new Events()
  const heard = { first: 0, second: 0 }
  const stop = events.observe(() => void (heard.first += 1))
  events.observe(() => void (heard.second += 1))
  events.emit(stopping)
  stop()
  events.emit(stopping)
  expect(heard).toEqual({ first: 1, second: 2 })
})

test('an observer may stop itself while it is told', () => {
  const events = new Events()
  let heard = 0
  const stop = events.observe(() => {
    heard += 1
    stop()
  })
  events.emit(stopping)
  events.emit(stopping)
  expect(heard).toBe(1)
})
