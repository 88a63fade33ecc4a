import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Deadline } from './deadline.js'
import { markFromSocket } from './http/from-socket.js'

const LONG = 60_000
const never = () => new Promise<never>(() => {})
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

/** A request as our own server marks it, which says how many watch it, and fails whoever asks for its signal. */
function fromSocket() {
  const listeners = new Set<(reason: unknown) => void>()
  const request = new Request('http://a/')
  Object.defineProperty(request, 'signal', {
    get: () => {
      throw new Error('Nobody needed this signal')
    },
  })
  markFromSocket(request, (listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  })
  return { request, listeners, leave: (reason: unknown) => [...listeners].forEach((listener) => listener(reason)) }
}

describe('the time of a request', () => {
  test.each([
    ['is answered', async () => 'done'],
    ['fails', () => Promise.reject(new Error('no'))],
    [
      'fails before it waits for anything',
      async () => {
        throw new Error('no')
      },
    ],
  ])(
    'leaves no timer and nobody who listens once it %s, and makes no signal that nobody asked for',
    async (_, work) => {
      const { request, listeners } = fromSocket()
      const before = timers()
      const deadline = new Deadline(LONG, request)
      expect(timers()).toBe(before + 1)
      expect(listeners.size).toBe(1)
      await deadline.limit(work()).catch(() => {})
      expect(timers()).toBe(before)
      expect(listeners.size).toBe(0)
      expect(deadline.aborted).toBe(false)
    },
  )

  test('ends work that does not listen, and every signal says the same, asked for before or after', async () => {
    const { request, listeners } = fromSocket()
    const deadline = new Deadline(20, request)
    const early = deadline.signal
    const refusal: unknown = await deadline.limit(never()).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'timeout' })
    expect(deadline.abandoned).toBe(false)
    expect([early.reason, deadline.signal.reason, deadline.reason]).toEqual([refusal, refusal, refusal])
    expect(early.reason).toBe(refusal)
    expect(deadline.signal).toBe(early)
    expect(() => deadline.throwIfAborted()).toThrow(expect.objectContaining({ code: 'timeout' }))
    expect(listeners.size).toBe(0)
  })

  test('is over when the client leaves: once, for the reason that came first', async () => {
    const { request, leave } = fromSocket()
    const deadline = new Deadline(30, request)
    let heard = 0
    deadline.addEventListener('abort', () => (heard += 1))
    const gone = new Error('gone')
    leave(gone)
    await deadline.limit(pause(60)).catch(() => {})
    expect(heard).toBe(1)
    expect(deadline.abandoned).toBe(true)
    expect(deadline.signal.reason).toBe(gone)
  })

  test('is over before it began where the client had left already', () => {
    const gone = new Error('gone')
    const deadline = new Deadline(LONG, new Request('http://a/', { signal: AbortSignal.abort(gone) }))
    void deadline.limit(Promise.resolve())
    expect(deadline.abandoned).toBe(true)
    expect(() => deadline.throwIfAborted()).toThrow(gone)
    expect(deadline.signal.aborted).toBe(true)
  })
})
