import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonRefusal } from './json-limits.js'

const limits = { jsonDepth: 4, jsonKeys: 3, jsonItems: 5 }
const told = (text: string) => jsonRefusal(text, limits)

const TOO_DEEP = 'This is nested too deeply'
const TWICE = 'A field stands here twice'
const RESERVED = 'There is a field here whose name is not allowed'
const MANY_FIELDS = 'There are too many fields in an object here'
const MANY_ITEMS = 'There are too many items in a list here'

describe('a JSON text within the limits passes, beyond them it is told why not', () => {
  test.each([
    ['[[[[]]]]', null],
    ['[[[[[]]]]]', TOO_DEEP],
    ['[[[{"a":[', TOO_DEEP],
    ['{"a":{"a":{"a":{}}}}', null],
    ['["[[[[[[", "{{{{{{"]', null],
    ['["\\"[[[[[["]', null],
    ['["\\\\", [[[[1]]]]]', TOO_DEEP],
    ['{"a":1,"b":2,"c":3}', null],
    ['{"a":1,"b":2,"c":3,"d":4}', MANY_FIELDS],
    ['[{"a":1,"b":2},{"a":1,"b":2}]', null],
    ['[1,2,3,4,5]', null],
    ['[1,2,3,4,5,6]', MANY_ITEMS],
    ['[[1,2,3,4],[1,2,3,4]]', null],
    ['{"a":1,"b":2,"a":3}', TWICE],
    ['{"a":1,"\\u0061":3}', TWICE],
    ['{"é":1,"\\u00e9":3}', TWICE],
    ['{"a":{"a":1}}', null],
    ['{"a":"a","b":"a"}', null],
    ['{"":1,"":2}', TWICE],
    ['{"__proto__":1}', RESERVED],
    ['{"\\u005f_proto__":1}', RESERVED],
    ['[{"a":{"constructor":1}}]', RESERVED],
    ['{"prototype" : 1}', RESERVED],
    ['{"a":"__proto__"}', null],
    ['["__proto__","constructor"]', null],
    ['{"toString":1,"hasOwnProperty":2}', null],
  ])('%s', (text, refusal) => expect(told(text)).toBe(refusal))

  test('keys that stand twice are found among many', () => {
    const many = { jsonDepth: 4, jsonKeys: 1_000, jsonItems: 5 }
    const keys = Array.from({ length: 1_000 }, (_, index) => `"k${index}":0`)
    expect(jsonRefusal(`{${keys.join()}}`, many)).toBe(null)
    for (const at of [0, 10, 17, 900]) {
      const twice = [...keys.slice(0, 998), `"k${at}":1`]
      expect(jsonRefusal(`{${twice.join()}}`, many)).toBe(TWICE)
    }
    expect(jsonRefusal(`{${keys.join()},"more":0}`, many)).toBe(MANY_FIELDS)
  })
})

const isReserved = (name: string) => ['__proto__', 'constructor', 'prototype'].includes(name)

/** What the limits say of a value, found by walking it. A text of `JSON.stringify` has no key twice. */
function overLimits(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth >= limits.jsonDepth) return true
  const keys = Array.isArray(value) ? [] : Object.keys(value)
  const tooMany = Array.isArray(value) ? value.length > limits.jsonItems : keys.length > limits.jsonKeys
  return tooMany || keys.some(isReserved) || Object.values(value).some((inner) => overLimits(inner, depth + 1))
}

const key = fc.oneof(
  { weight: 20, arbitrary: fc.string({ unit: 'grapheme', maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'prototype') },
)
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', maxDepth: 6 },
    fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.double(), fc.string({ unit: 'binary', maxLength: 8 })),
    fc.array(tie('tree'), { maxLength: 7 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
  ),
}))
const spaces = fc.constantFrom(undefined, 1, '\t')
const parses = (text: string) => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const escaped = (text: string) =>
  [...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')

describe('whatever is sent', () => {
  test('of valid JSON exactly what is within the limits passes', () => {
    const seen = { passed: 0, refused: 0 }
    fc.assert(
      fc.property(tree, spaces, (value, space) => {
        const text = JSON.stringify(value, null, space)
        const refused = told(text) !== null
        seen[refused ? 'refused' : 'passed'] += 1
        expect(refused).toBe(overLimits(JSON.parse(text)))
      }),
      { numRuns: 5_000 },
    )
    expect(seen.passed).toBeGreaterThan(500)
    expect(seen.refused).toBeGreaterThan(500)
  })

  test('a key that is spelled with escapes is the same key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }), (name) => {
        expect(told(`{${JSON.stringify(name)}:1,"${escaped(name)}":2}`)).toBe(isReserved(name) ? RESERVED : TWICE)
      }),
      { numRuns: 2_000 },
    )
  })

  test('nothing throws, and nothing passes that is JSON beyond the limits', () => {
    const broken = fc.array(
      fc.oneof(
        fc.constantFrom(
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '"',
          '\\',
          '"a"',
          '\\u005f',
          '1',
          'null',
          ' ',
          '__proto__',
          '\ud800',
        ),
        fc.string({ unit: 'binary', maxLength: 3 }),
      ),
      { maxLength: 30 },
    )
    const mutated = fc.tuple(tree, fc.nat(), fc.nat(3), fc.string({ unit: 'binary', maxLength: 2 }))
    fc.assert(
      fc.property(
        fc.oneof(
          broken.map((parts) => parts.join('')),
          mutated.map(([value, at, gone, put]) => {
            const text = JSON.stringify(value)
            const place = at % (text.length + 1)
            return text.slice(0, place) + put + text.slice(place + gone)
          }),
        ),
        (text) => {
          const wronglyPassed = told(text) === null && parses(text) && overLimits(JSON.parse(text))
          expect([text, wronglyPassed]).toEqual([text, false])
        },
      ),
      { numRuns: 5_000 },
    )
  })

  test.each([
    ['brackets', '['],
    ['quotes', '"'],
    ['backslashes', '"\\'],
    ['keys', '{"a":'],
    ['escaped quotes', '\\"'],
    ['closing brackets', ']}'],
    ['commas', ','],
  ])('a megabyte of %s costs little', (_, unit) => {
    const roomy = { jsonDepth: 1e9, jsonKeys: 1e9, jsonItems: 1e9 }
    const started = performance.now()
    jsonRefusal(unit.repeat(1_000_000 / unit.length), roomy)
    jsonRefusal(`"${unit.repeat(1_000_000 / unit.length)}`, roomy)
    // Each takes some ten milliseconds; what went back and forth would take minutes.
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})
