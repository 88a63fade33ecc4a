import * as fc from 'fast-check'
import { MOST_BYTES } from './target.js'
import { names, texts, values } from './texts.js'

/** A body, what it calls itself, and whether no endpoint that reads bodies may take it. */
export interface Body {
  readonly type: string | null
  readonly content: string | Uint8Array<ArrayBuffer>
  readonly mustRefuse: boolean
}

const json = (content: string): Body => ({ type: 'application/json', content, mustRefuse: false })
const never = (content: Body['content']): Body => ({ type: 'application/json', content, mustRefuse: true })

/** Bodies: objects that nearly fit, JSON of any kind, text that once was JSON, bytes, and what goes beyond a limit. */
export function bodies(marker: string): fc.Arbitrary<Body> {
  const nearly = fc
    .record(
      {
        title: fc.oneof(fc.constant('a title'), texts(marker)),
        rank: fc.oneof(fc.nat({ max: 1100 }), values(marker)),
        count: fc.oneof(fc.nat({ max: 1100 }), values(marker)),
        dueAt: fc.oneof(fc.constant('2026-11-22T00:00:00Z'), texts(marker)),
        tags: fc.oneof(fc.array(fc.string({ maxLength: 12 }), { maxLength: 6 }), values(marker)),
      },
      { requiredKeys: [] },
    )
    .map((value) => json(JSON.stringify(value)))
  const any = values(marker).map((value) => json(JSON.stringify(value)))
  const cut = fc.tuple(values(marker), fc.nat(), fc.nat(3), texts(marker)).map(([value, at, gone, put]) => {
    const text = JSON.stringify(value)
    const place = at % (text.length + 1)
    return json(text.slice(0, place) + put + text.slice(place + gone))
  })
  const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => ({ ...json(''), content: new Uint8Array(array) }))
  const mistyped = fc
    .tuple(values(marker), texts(marker))
    .chain(([value, text]) =>
      fc
        .constantFrom(
          null,
          'text/plain',
          'application/jsonp',
          'application/json; charset=latin1',
          'multipart/form-data',
          `text/${plain(text)}`,
        )
        .map((type) => ({ type, content: JSON.stringify(value), mustRefuse: true })),
    )
  return fc.oneof(
    { weight: 6, arbitrary: nearly },
    { weight: 6, arbitrary: any },
    { weight: 4, arbitrary: cut },
    { weight: 1, arbitrary: bytes },
    { weight: 1, arbitrary: mistyped },
    { weight: 4, arbitrary: beyond(marker) },
  )
}

/** What a limit refuses, wherever it stands in the body. */
function beyond(marker: string): fc.Arbitrary<Body> {
  const key = names(marker)
  const value = values(marker).map((given) => JSON.stringify(given))
  const inside = fc.constantFrom(
    (text: string) => text,
    (text: string) => `[${text}]`,
    (text: string) => `{"title":"x","a":${text}}`,
  )
  const twice = fc.tuple(key, value, value).map(([name, one, two]) => {
    return `{${JSON.stringify(name)}:${one},"title":"x${marker}",${escaped(name)}:${two}}`
  })
  const reserved = fc.tuple(fc.constantFrom('__proto__', 'constructor', 'prototype'), value, fc.boolean())
  return fc.oneof(
    // `title` may be the name that stands twice: then it stands three times.
    fc.tuple(twice, inside).map(([text, put]) => never(put(text))),
    fc
      .tuple(reserved, inside)
      .map(([[name, one, spell], put]) => never(put(`{${spell ? escaped(name) : `"${name}"`}:${one}}`))),
    fc
      .tuple(fc.integer({ min: 33, max: 3_000 }), fc.boolean())
      .map(([depth, lists]) =>
        never(lists ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
      ),
    fc
      .integer({ min: 1_001, max: 1_500 })
      .map((count) => never(`{${Array.from({ length: count }, (_, at) => `"k${at}":0`).join()}}`)),
    fc.integer({ min: 10_001, max: 12_000 }).map((count) => never(`[${'0,'.repeat(count - 1)}0]`)),
    fc.nat({ max: 500 }).map((more) => never(`{"title":"x"}`.padEnd(MOST_BYTES + 1 + more, ' '))),
    value.map((text) => never(`${text},`)),
    value.map((text) =>
      never(new Uint8Array([...new TextEncoder().encode(`["${marker}`), 0xff, 0x22, 0x5d, text.length % 128])),
    ),
  )
}

/** The same key in other words. */
function escaped(name: string): string {
  const codes = Array.from({ length: name.length }, (_, at) => name.charCodeAt(at).toString(16).padStart(4, '0'))
  return `"${codes.map((code) => `\\u${code}`).join('')}"`
}

function plain(text: string): string {
  return text.replaceAll(/[^a-z]/gi, '') || 'x'
}
