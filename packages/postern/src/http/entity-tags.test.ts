import { array, assert, boolean, constantFrom, property, record, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entityTagsOf, toEntityTag } from './entity-tags.js'

const strong = (opaque: string) => ({ weak: false, opaque })
const weak = (opaque: string) => ({ weak: true, opaque })

describe('If-Match and If-None-Match are read as RFC 9110 writes them', () => {
  test.each<[string, ReturnType<typeof entityTagsOf>]>([
    ['*', '*'],
    [' * ', '*'],
    ['"7"', [strong('7')]],
    ['W/"7"', [weak('7')]],
    ['""', [strong('')]],
    ['"7", W/"8" ,"9"', [strong('7'), weak('8'), strong('9')]],
    ['"a,b" , "c"', [strong('a,b'), strong('c')]],
    // Lists as recipients must take them (§5.6.1.2): empty places mean nothing.
    [', "7",, "8" ,\t', [strong('7'), strong('8')]],
    ['"\u00e9"', [strong('é')]],
  ])('%j', (header, tags) => expect(entityTagsOf(header)).toEqual(tags))

  test.each([
    '',
    ' ',
    ',',
    '7',
    '"7',
    '7"',
    '"7" "8"',
    '"7"x',
    'w/"7"',
    'W/ "7"',
    '*, "7"',
    '"7", *',
    '*, *',
    '"a b"',
    '"a\tb"',
    "'7'",
    '"7";q=1',
    '"\u0100"',
  ])('%j is neither tags nor *', (header) => expect(entityTagsOf(header)).toBeNull())

  test('what was written is read again', () => {
    const opaque = string({ unit: constantFrom(...',;!#aZ09[]\\~*W/\u00ff'), maxLength: 8 })
    const tag = record({ weak: boolean(), opaque })
    assert(
      property(array(tag, { minLength: 1, maxLength: 5 }), (tags) => {
        const header = tags.map((one) => `${one.weak ? 'W/' : ''}"${one.opaque}"`).join(' , ')
        expect(entityTagsOf(header)).toEqual(tags)
      }),
    )
    expect(entityTagsOf(toEntityTag('7'))).toEqual([strong('7')])
  })

  test('anything at all is read or refused', () => {
    const unit = constantFrom(...'*"W/, \t7x')
    assert(property(string({ unit }), (text) => entityTagsOf(text)?.length !== 0))
  })

  // Backtracking over this would take minutes: the bound is generous, because machines are loaded.
  test.each([
    ['spaces', `"7"${' '.repeat(200_000)}x`],
    ['commas', `"7"${', '.repeat(100_000)}x`],
    ['an open quote', `"${'7'.repeat(200_000)}`],
    ['tags', '"7",'.repeat(50_000)],
  ])('a header full of %s costs no more than its length', (_, header) => {
    const started = performance.now()
    entityTagsOf(header)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
