import { describe, expect, test } from 'vitest'
import { countingBackend } from '../test/served.js'
import { createBackend } from './backend.js'
import { database } from './database/index.js'
import { createApp } from './server/create-app.js'

const made = (options: object) => () =>
  createBackend({ database: database({ schema: {}, directory: 'memory://' }), auth: () => null, ...options })

describe('a number that nobody can have meant is refused at the start, and not taken for no limit', () => {
  test.each([
    ['maxBodyBytes', Number.NaN],
    ['maxBodyBytes', Number.POSITIVE_INFINITY],
    ['maxBodyBytes', 0],
    ['maxBodyBytes', '1000'],
    ['requestTimeoutMs', Number.NaN],
    ['requestTimeoutMs', Number.POSITIVE_INFINITY],
    ['requestTimeoutMs', 2 ** 31],
    ['trustProxy', Number.NaN],
    ['trustProxy', true],
    ['trustProxy', -1],
    ['trustProxy', 1.5],
  ])('%s: %s', (name, value) => {
    expect(made({ [name]: value })).toThrow(`${name} takes a whole number`)
  })

  test.each([
    ['headers', Number.NaN],
    ['jsonDepth', 0],
    ['constructor', 1],
    ['jsonDeep', 1],
  ])('limits.%s: %s', (name, value) => {
    expect(made({ limits: { [name]: value } })).toThrow(/takes a whole number above zero|no limit called/)
  })

  test('trustProxy of a server, which would believe any client', () => {
    const { backend } = countingBackend()
    expect(() => createApp({ backend, routes: [], trustProxy: true as never })).toThrow('a whole number from 0')
  })

  test('what can be meant is taken', () => {
    const { trustProxy, limits } = made({
      trustProxy: 2,
      maxBodyBytes: 1,
      requestTimeoutMs: 1,
      limits: { headers: 1 },
    })()
    expect([trustProxy, limits.headers]).toEqual([2, 1])
  })
})
