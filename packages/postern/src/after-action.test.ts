import { beforeEach, describe, expect, test } from 'vitest'
import { createBackend } from './backend.js'
import { database } from './database/index.js'
import type { Event } from './events.js'
import { type Host, revalidationOf } from './host.js'

const told: Event[] = []
beforeEach(() => void (told.length = 0))

const raise = (message: string) => Promise.reject(new Error(message))
const never = () => new Promise<never>(() => {})
const longAfterItsTime = () => new Promise((resolve) => setTimeout(resolve, 10_000, 'it waits still').unref())
const failures = () => told.flatMap((event) => (event.type === 'request.failed' ? [event] : []))

/** A framework some of which does not work. */
function actionIn(broken: Partial<Host>) {
  const host: Host = {
    name: 'a framework',
    request: async () =>
      new Request('http://localhost/', {
        method: 'POST',
        headers: { origin: 'http://localhost', 'sec-fetch-site': 'same-origin' },
      }),
    steering: async (thrown) => (thrown instanceof URL ? { thrown, succeeds: true, status: 303 } : undefined),
    setCookies: async () => {},
    revalidate: async () => {},
    ...broken,
  }
  const auth = Object.assign(() => ({ id: 'alice', roles: [], claims: {} }), { setCookies: () => ['session=renewed'] })
  const db = database({ schema: {}, directory: 'memory://' })
  const backend = createBackend({ database: db, auth, host, requestTimeoutMs: 500 })
  backend.events.observe((event) => void told.push(event))
  return backend.action
}

describe('what an action has done stays done', () => {
  test.each<[string, Partial<Host>]>([
    ['its cookies can’t be set', { setCookies: () => raise('headers are sent') }],
    ['its cookies take for ever', { setCookies: never }],
    ['the cache can’t be told', { revalidate: () => raise('the cache is away') }],
    ['the cache never answers', { revalidate: never }],
  ])('where %s: it answers, and the log hears of it under its id', { timeout: 30_000 }, async (_name, broken) => {
    const done = actionIn(broken)({ revalidate: '/posts' }, () => 'done')()
    expect(await Promise.race([done, longAfterItsTime()])).toEqual({ data: 'done' })
    const { requestId } = told.find((event) => event.type === 'request.received')!
    expect(failures()).toMatchObject([{ requestId, error: expect.any(Error) as Error }])
  })

  test('a refusal and a redirect stay what they are', async () => {
    const action = actionIn({ setCookies: () => raise('headers are sent') })
    const redirects = action({}, () => {
      throw new URL('http://localhost/posts') as unknown as Error
    })
    await expect(redirects()).rejects.toBeInstanceOf(URL)
    const refused = action({ auth: { role: 'admin' } }, () => null)
    expect((await refused()).error?.code).toBe('forbidden')
    expect(failures()).toHaveLength(2)
  })
})

describe('revalidate may wait for what it says', () => {
  test('and is awaited', async () => {
    const seen: unknown[] = []
    const action = actionIn({ revalidate: async (what) => void seen.push(what) })
    const tells = action({ revalidate: async ({ data }) => [`/posts/${String(data)}`] }, () => 7)
    expect(await tells()).toEqual({ data: 7 })
    expect(seen).toEqual([{ paths: ['/posts/7'], tags: [] }])
  })

  test.each([
    ['fails', () => raise('no such post')],
    ['never says it', never],
    ['says nothing that can be meant', () => 7 as never],
  ])('and is heard where it %s', async (_name, revalidate) => {
    expect(await actionIn({})({ revalidate }, () => 7)()).toEqual({ data: 7 })
    expect(failures()).toHaveLength(1)
  })
})

describe('what is to be made anew', () => {
  test.each([
    ['/posts', { paths: ['/posts'], tags: [] }],
    [['/posts', '/posts/[id]'], { paths: ['/posts', '/posts/[id]'], tags: [] }],
    [{ tags: ['posts'] }, { paths: [], tags: ['posts'] }],
    [{ paths: [] }, { paths: [], tags: [] }],
  ])('%j is said', (said, expected) => expect(revalidationOf(said)).toEqual(expected))

  test.each([
    ['a promise', Promise.resolve('/posts')],
    ['nothing', null],
    ['an empty object', {}],
    ['a number', 7],
    ['a function', () => '/posts'],
    ['a path that is none', 'posts'],
    ['an empty tag', { tags: [''] }],
    ['a word that there is not', { paths: ['/posts'], layout: true }],
  ])('%s is not', (_name, said) => expect(() => revalidationOf(said)).toThrow(/revalidate takes a path/))
})
