import { setTimeout as pause } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type BackendOptions, createBackend } from '../backend.js'
import type { Event } from '../events.js'
import type { Handler } from '../handler.js'
import { createApp } from '../server/create-app.js'
import { testBackend } from '../testing/index.js'
import { create, page } from '../operations.js'
import { listQuery } from '../database/paved/list-query.js'
import { postgresStore } from '../rate-limit/postgres-store.js'
import { customers } from '../../test/shop.js'

interface Post {
  readonly id: string
  readonly authorId: string
  readonly title: string
}

/** As much of another library's client as it takes: it finds, and it writes down what it was asked to do. */
function client() {
  const posts: Post[] = [
    { id: '1', authorId: 'alice', title: 'Hers' },
    { id: '2', authorId: 'bob', title: 'His' },
  ]
  const written: string[] = []
  const find = async (id: string, authorId: string) =>
    posts.find((post) => post.id === id && post.authorId === authorId) ?? null
  const write = async (what: string) => void written.push(what)
  return { find, write, written }
}

const as = (request: Request) => {
  const id = request.headers.get('x-test-user')
  return id === null ? null : { id, roles: [], claims: {} }
}
const PostInput = z.strictObject({ title: z.string().min(1).max(200) })

let db: ReturnType<typeof client>
const backendOf = (options: Partial<Omit<BackendOptions<never>, 'database'>> = {}) =>
  createBackend({ database: db, auth: as, ...options })
let called: unknown[]
beforeEach(() => {
  db = client()
  called = []
})

function ask(handler: Handler, { user, id, method = 'GET', body }: Asked = {}): Promise<Response> {
  const headers = { ...(user ? { 'x-test-user': user } : {}), ...(body ? { 'content-type': 'application/json' } : {}) }
  const request = new Request(`http://localhost/api/posts/${id ?? ''}`, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return id === undefined ? handler(request) : handler(request, { params: Promise.resolve({ id }) })
}

interface Asked {
  readonly user?: string
  readonly id?: string
  readonly method?: string
  readonly body?: unknown
}

const anything = (): unknown => null
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code

const patch = () =>
  backendOf().endpoint(
    { owns: ({ db: asked, id, principal }) => asked.find(id, principal.id), body: PostInput },
    async ({ db: own, resource, body, principal }) => {
      called.push(resource)
      await own.write(`${principal.id} ${resource.id} ${body.title}`)
      return { ...resource, ...body }
    },
  )

const lose = () => {
  throw Object.assign(new Error('wrapped'), { cause: Object.assign(new Error('read'), { code: 'ECONNRESET' }) })
}

describe('with a client of another library', () => {
  test('the function gets it as it is, with its row, when every check has passed', async () => {
    const response = await ask(patch(), { user: 'alice', id: '1', method: 'PATCH', body: { title: 'New' } })
    expect([response.status, await response.json()]).toEqual([200, { id: '1', authorId: 'alice', title: 'New' }])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(db.written).toEqual(['alice 1 New'])
  })

  test.each([
    ['nobody', { id: '1', body: { title: 'x' } }, 401],
    ['another’s row', { user: 'bob', id: '1', body: { title: 'x' } }, 404],
    ['no row', { user: 'bob', id: '9', body: { title: 'x' } }, 404],
    ['wrong input', { user: 'alice', id: '1', body: { title: '' } }, 400],
    ['more than is asked for', { user: 'alice', id: '1', body: { title: 'x', authorId: 'bob' } }, 400],
  ])('%s is refused, and nothing runs', async (_, asked, status) => {
    expect((await ask(patch(), { ...asked, method: 'PATCH' })).status).toBe(status)
    expect([called, db.written]).toEqual([[], []])
  })

  test('another’s row and none are answered alike, save the request’s id', async () => {
    const [others, none] = await Promise.all(
      ['1', '9'].map(async (id) => {
        const response = await ask(patch(), { user: 'bob', id, method: 'PATCH', body: { title: 'x' } })
        return (await response.text()).replace(/"requestId":"[^"]+"/, '')
      }),
    )
    expect(others).toBe(none)
  })

  test('a path without the segment that the function asks for is our fault, and told to nobody', async () => {
    const response = await ask(patch(), { user: 'alice', method: 'PATCH', body: { title: 'x' } })
    expect([response.status, called]).toEqual([500, []])
  })

  test('a response schema takes out what must not leave, and a status says what was made', async () => {
    const { endpoint } = backendOf()
    const POST = endpoint({ response: z.object({ title: z.string() }), status: 201 }, () => ({
      title: 'x',
      passwordHash: 'secret',
    }))
    const response = await ask(POST, { user: 'alice', method: 'POST' })
    expect([response.status, await response.json()]).toEqual([201, { title: 'x' }])
    expect(
      (
        await ask(
          endpoint({}, () => {}),
          { user: 'alice' },
        )
      ).status,
    ).toBe(204)
    expect(
      (
        await ask(
          endpoint({}, () => new Response('own')),
          { user: 'alice' },
        )
      ).status,
    ).toBe(200)
  })

  test('a write that outlasts its time may have been done, and a read was not', async () => {
    const { endpoint } = backendOf({ requestTimeoutMs: 100 })
    const slow = async ({ db: own, signal }: { readonly db: typeof db; readonly signal: AbortSignal }) => {
      await pause(400)
      called.push(signal.aborted)
      await own.write('late')
    }
    const post = await ask(endpoint({}, slow), { user: 'alice', method: 'POST' })
    expect([post.status, await codeOf(post), post.headers.get('retry-after')]).toEqual([503, 'outcome-unknown', null])
    const get = await ask(endpoint({}, slow), { user: 'alice' })
    expect([get.status, await codeOf(get)]).toEqual([504, 'timeout'])
    await pause(800)
    expect(called).toEqual([true, true])
  })

  test('so may one whose connection was lost under it', async () => {
    const { endpoint } = backendOf()
    const post = await ask(endpoint({}, lose), { user: 'alice', method: 'POST' })
    expect(await codeOf(post)).toBe('outcome-unknown')
    expect(await codeOf(await ask(endpoint({}, lose), { user: 'alice' }))).toBe('unavailable')
  })

  test('ownership that takes too long lets nothing begin', async () => {
    const { endpoint } = backendOf({ requestTimeoutMs: 60 })
    const handler = endpoint({ owns: ({ id }) => pause(300, { id }) }, () => void called.push('late'))
    const response = await ask(handler, { user: 'alice', id: '1', method: 'POST' })
    expect([response.status, await codeOf(response)]).toEqual([504, 'timeout'])
    await pause(500)
    expect(called).toEqual([])
  })

  test('a host serves it: there is nothing to open, and nothing to close', async () => {
    const backend = backendOf()
    const GET = backend.endpoint({}, ({ principal }) => ({ id: principal.id }))
    const app = createApp({ backend, routes: [{ path: '/api/me', module: { GET } }] })
    expect((await app.request('/readyz')).status).toBe(200)
    expect((await app.request('/api/me')).status).toBe(401)
    expect(backend.database.client).toBe(db)
  })

  test('a test says who calls, and sees that a refusal called nothing', async () => {
    const backend = backendOf()
    const PATCH = backend.endpoint({ owns: ({ db: own, id, principal }) => own.find(id, principal.id) }, () => null)
    const app = await testBackend(backend, { routes: { '/api/posts/[id]': { PATCH } } })
    const refused = await app.recording(() => app.as('bob').patch('/api/posts/1', {}))
    expect(refused.answer.status).toBe(404)
    refused.nothing()
    const passed = await app.recording(() => app.as('alice').patch('/api/posts/1', {}))
    expect([passed.answer.status, passed.functions]).toEqual([204, 1])
    expect(() => app.asOwner(async () => {})).toThrow('a client of your own')
    await app.close()
    await expect(testBackend(backend, { routes: {}, url: 'postgres://localhost/x' })).rejects.toThrow('no url here')
  })
})

describe('without a database', () => {
  test('there is no db, and the rest holds', async () => {
    const { endpoint } = createBackend({ auth: as })
    const seen: Event[] = []
    const handler = endpoint(
      { owns: ({ id, principal, ...rest }) => (id === principal.id ? rest : null) },
      (context) => {
        called.push(Object.keys(context).sort())
        return { own: 'db' in context || 'db' in context.resource }
      },
    )
    expect(await (await ask(handler, { user: 'alice', id: 'alice' })).json()).toEqual({ own: false })
    expect((await ask(handler, { user: 'alice', id: 'bob' })).status).toBe(404)
    expect(called).toEqual([['log', 'principal', 'request', 'requestId', 'resource', 'signal']])
    expect(seen).toEqual([])
  })

  test.each([
    ['undefined', undefined],
    ['null', null],
  ])('a database that is %s is a mistake, and no wish', (name, value) => {
    expect(() => createBackend({ auth: as, database: value })).toThrow(`database is ${name}`)
  })
})

describe('what only database() can do is refused when the endpoint is defined', () => {
  test.each<[string, object, unknown]>([
    ['owns: a table needs a database made by database()', { owns: customers }, anything],
    ['sees: a table needs', { sees: { table: customers, param: 'customerId' } }, anything],
    ['page() needs a database', { query: listQuery(customers) }, page(customers)],
    ['idempotent needs', { idempotent: true }, anything],
    ['transaction needs', { transaction: 'snapshot' }, anything],
  ])('%s', (sentence, slots, does) => {
    expect(() => backendOf().endpoint(slots as never, does as never)).toThrow(sentence)
    expect(() => createBackend({ auth: as }).endpoint(slots as never, does as never)).toThrow(sentence)
  })

  test.each([
    ['owns: a table needs', { owns: customers }, anything],
    ['create() needs a database', { input: PostInput }, create(customers)],
    ['transaction needs', { transaction: 'request' }, anything],
  ])('of an action: %s', (sentence, slots, does) => {
    expect(() => backendOf().action(slots as never, does as never)).toThrow(sentence)
  })

  test('and so is a count of calls in a client', () => {
    expect(() => postgresStore(db as never)).toThrow('postgresStore() counts in what database() made')
  })
})
