import * as fc from 'fast-check'

/** Texts as clients make them up: of any alphabet, broken, long, and such as mean something to somebody on the way. */
export function texts(marker: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(marker, `.${marker}`, `${marker}\u0000`, `"${marker}`, `${marker}'`) },
    { weight: 4, arbitrary: fc.constantFrom(...KNOWN) },
    { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
    { weight: 1, arbitrary: fc.nat({ max: 300 }).map((length) => marker.padEnd(length, 'x')) },
  )
}

const KNOWN = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e',
  "' or 1=1 --",
  "'; drop table things; --",
  '$1',
  '${7*7}',
  '{{7*7}}',
  '%00',
  '%',
  '\r\nx-injected: 1',
  '<script>alert(1)</script>',
  '../../../etc/passwd',
  '/\\evil.example',
  '-1',
  '0',
  '1',
  '2',
  '1e309',
  'NaN',
  'Infinity',
  '0x1f',
  '٣',
  '9223372036854775807',
  '9223372036854775808',
  '1'.repeat(400),
  '2026-02-30T00:00:00Z',
  '2026-02-28T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '0000-00-00',
  'true',
  'null',
  'undefined',
  '[object Object]',
  'toString',
  'hasOwnProperty',
]

const FIELDS = ['title', 'rank', 'dueAt', 'count', 'tags', 'a', 'id', 'ownerId', 'owner_id', 'createdAt', 'q', 'n']

/** Names of fields: mostly such as schemas know. */
export function names(marker: string): fc.Arbitrary<string> {
  return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...FIELDS) }, { weight: 1, arbitrary: texts(marker) })
}

/** Values of JSON, of any shape and size; some fit a schema by luck. */
export function values(marker: string): fc.Arbitrary<unknown> {
  const leaf = fc.oneof(
    { weight: 3, arbitrary: texts(marker) },
    fc.integer(),
    fc.nat({ max: 1000 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  )
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 4 },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(names(marker), tie('value'), { maxKeys: 5, noNullPrototype: true }),
    ),
  }))
  return value
}
