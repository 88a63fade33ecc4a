import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { SignJWT } from 'jose'
import type { Event, Handler } from 'postern'
import { createApp } from 'postern/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, execute } from '../../../test/support/postgres.ts'
import { startSupabase } from '../../../test/support/supabase.ts'
import { serveDataApi } from './data-api.ts'

const SECRET = 'what the sign-in and its servers share: 32 bytes'
const sql = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const [alice, bob] = [randomUUID(), randomUUID()] as const

/** One of the three, with its database: what a project of that kind has. */
interface Project {
  readonly backend: Parameters<typeof createApp>[0]['backend']
  readonly list: Readonly<Record<string, Handler>>
  readonly one: Readonly<Record<string, Handler>>
  /** Reads and writes beside the backend. */
  rows(text: string): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

async function prisma(): Promise<Project> {
  const place = await createTestDatabase()
  await execute(place.migrationUrl, sql('tables.sql'))
  process.env['DATABASE_URL'] = place.migrationUrl
  const own = await import('../prisma/backend.ts')
  return {
    backend: own.backend,
    list: await import('../prisma/app/api/posts/route.ts'),
    one: await import('../prisma/app/api/posts/[id]/route.ts'),
    rows: (text) => execute(place.migrationUrl, text),
    async close() {
      await own.prisma.$disconnect()
      await place.drop()
    },
  }
}

async function drizzle(): Promise<Project> {
  const place = await createTestDatabase()
  await execute(place.migrationUrl, sql('tables.sql'))
  process.env['DATABASE_URL'] = place.migrationUrl
  const own = await import('../drizzle/backend.ts')
  return {
    backend: own.backend,
    list: await import('../drizzle/app/api/posts/route.ts'),
    one: await import('../drizzle/app/api/posts/[id]/route.ts'),
    rows: (text) => execute(place.migrationUrl, text),
    async close() {
      await own.pool.end()
      await place.drop()
    },
  }
}

async function supabaseJs(): Promise<Project> {
  const server = await startSupabase()
  await execute(server.postgresUrl, sql('tables.sql') + sql('supabase/policies.sql'))
  const api = await serveDataApi(server, SECRET)
  Object.assign(process.env, { SUPABASE_URL: api.url, SUPABASE_ANON_KEY: 'anon' })
  const own = await import('../supabase/backend.ts')
  return {
    backend: own.backend,
    list: await import('../supabase/app/api/posts/route.ts'),
    one: await import('../supabase/app/api/posts/[id]/route.ts'),
    rows: (text) => execute(server.postgresUrl, text),
    async close() {
      api.close()
      await server.stop()
    },
  }
}

const without = (text: string) => text.replace(/"requestId":"[^"]+"/, '')

const token = (sub: string) =>
  new SignJWT({ role: 'authenticated' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setIssuer('https://sign-in.example')
    .setAudience('posts')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET))

describe.each([
  ['Prisma', prisma],
  ['Drizzle without our tables', drizzle],
  ['supabase-js', supabaseJs],
])('%s', (_, open) => {
  let project: Project
  let app: ReturnType<typeof createApp>
  const seen: Event[] = []
  let tokens: Readonly<Record<string, string>>

  beforeAll(async () => {
    process.env['JWT_SECRET'] = SECRET
    tokens = { [alice]: await token(alice), [bob]: await token(bob) }
    project = await open()
    await project.rows(`insert into authors values ('${alice}', 'Alice', 'hash'), ('${bob}', 'Bob', 'hash')`)
    project.backend.events.observe((event) => void seen.push(event))
    app = createApp({
      backend: project.backend,
      routes: [
        { path: '/api/posts', module: project.list },
        { path: '/api/posts/[id]', module: project.one },
      ],
    })
  })
  afterAll(() => project.close())
  beforeEach(async () => {
    await project.rows('delete from posts')
    seen.length = 0
  })

  async function call(who: string | null, method: string, path = '', body?: object) {
    const headers = {
      ...(who === null ? {} : { authorization: `Bearer ${tokens[who]!}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
    const response = await app.request(`/api/posts${path}`, init)
    const text = await response.text()
    return { status: response.status, text, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
  }
  const make = async (who: string, slug: string) =>
    String((await call(who, 'POST', '', { title: 'A title', slug })).body['id'])
  const called = () => seen.filter(({ type }) => type === 'function.called').length

  test('makes, reads, changes and deletes one’s own, and shows no more than is named', async () => {
    const made = await call(alice, 'POST', '', { title: 'Hello', slug: 'hello' })
    expect([made.status, made.body]).toEqual([201, { id: made.body['id'], title: 'Hello', slug: 'hello' }])
    const path = `/${String(made.body['id'])}`
    expect((await call(alice, 'GET', path)).body).toEqual(made.body)
    expect((await call(alice, 'PATCH', path, { title: 'Good day' })).body).toEqual({ ...made.body, title: 'Good day' })
    expect(await project.rows('select author_id, title from posts')).toEqual([{ author_id: alice, title: 'Good day' }])
    expect((await call(alice, 'DELETE', path)).status).toBe(204)
    expect((await call(alice, 'GET', path)).status).toBe(404)
    expect(await project.rows('select 1 from posts')).toEqual([])
  })

  test('a post that was found and is not removed is none, and no success', async () => {
    const id = await make(alice, 'kept')
    await project.rows(`
      create function keep() returns trigger language plpgsql as 'begin return null; end';
      create trigger keep before delete on posts for each row execute function keep()`)
    try {
      expect((await call(alice, 'DELETE', `/${id}`)).status).toBe(404)
      expect(called()).toBe(2)
    } finally {
      await project.rows('drop function keep cascade')
    }
    expect(await project.rows('select slug from posts')).toEqual([{ slug: 'kept' }])
  })

  test('another’s post is answered as none, and nothing changes', async () => {
    const id = await make(alice, 'hers')
    const before = await project.rows('select * from posts')
    for (const [method, body] of [['GET'], ['PATCH', { title: 'Mine' }], ['DELETE']] as const) {
      const others = await call(bob, method, `/${id}`, body)
      const none = await call(bob, method, `/${randomUUID()}`, body)
      expect([method, others.status, without(others.text)]).toEqual([method, 404, without(none.text)])
    }
    expect(await project.rows('select * from posts')).toEqual(before)
  })

  test.each([
    ['nobody', null, 'POST', '', { title: 'x', slug: 'x' }, 401],
    ['no title', alice, 'POST', '', { slug: 'x' }, 400],
    ['an author in the body', alice, 'POST', '', { title: 'x', slug: 'x', authorId: bob }, 400],
    ['what is no id', alice, 'PATCH', "/1' or '1'='1", { title: 'x' }, 400],
    ['an empty change', alice, 'PATCH', `/${randomUUID()}`, {}, 400],
    ['a thousand at once', alice, 'GET', '?limit=1000', undefined, 400],
  ])('%s is refused, and nothing runs', async (_name, who, method, path, body, status) => {
    expect((await call(who, method, path, body)).status).toBe(status)
    expect([called(), await project.rows('select 1 from posts')]).toEqual([0, []])
  })

  test('a slug that is taken is a conflict that does not say whose, and what', async () => {
    await make(bob, 'taken')
    const refused = await call(alice, 'POST', '', { title: 'x', slug: 'taken' })
    expect([refused.status, refused.body['code']]).toEqual([409, 'conflict'])
    expect(refused.text).not.toMatch(/taken|slug|unique|constraint|prisma|23505|P2002/i)
    const id = await make(alice, 'free')
    expect((await call(alice, 'PATCH', `/${id}`, { slug: 'taken' })).status).toBe(409)
  })

  test('lists one’s own, page by page', async () => {
    for (const n of [1, 2, 3]) await make(alice, `post-${n}`)
    await make(bob, 'of-bob')
    const pages = await Promise.all([1, 2].map((page) => call(alice, 'GET', `?limit=2&page=${page}`)))
    const slugs = pages.flatMap(({ body }) => (body['data'] as { slug: string }[]).map(({ slug }) => slug))
    expect(slugs).toEqual(['post-3', 'post-2', 'post-1'])
  })

  test('what the database says of a fault reaches the log, and not the client', async () => {
    await project.rows('alter table posts rename to hidden')
    try {
      const broken = await call(alice, 'GET')
      expect([broken.status, broken.body['code']]).toEqual([500, 'internal'])
      expect(broken.text).not.toMatch(/posts|relation|exist/)
      expect(seen.some((event) => event.type === 'request.failed')).toBe(true)
    } finally {
      await project.rows('alter table hidden rename to posts')
    }
  })
})
