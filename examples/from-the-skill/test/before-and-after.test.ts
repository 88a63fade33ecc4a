import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import type { Handler } from 'postern'
import { testBackend, type TestBackend } from 'postern/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createTestDatabase, execute, type TestDatabase } from '../../../test/support/postgres.ts'

/**
 * The pattern by hand and by Postern, on one database and by one client, Prisma, asked the same. What docs/from-the-skill.md
 * says of the first is shown here, so that nobody has to believe it.
 */
const tables = readFileSync(new URL('../../adopt/tables.sql', import.meta.url), 'utf8')
const [alice, bob] = [randomUUID(), randomUUID()] as const

const revalidated: string[] = []
vi.mock('next/cache.js', () => ({ revalidatePath: (path: string) => void revalidated.push(path) }))

type Ask = (
  method: string,
  path: string,
  asked?: { readonly as?: string; readonly body?: string },
) => Promise<{ status: number; body: unknown; text: string }>

let place: TestDatabase
let app: TestBackend
let before: Ask
let after: Ask
let services: typeof import('../before/services.ts')
const rows = (text: string) => execute(place.migrationUrl, text)

beforeAll(async () => {
  place = await createTestDatabase()
  await rows(tables)
  await rows(`insert into authors values ('${alice}', 'Alice', 'hash of alice'), ('${bob}', 'Bob', 'hash of bob')`)
  process.env['DATABASE_URL'] = place.migrationUrl
  process.env['JWT_SECRET'] = 'a secret that no token of this test is signed with'
  services = await import('../before/services.ts')
  const classic = {
    list: await import('../before/app/api/posts/route.ts'),
    one: await import('../before/app/api/posts/[id]/route.ts'),
  }
  const handlers: Readonly<Record<string, unknown>> = { ...classic.list, ...classic.one }
  before = async (method, path, { as, body } = {}) => {
    const request = requestOf(method, path, body)
    const params = Promise.resolve({ id: path.split('/')[1] ?? '' })
    const run = () => (handlers[method] as Handler)(request, { params } as never)
    // What a handler throws is a 500 of the framework.
    const answer = as === undefined ? run() : services.signedIn.run(as, run)
    return read(await answer.catch(() => new Response('Internal Server Error', { status: 500 })))
  }

  const { backend } = await import('../../adopt/prisma/backend.ts')
  app = await testBackend(backend, {
    routes: {
      '/api/posts': await import('../../adopt/prisma/app/api/posts/route.ts'),
      '/api/posts/[id]': await import('../../adopt/prisma/app/api/posts/[id]/route.ts'),
    },
  })
  after = async (method, path, { as, body } = {}) => {
    const caller = as === undefined ? app.nobody : app.as(as)
    const { status, text, body: answer } = await caller.send(requestOf(method, path, body))
    return { status, text, body: answer }
  }
})
afterAll(async () => {
  await app.close()
  await services.db.$disconnect()
  const { prisma } = await import('../../adopt/prisma/backend.ts')
  await prisma.$disconnect()
  await place.drop()
})
beforeEach(async () => {
  await rows('delete from posts')
  revalidated.length = 0
})

function requestOf(method: string, path: string, body?: string): Request {
  const init = body === undefined ? { method } : { method, body, headers: { 'content-type': 'application/json' } }
  return new Request(`http://localhost/api/posts${path}`, init)
}

async function read(response: Response) {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true
  return { status: response.status, text, body: isJson ? (JSON.parse(text) as unknown) : null }
}

async function postOf(author: string, slug: string): Promise<string> {
  const [row] = await rows(
    `insert into posts (author_id, title, slug) values ('${author}', 'A title', '${slug}') returning id`,
  )
  return String(row!['id'])
}

const post = JSON.stringify({ title: 'Hello', slug: 'hello' })
const both = [
  ['by hand', () => before],
  ['by Postern', () => after],
] as const

describe.each(both)('%s', (_, ask) => {
  test('nobody, wrong input and another’s row are refused, and one’s own is written', async () => {
    expect((await ask()('POST', '', { body: post })).status).toBe(401)
    expect((await ask()('POST', '', { as: alice, body: '{"title":""}' })).status).toBe(400)
    expect(await rows('select 1 from posts')).toEqual([])
    expect((await ask()('POST', '', { as: alice, body: post })).status).toBe(201)
    const [{ id } = { id: '' }] = await rows('select id from posts')
    const patch = JSON.stringify({ title: 'New' })
    expect((await ask()('PATCH', `/${String(id)}`, { as: bob, body: patch })).status).toBe(404)
    expect((await ask()('PATCH', `/${String(id)}`, { as: alice, body: patch })).status).toBe(200)
    expect(await rows('select title, author_id from posts')).toEqual([{ title: 'New', author_id: alice }])
  })
})

describe('what the pattern leaves to be thought of', () => {
  test.each([
    ['a body that is no JSON', 'POST', '', { as: alice, body: '{' }, 500, 400],
    ['an id that is none', 'PATCH', '/1', { as: alice, body: '{"title":"x"}' }, 500, 400],
    ['page zero', 'GET', '?page=0', { as: alice }, 500, 400],
    ['a list without end', 'GET', '?limit=100000000', { as: alice }, 200, 400],
  ])('%s', async (_name, method, path, asked, byHand, byPostern) => {
    expect((await before(method, path, asked)).status).toBe(byHand)
    expect((await after(method, path, asked)).status).toBe(byPostern)
  })

  test('a value that is taken', async () => {
    await postOf(bob, 'hello')
    expect((await before('POST', '', { as: alice, body: post })).body).toEqual({ error: 'Failed' })
    expect((await after('POST', '', { as: alice, body: post })).body).toMatchObject({ status: 409, code: 'conflict' })
  })

  test('include: { author: true } brings every column of the author along, to anybody', async () => {
    await postOf(bob, 'of-bob')
    expect((await before('GET', '')).text).toContain('hash of bob')
    expect((await after('GET', '')).status).toBe(401)
    expect((await after('GET', '', { as: bob })).text).not.toContain('hash of bob')
  })

  test('a row that is given away between the look and the change', async () => {
    expect(await givenAwayMeanwhile(before)).toEqual([200, { author_id: bob, title: 'By Alice' }])
    expect(await givenAwayMeanwhile(after)).toEqual([404, { author_id: bob, title: 'A title' }])
  })

  /** Alice changes her post while another transaction, which holds its row, gives it to Bob. */
  async function givenAwayMeanwhile(ask: Ask): Promise<unknown[]> {
    await rows('delete from posts')
    const id = await postOf(alice, 'hers')
    const other = new Client({ connectionString: place.migrationUrl })
    await other.connect()
    try {
      await other.query('begin')
      await other.query('update posts set author_id = $1 where id = $2', [bob, id])
      const change = ask('PATCH', `/${id}`, { as: alice, body: JSON.stringify({ title: 'By Alice' }) })
      await blocked()
      await other.query('commit')
      return [(await change).status, ...(await rows('select author_id, title from posts'))]
    } finally {
      await other.end()
    }
  }
})

/** Waits until a statement of this database waits for the row. */
async function blocked(): Promise<void> {
  const waiting = `select 1 from pg_stat_activity where datname = '${place.name}' and wait_event_type = 'Lock'`
  for (let tries = 0; tries < 500; tries += 1) {
    if ((await execute(place.adminUrl, waiting)).length > 0) return
    await pause(20)
  }
  throw new Error('Nothing waits for the row: the change did not come to it')
}

describe('createPost by hand', () => {
  let createPost: typeof import('../before/create-post.ts').createPost
  const asAlice = (input: unknown) => services.signedIn.run(alice, () => createPost(input))
  beforeAll(async () => {
    ;({ createPost } = await import('../before/create-post.ts'))
  })

  test('refuses and writes as it says', async () => {
    expect(await createPost({ title: 'Hello', slug: 'hello' })).toEqual({ error: 'Unauthorized' })
    expect(await asAlice({ title: '' })).toMatchObject({ error: 'Invalid' })
    expect(revalidated).toEqual([])
    expect(await asAlice({ title: 'Hello', slug: 'hello' })).toMatchObject({
      data: { title: 'Hello', authorId: alice },
    })
    expect(revalidated).toEqual(['/posts'])
  })

  test('takes no form, and tells of a value that is taken no more than of a fault', async () => {
    const form = new FormData()
    form.set('title', 'Hello')
    form.set('slug', 'hello')
    expect(await asAlice(form)).toMatchObject({ error: 'Invalid' })
    await postOf(bob, 'hello')
    expect(await asAlice({ title: 'Hello', slug: 'hello' })).toEqual({ error: 'Failed' })
  })
})

describe('the actions by Postern', () => {
  let actions: typeof import('../../adopt/prisma/app/posts/actions.ts')
  const hello = { title: 'Hello', slug: 'hello' }
  beforeAll(async () => {
    actions = await import('../../adopt/prisma/app/posts/actions.ts')
  })

  test('refuse and write as they say', async () => {
    const nobody = await app.nobody.run(() => actions.createPost(hello))
    expect(nobody.error?.code).toBe('unauthenticated')
    const wrong = await app.as(alice).run(() => actions.createPost({ title: '', slug: 'hello' }))
    expect(wrong.error).toMatchObject({ code: 'invalid', fieldErrors: { title: [expect.any(String)] } })
    expect(await rows('select 1 from posts')).toEqual([])
    const made = await app.as(alice).run(() => actions.createPost(hello))
    expect(made.data).toEqual({ id: expect.any(String), ...hello })
    expect(await rows('select author_id from posts')).toEqual([{ author_id: alice }])
  })

  test('take a form, and tell of a value that is taken', async () => {
    const form = new FormData()
    form.set('title', 'Hello')
    form.set('slug', 'hello')
    expect((await app.as(alice).run(() => actions.createPost(form))).data).toMatchObject(hello)
    const again = await app.as(bob).run(() => actions.createPost(form))
    expect(again.error?.code).toBe('conflict')
    expect(JSON.stringify(again)).not.toMatch(/hello|slug|unique|P2002/i)
  })

  test('called for another’s row, or with more than they take, change nothing', async () => {
    const id = await postOf(alice, 'hers')
    const asked = [
      { id, title: 'By Bob' },
      { id: randomUUID(), title: 'By Bob' },
    ]
    for (const input of asked) {
      const refused = await app.as(bob).run(() => actions.renamePost(input))
      expect(refused.error?.code).toBe('not-found')
    }
    const more = await app.as(alice).run(() => actions.renamePost({ id, title: 'x', authorId: bob } as never))
    expect(more.error?.code).toBe('invalid')
    expect(await rows('select author_id, title from posts')).toEqual([{ author_id: alice, title: 'A title' }])
    expect((await app.as(alice).run(() => actions.renamePost({ id, title: 'By Alice' }))).data?.title).toBe('By Alice')
  })
})
