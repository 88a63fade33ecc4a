import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createBackend } from '../backend.js'
import { foreign } from '../foreign.js'
import type { Handler } from '../handler.js'
import { next } from './next.js'
import { parseSetCookie } from './parse-set-cookie.js'
import { readEndpoint } from './read-endpoint.js'

/** Next.js's own stores, as it fills them around an action (server/app-render/action-handler.js). */
const require = createRequire(import.meta.url)
// As Next.js does before it loads anything of itself: so nothing of it is imported above.
Object.assign(globalThis, { AsyncLocalStorage })
const server = (file: string) => require(`next/dist/server/${file}.js`) as Record<string, never>
interface Store {
  run<T>(store: object, work: () => Promise<T>): Promise<T>
}
const { workAsyncStorage } = server('app-render/work-async-storage.external') as unknown as Record<string, Store>
const { workUnitAsyncStorage } = server('app-render/work-unit-async-storage.external') as unknown as Record<
  string,
  Store
>
const { HeadersAdapter } = server('web/spec-extension/adapters/headers') as Record<
  string,
  { seal(of: Headers): object }
>
const { MutableRequestCookiesAdapter } = server('web/spec-extension/adapters/request-cookies') as Record<
  string,
  { wrap(cookies: object, onChange: (lines: string[]) => void): object }
>
const { RequestCookies } = server('web/spec-extension/cookies') as Record<string, new (headers: Headers) => object>

let lines: string[]
let revalidated: { tag: string }[]
beforeEach(() => {
  lines = []
  revalidated = []
})

function inAction<T>(sent: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const headers = new Headers(sent)
  const store = { route: '/posts', page: '/posts/page', pendingRevalidatedTags: revalidated, incrementalCache: {} }
  const unit = {
    type: 'request',
    phase: 'action',
    headers: HeadersAdapter!.seal(headers),
    userspaceMutableCookies: MutableRequestCookiesAdapter!.wrap(new RequestCookies!(headers), (set) => (lines = set)),
  }
  return workAsyncStorage!.run(store, () => workUnitAsyncStorage!.run(unit, work))
}

const BROWSER = { host: 'app.example', origin: 'https://app.example', cookie: 's=1', 'content-length': '7' }

describe('the request that calls an action', () => {
  test('is a POST with the browser’s headers and without those of its body', async () => {
    const request = await inAction(BROWSER, () => next().request())
    expect([request.method, request.url]).toEqual(['POST', 'http://app.example/'])
    expect(Object.fromEntries(request.headers)).toEqual({
      host: 'app.example',
      origin: 'https://app.example',
      cookie: 's=1',
    })
  })

  test.each([
    ['http://app.example/posts/new?x=1', '/posts/new'],
    ['https://evil.example/posts', '/'],
    ['no address', '/'],
  ])('comes from the page %s for the log: %s', async (referer, path) => {
    const request = await inAction({ ...BROWSER, referer }, () => next().request())
    expect(new URL(request.url).pathname).toBe(path)
  })

  test.each([
    ['%%%', 'http://localhost/'],
    ['eve:x@app.example', 'http://app.example/'],
    ['app.example/a?b', 'http://app.example/'],
  ])('has the host of %s and nothing else of it: %s', async (host, url) => {
    const request = await inAction({ host }, () => next().request())
    expect(request.url).toBe(url)
  })

  test('is not there outside of Next.js', async () => {
    await expect(next().request()).rejects.toThrow(/outside a request scope/)
  })
})

test('cookies that a session renewed go out as they were', async () => {
  await inAction(BROWSER, () =>
    next().setCookies(['s=a%3Db; Path=/; HttpOnly; Secure; SameSite=Strict; Partitioned; Max-Age=60', 'nothing']),
  )
  expect(lines).toEqual([
    expect.stringMatching(/^s=a%3Db; Path=\/; Expires=.*; Max-Age=60; Secure; HttpOnly; SameSite=strict; Partitioned$/),
  ])
})

const { endpoint } = createBackend({ database: {}, auth: () => ({ id: 'alice', roles: [], claims: {} }) })
const read = (handler: Handler) => inAction(BROWSER, () => readEndpoint(handler))

describe('what a page reads', () => {
  test('is answered as the visitor would be', async () => {
    expect(await read(endpoint({}, ({ principal }) => ({ as: principal.id })))).toEqual({ as: 'alice' })
  })

  test('is no endpoint that takes a body: nothing keeps another library’s client from writing', async () => {
    const rows: string[] = []
    const POST = endpoint({ body: z.object({ title: z.string() }).optional() }, () => void rows.push('written'))
    await expect(read(POST)).rejects.toThrow(/what the route exports as GET/)
    expect(rows).toEqual([])
  })

  test('may be a handler of another library', async () => {
    expect(await read(foreign('a test', async () => Response.json(1)))).toBe(1)
  })
})

test('paths, patterns of pages and tags are revalidated', async () => {
  await inAction(BROWSER, () => next().revalidate({ paths: ['/posts', '/posts/[id]'], tags: ['totals'] }))
  expect(revalidated.map(({ tag }) => tag)).toEqual(['_N_T_/posts', '_N_T_/posts/[id]/page', 'totals'])
})

describe('what steers the framework', () => {
  test.each([
    ['a redirect ends well', 'redirect', { succeeds: true, status: 303 }],
    ['a page that is not there does not', 'notFound', { succeeds: false, status: 404 }],
  ])('%s', async (_name, called, expected) => {
    const navigation = await import('next/navigation.js')
    const thrown = await Promise.resolve('/x')
      .then(navigation[called as 'redirect'])
      .catch((error: unknown) => error)
    expect(await next().steering(thrown)).toEqual({ thrown, ...expected })
    // A library that wraps what it caught hides nothing.
    expect(await next().steering(new Error('wrapped', { cause: thrown }))).toEqual({ thrown, ...expected })
  })

  test.each([[new Error('x')], [{ digest: 'NEXT_REDIRECT' }], [null], ['NEXT_REDIRECT;replace;/;307;']])(
    '%j does not',
    async (thrown) => {
      expect(await next().steering(thrown)).toBeUndefined()
    },
  )
})

test.each([
  ['a=1; Domain=app.example; SameSite=None', { name: 'a', value: '1', domain: 'app.example', sameSite: 'none' }],
  ['a=%; Expires=Wed, 21 Oct 2026 07:28:00 GMT', { name: 'a', value: '%', expires: new Date('2026-10-21T07:28:00Z') }],
  ['a=b=c; Max-Age=x; Expires=never', { name: 'a', value: 'b=c' }],
  ['=1', undefined],
  ['', undefined],
])('%j is read', (line, expected) => expect(parseSetCookie(line)).toEqual(expected))
