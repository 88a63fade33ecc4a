import { describe, expect, test } from 'vitest'
import { database } from './database.js'

const made = (options: object) => () => database({ schema: {}, directory: 'memory://', ...options })

describe('a number that nobody can have meant is refused where it is said, and not in the transactions of requests', () => {
  test.each([
    ['idleTransactionMs', Number.NaN],
    ['idleTransactionMs', Number.POSITIVE_INFINITY],
    ['idleTransactionMs', 0],
    ['idleTransactionMs', '60000; drop table notes'],
    ['statementTimeoutMs', Number.NaN],
    ['statementTimeoutMs', 2 ** 31],
    ['poolWaitMs', -1],
    ['poolSize', 0],
    ['poolSize', Number.NaN],
  ])('%s: %s', (name, value) => {
    expect(made({ [name]: value })).toThrow(`${name} takes a whole number above zero`)
  })

  test('what can be meant is taken', () => {
    expect(made({ idleTransactionMs: 1, statementTimeoutMs: 1, poolWaitMs: 1, poolSize: 1 })).not.toThrow()
  })
})
