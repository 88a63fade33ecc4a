import * as fc from 'fast-check'
import { bodies, type Body } from './bodies.js'
import { texts } from './texts.js'

/** One request that nobody means well by. */
export interface Input {
  readonly method: string
  readonly path: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Body | null
  readonly mustRefuse: boolean
}

/** Where bodies are read; elsewhere one that is too large is never looked at. */
const BODY_PATHS = ['/things', '/strict', '/loose', '/record', '/json', '/anything', '/things/2']

/** Requests with anything in their bodies, queries, paths, headers and cookies. */
export function inputs(marker: string): fc.Arbitrary<Input> {
  const text = texts(marker)
  const header = text.map(toHeader)
  const segment = fc.oneof(
    fc.constantFrom('1', '2', '3', '40', '999', 'day', 'week', '7'),
    text.map(encodeURIComponentSafely),
    text,
  )
  const headers = fc
    .tuple(
      fc.constantFrom('alice', 'bob', 'alice', null),
      fc.array(fc.tuple(fc.constantFrom(...HEADERS), header), { maxLength: 4 }),
      fc.option(fc.array(fc.tuple(text, text), { maxLength: 4 }), { freq: 4 }),
    )
    .map(([user, more, cookies]) => [
      ...(user === null ? [] : [['x-test-user', user] as const]),
      ...more,
      ...(cookies === null || cookies === undefined
        ? []
        : [['cookie', cookies.map(([name, value]) => toHeader(`${name}=${value}`)).join('; ')] as const]),
    ])
  const query = queries(marker)
  const withBody = fc
    .tuple(fc.constantFrom(...BODY_PATHS), bodies(marker), headers, query)
    .map(([path, body, sent, asked]): Input => {
      const method = path === '/things/2' ? 'PATCH' : 'POST'
      return { method, path: path + asked.text, headers: sent, body, mustRefuse: body.mustRefuse }
    })
  const withQuery = fc.tuple(fc.constantFrom('/things', '/find'), query, headers).map(([path, asked, sent]): Input => ({
    method: 'GET',
    path: path + asked.text,
    headers: sent,
    body: null,
    mustRefuse: asked.mustRefuse,
  }))
  const withPath = fc
    .tuple(
      fc.constantFrom('/things/', '/of/day/', '/of/', '/files/', '/', '/probe/'),
      fc.array(segment, { maxLength: 3 }),
      headers,
      fc.constantFrom('GET', 'DELETE', 'PUT', 'HEAD', 'OPTIONS', 'GET'),
      query,
    )
    .map(([start, parts, sent, method, asked]): Input => ({
      method,
      path: withoutMarks(start + parts.join('/')) + asked.text,
      headers: sent,
      body: null,
      mustRefuse: false,
    }))
  return fc.oneof(
    { weight: 5, arbitrary: withBody },
    { weight: 3, arbitrary: withQuery },
    { weight: 3, arbitrary: withPath },
  )
}

const HEADERS = [
  'authorization',
  'x-organization-id',
  'x-request-id',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-http-method-override',
  'x-postern-client',
  'accept',
  'accept-language',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'range',
  'origin',
  'sec-fetch-site',
  'access-control-request-method',
  'access-control-request-headers',
  'idempotency-key',
  'content-encoding',
  'referer',
  'user-agent',
  'x-anything',
]

const PARAMETERS = [
  'limit',
  'sort',
  'after',
  'page',
  'search',
  'title',
  'rank',
  'rank[gte]',
  'rank[lt]',
  'title[in]',
  'dueAt[gte]',
  'q',
  'n',
  'ownerId',
]

function queries(marker: string): fc.Arbitrary<{ text: string; mustRefuse: boolean }> {
  const text = texts(marker)
  const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...PARAMETERS) }, { weight: 1, arbitrary: text })
  const some = fc.array(fc.tuple(name, text), { maxLength: 5 })
  const written = some.map((pairs) => ({ text: asQuery(pairs), mustRefuse: false }))
  const raw = text.map((given) => ({ text: `?${given.replaceAll('#', '')}`, mustRefuse: false }))
  const many = fc.tuple(name, fc.integer({ min: 101, max: 300 })).map(([given, count]) => {
    return { text: asQuery(Array.from({ length: count }, () => [given, '1'])), mustRefuse: true }
  })
  const reserved = fc
    .tuple(some, fc.constantFrom('__proto__', 'constructor', 'prototype', '%5f_proto__'))
    .map(([pairs, given]) => {
      return { text: `${asQuery(pairs)}${pairs.length === 0 ? '?' : '&'}${given}=1`, mustRefuse: true }
    })
  const none = fc.constant({ text: '', mustRefuse: false })
  return fc.oneof({ weight: 6, arbitrary: written }, none, raw, many, reserved)
}

function asQuery(pairs: readonly (readonly [string, string])[]): string {
  return pairs.length === 0
    ? ''
    : `?${new URLSearchParams(pairs.map((pair): [string, string] => [...pair])).toString()}`
}

function encodeURIComponentSafely(text: string): string {
  // By way of bytes: half of a surrogate pair can't be encoded.
  return encodeURIComponent(Buffer.from(text).toString())
}

/** What begins a query or a fragment would end the path. */
function withoutMarks(path: string): string {
  return path.replaceAll(/[?#]/g, '')
}

/** What `Headers` takes: no control characters, nothing beyond latin1. */
function toHeader(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '')
}
