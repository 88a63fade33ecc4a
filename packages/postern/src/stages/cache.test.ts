import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Asked, SharedCache } from '../../test/shared-cache.js'
import { CustomerInput, customers, posts, shop, type ShopEndpoint } from '../../test/shop.js'
import { listQuery } from '../database/paved/list-query.js'
import { create, page, row } from '../operations.js'
import { problem } from '../problems.js'
import type { Answer } from '../testing/index.js'

const cache = { maxAge: 60, staleWhileRevalidate: 600 }
const renewed = 'session=renewed; HttpOnly'
const routes = (endpoint: ShopEndpoint) => ({
  '/api/greeting': {
    GET: endpoint({ public: 'a greeting', cache }, ({ principal }) => ({ you: principal?.id ?? 'nobody' })),
    POST: endpoint({ public: 'a greeting', cache }, () => ({ greeted: true })),
  },
  '/api/own': { GET: endpoint({ cache }, ({ principal }) => ({ you: principal.id })) },
  '/api/customers': {
    GET: endpoint({ query: listQuery(customers), cache: { maxAge: 0 } }, page(customers)),
    POST: endpoint({ body: CustomerInput }, create(customers)),
  },
  '/api/posts': { POST: endpoint({ body: z.object({ title: z.string() }) }, create(posts)) },
  '/api/posts/[id]': { GET: endpoint({ public: 'a blog', sees: posts, cache: { maxAge: 300 } }, row()) },
  '/api/refused': {
    GET: endpoint({ public: 'x', cache }, () => {
      throw problem('conflict')
    }),
  },
  '/api/broken': {
    GET: endpoint({ public: 'x', cache }, () => {
      throw new Error('broken')
    }),
  },
  '/api/empty': { GET: endpoint({ public: 'x', cache }, () => undefined) },
  '/api/response/[kind]': {
    GET: endpoint({ public: 'x', unowned: 'a kind of answer', cache }, ({ request }) => {
      const own: Record<string, ResponseInit> = {
        said: { headers: { 'cache-control': 'public, max-age=5' } },
        varied: { headers: { vary: 'Accept, COOKIE' } },
        all: { headers: { vary: '*' } },
        lost: { status: 404 },
        moved: { status: 302, headers: { location: '/' } },
        cookie: { headers: { 'set-cookie': renewed } },
        plain: {},
      }
      return new Response('x', own[new URL(request.url).pathname.split('/').at(-1)!]!)
    }),
  },
})

const kept = ({ headers }: Pick<Answer, 'headers'>) => [headers.get('cache-control'), headers.get('vary')]
const FOR_ALL = ['public, max-age=60, stale-while-revalidate=600', 'authorization, cookie']
const FOR_ONE = ['private, max-age=60, stale-while-revalidate=600', 'authorization, cookie, x-organization-id']

describe('what is answered says how long it may be kept', () => {
  const it = shop(routes)
  const nobody = (path: string) => it.app.nobody.get(path)

  test('by everyone, where the endpoint is public and nobody is signed in', async () => {
    expect(kept(await nobody('/api/greeting'))).toEqual(FOR_ALL)
    const { id } = (await it.app.as('alice').post<{ id: string }>('/api/posts', { title: 'Hello' })).body
    expect(kept(await nobody(`/api/posts/${id}`))).toEqual(['public, max-age=300', FOR_ALL[1]])
  })

  test('by one alone, where somebody is: on a public path too', async () => {
    expect(kept(await it.app.as('alice').get('/api/greeting'))).toEqual(FOR_ONE)
    expect(kept(await it.app.as('alice').get('/api/own'))).toEqual(FOR_ONE)
    expect(kept(await it.app.as('alice').get('/api/customers'))).toEqual(['private, max-age=0', FOR_ONE[1]])
  })

  test('by HEAD as by GET', async () => {
    const head = new Request('http://localhost/api/greeting', { method: 'HEAD' })
    expect(kept(await it.app.nobody.send(head))).toEqual(FOR_ALL)
  })

  test.each([
    ['/api/refused', 409, 'no-store'],
    ['/api/broken', 500, 'no-store'],
    ['/api/own', 401, 'no-store'],
    ['/api/posts/999999', 404, 'no-store'],
    ['/api/posts/x', 404, 'no-store'],
    ['/api/empty', 204, null],
    ['/api/response/lost', 404, null],
    ['/api/response/moved', 302, null],
  ])('and nothing of the kind where it is no success: %s, %i', async (path, status, control) => {
    const answer = await nobody(path)
    expect([answer.status, ...kept(answer)]).toEqual([status, control, null])
  })

  test('nor where it is a write', async () => {
    expect(kept(await it.app.nobody.post('/api/greeting'))).toEqual([null, null])
    expect(kept(await it.app.as('alice').post('/api/greeting'))).toEqual(['no-store', null])
  })

  test('what a function says itself stays, and what it varies with is kept', async () => {
    expect(kept(await nobody('/api/response/said'))).toEqual(['public, max-age=5', null])
    expect(kept(await nobody('/api/response/varied'))).toEqual([FOR_ALL[0], 'Accept, COOKIE, authorization'])
    expect(kept(await nobody('/api/response/all'))).toEqual([FOR_ALL[0], '*'])
    expect(kept(await nobody('/api/response/plain'))).toEqual(FOR_ALL)
  })

  test('an answer with cookies is kept by nobody, whoever sets them', async () => {
    expect(kept(await nobody('/api/response/cookie'))[0]).toBe('no-store')
  })
})

describe('an answer that renews a session', () => {
  const auth = Object.assign(() => null, { setCookies: () => [renewed] })
  const it = shop(routes, { backend: { auth } })
  test('is kept by nobody', async () => {
    const answer = await it.app.fetch(new Request('http://localhost/api/greeting'))
    expect([answer.status, answer.headers.get('set-cookie'), answer.headers.get('cache-control')]).toEqual([
      200,
      renewed,
      'no-store',
    ])
  })
})

describe('callers who are known by a header of their own', () => {
  const auth = Object.assign(
    (request: Request) => {
      const id = request.headers.get('x-api-key')
      return id === null ? null : { id, roles: [], claims: {} }
    },
    { knownBy: ['X-Api-Key'] },
  )
  const it = shop(routes, { backend: { auth } })
  const ask = (headers: Record<string, string>) =>
    it.app.fetch(new Request('http://localhost/api/greeting', { headers }))

  test('are told apart by caches, as those with a token are', async () => {
    expect(kept(await ask({}))).toEqual([FOR_ALL[0], 'authorization, cookie, x-api-key'])
    expect(kept(await ask({ 'x-api-key': 'alice' }))).toEqual([FOR_ONE[0], `${FOR_ONE[1]}, x-api-key`])
  })

  test('so that one with a key is not given what a shared cache keeps of nobody', async () => {
    const shared = new SharedCache(async ({ headers }) => {
      const answer = await ask(headers)
      return { status: answer.status, headers: answer.headers, text: await answer.text() } as Answer
    })
    const told = async (headers: Record<string, string>) => (await shared.ask({ path: '/api/greeting', headers })).text
    expect(await told({})).toBe('{"you":"nobody"}')
    expect(await told({ 'x-api-key': 'alice' })).toBe('{"you":"alice"}')
    expect(await told({})).toBe('{"you":"nobody"}')
    expect(shared.hits).toBe(1)
  })
})

describe('a cache that many share', () => {
  const it = shop(routes)
  const people = {
    nobody: {},
    alice: { authorization: 'Bearer alice' },
    bob: { cookie: 'session=bob' },
    carol: { cookie: 'session=carol' },
  } as const
  const paths = ['/api/greeting', '/api/own', '/api/customers', '/api/response/cookie', '/api/posts/1']
  beforeAll(async () => {
    await it.app.as('alice').post('/api/customers', { name: 'Alice’s' })
    await it.app.as('bob').post('/api/customers', { name: 'Bob’s' })
    await it.app.as('alice').post('/api/posts', { title: 'Hello' })
  })
  const origin = ({ path, headers }: Asked): Promise<Answer> => {
    const who = headers['authorization']?.slice('Bearer '.length) ?? headers['cookie']?.slice('session='.length)
    return who === undefined ? it.app.nobody.get(path, { headers }) : it.app.as(who).get(path, { headers })
  }

  /** Everyone asks for everything, in each order of two people: whoever was given another's answer, or another's cookie. */
  async function given(
    ask: (asked: Asked) => Promise<Answer>,
  ): Promise<{ wrongly: string[]; hits: number; asked: number }> {
    const wrongly: string[] = []
    let [hits, asked] = [0, 0]
    for (const path of paths) {
      for (const [first, firstHeaders] of Object.entries(people)) {
        for (const [second, headers] of Object.entries(people)) {
          const shared = new SharedCache(ask)
          await shared.ask({ path, headers: firstHeaders })
          const answer = await shared.ask({ path, headers })
          const own = await origin({ path, headers })
          asked += 1
          hits += shared.hits
          const cookie = shared.hits > 0 && answer.headers.has('set-cookie')
          if (withoutId(answer.text) !== withoutId(own.text) || cookie)
            wrongly.push(`${second} after ${first}: ${path}`)
        }
      }
    }
    return { wrongly, hits, asked }
  }

  test('gives nobody what another was told, and is of use', async () => {
    const { wrongly, hits, asked } = await given(origin)
    expect(wrongly).toEqual([])
    expect(hits).toBeGreaterThan(0)
    process.stdout.write(`0 of ${asked} answers went astray; 3/n = ${(300 / asked).toFixed(1)} %\n`)
  })

  const rewritten = (change: (headers: Headers) => void) => async (asked: Asked) => {
    const answer = await origin(asked)
    const headers = new Headers(answer.headers)
    change(headers)
    return { ...answer, headers }
  }

  // The same questions, asked of builds that are broken.
  test.each<[string, (headers: Headers) => void]>([
    ['that calls everything public, and varies with nothing', (headers) => (toPublic(headers), headers.delete('vary'))],
    ['that does not vary with who is asking', (headers) => headers.delete('vary')],
    [
      'that varies with tokens and forgets cookies',
      (headers) => (toPublic(headers), headers.set('vary', 'authorization')),
    ],
    ['that varies with cookies and forgets tokens', (headers) => (toPublic(headers), headers.set('vary', 'cookie'))],
    ['that lets a cookie be kept', (headers) => headers.has('set-cookie') && headers.delete('cache-control')],
  ])('finds out a build %s', async (_, change) => {
    const { wrongly } = await given(rewritten(change))
    expect(wrongly.length).toBeGreaterThan(0)
  })
})

function withoutId(text: string): string {
  return text.replace(/"requestId":"[^"]+"/, '')
}

function toPublic(headers: Headers): void {
  const control = headers.get('cache-control') ?? ''
  headers.set('cache-control', control.replace(/private|no-store/, 'public'))
}
