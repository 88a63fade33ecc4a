import { beforeAll, describe, expect, it } from 'vitest'
import { compileFixtures, expectedSentences, fixtureFiles, type Said } from './compile-fixtures.js'

/** Longer than this, the first line of a message is a wall that nobody reads to its end. */
const READABLE = 460

describe('what the compiler demands, in the words that the user sees', () => {
  let said: Said[]
  beforeAll(async () => {
    said = await compileFixtures()
  })
  const at = (place: string) => said.filter((one) => one.place === place).map(({ sentence }) => sentence)

  it.each(expectedSentences())('$place: $sentence', ({ place, sentence }) => {
    expect(at(place)).toEqual([expect.stringContaining(sentence)])
  })

  it('and nothing else: what has no demand written above it compiles', () => {
    const expected = new Set(expectedSentences().map(({ place }) => place))
    expect(said.filter(({ place }) => !expected.has(place))).toEqual([])
  })

  it('no message shows Drizzle’s columns, or is too long to be read', () => {
    for (const { place, sentence } of said) {
      // What comes before these words is the user's own argument.
      expect(sentence.split('is not assignable to').at(-1), place).not.toMatch(/PgColumn|ColumnBuilder|HasDefault/)
      expect(sentence.length, `${place}: ${sentence}`).toBeLessThanOrEqual(READABLE)
    }
  })

  it('each demand stands beside something that compiles', () => {
    const withDemands = new Set(expectedSentences().map(({ place }) => place.split(':')[0]))
    expect([...withDemands].toSorted()).toEqual([
      'actions.ts',
      'adoption.ts',
      'context.ts',
      'operations.ts',
      'scope.ts',
      'slots.ts',
      'tables.ts',
      'webhooks.ts',
    ])
    expect(fixtureFiles()).toEqual(expect.arrayContaining([...withDemands]))
  })
})
