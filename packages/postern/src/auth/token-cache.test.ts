import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Principal } from '../principal.js'
import { TokenCache } from './token-cache.js'

const principal = (id: string): Principal => ({ id, roles: [], claims: {} })
const always = { notBefore: 0, expires: Infinity }

it('holds no more than its capacity, and lets go of the one used longest ago', () => {
  const cache = new TokenCache(2)
  cache.keep('a', { principal: principal('a'), ...always })
  cache.keep('b', { principal: principal('b'), ...always })
  cache.find('a', 1)
  cache.keep('c', { principal: principal('c'), ...always })
  expect([cache.find('a', 1)?.id, cache.find('b', 1)?.id, cache.find('c', 1)?.id]).toEqual(['a', undefined, 'c'])
  expect(cache.size).toBe(2)
})

it('answers only with the principal of that token, within its time, whatever comes in what order', () => {
  const step = fc.record({
    token: fc.nat(9),
    from: fc.nat(20),
    until: fc.nat(20),
    now: fc.nat(20),
    keeps: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(5), (steps, capacity) => {
      const cache = new TokenCache(capacity)
      const times = new Map<string, { from: number; until: number }>()
      for (const { token, from, until, now, keeps } of steps) {
        const key = String(token)
        if (keeps) {
          cache.keep(key, { principal: principal(key), notBefore: from, expires: until })
          times.set(key, { from, until })
        }
        const { from: start = Infinity, until: end = 0 } = times.get(key) ?? {}
        const answer = cache.find(key, now)?.id ?? key
        const mayAnswer = now >= start && now < end
        expect([answer, mayAnswer || cache.find(key, now) === undefined]).toEqual([key, true])
        expect(cache.size).toBeLessThanOrEqual(capacity)
      }
    }),
  )
})
