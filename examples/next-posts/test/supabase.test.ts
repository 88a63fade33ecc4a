import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eq } from 'drizzle-orm'
import { exportJWK, SignJWT } from 'jose'
import { type Backend, create, createBackend, listQuery, page, patchOf, remove, update } from 'postern'
import { jwt } from 'postern/auth'
import { applyMigrations, database } from 'postern/database'
import { createApp } from 'postern/server'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { isSettled } from '../../../packages/cli/src/migrate/new-migration.ts'
import { execute } from '../../../test/support/execute.ts'
import { startSupabase, type SupabaseServer } from '../../../test/support/supabase.ts'
import { AuthorInput, PostInput } from '../inputs.ts'
import * as schema from '../supabase/schema.ts'
import { authors, posts } from '../supabase/schema.ts'

const FOLDER = new URL('../supabase/migrations', import.meta.url).pathname
const INVOICES = new URL('../../invoices/migrations', import.meta.url).pathname
const SECRET = 'a secret that a project shares with its servers'

let supabase: SupabaseServer
let alice: string
let bob: string
beforeAll(async () => {
  supabase = await startSupabase()
  await pushed(FOLDER, supabase.postgresUrl)
  alice = await supabase.signUp('alice@example.com')
  bob = await supabase.signUp('bob@example.com')
})
afterAll(() => supabase.stop())

/** Applies a folder as `supabase db push` does: what has a number and a name, in order, each file one transaction. */
async function pushed(folder: string, url: string): Promise<void> {
  const files = readdirSync(folder).filter((name) => /^[0-9]+_(.*)\.sql$/.test(name))
  expect(files.length).toBeGreaterThan(0)
  for (const name of files.sort()) await execute(url, `begin;\n${readFileSync(`${folder}/${name}`, 'utf8')}\ncommit;`)
}

const as = (sub: string) => ({ role: 'authenticated', sub }) as const
const anon = (text: string, values?: readonly unknown[]) => supabase.asPostgrest({ role: 'anon' }, text, values)
const ask = (sub: string, text: string, values?: readonly unknown[]) => supabase.asPostgrest(as(sub), text, values)

/** An author's page and a post of theirs, made through PostgREST. */
async function writing(sub: string, title: string): Promise<{ author: string; post: string }> {
  const [author] = await ask(sub, "insert into authors (name) values ('x') on conflict do nothing returning id")
  const id = author?.['id'] ?? (await ask(sub, 'select id from authors where owner_id = $1', [sub]))[0]!['id']
  const [post] = await ask(sub, "insert into posts (author_id, title, body) values ($1, $2, 'text') returning id", [
    id,
    title,
  ])
  return { author: String(id), post: String(post!['id']) }
}

test('the folder is what its tables make: nobody forgot `postern migrate new`', async () => {
  expect(await isSettled(FOLDER, schema)).toBe(true)
})

describe('through PostgREST, with the claims of a token and nothing else', () => {
  test('a new row is its writer’s, and Supabase’s own auth.uid() agrees', async () => {
    const { post } = await writing(alice, 'Hers')
    const [row] = await ask(alice, 'select owner_id, auth.uid()::text as uid from posts where id = $1', [post])
    expect(row).toEqual({ owner_id: alice, uid: alice })
  })

  test('its owner changes and deletes it; somebody else reads it, and changes nothing', async () => {
    const { post } = await writing(alice, 'First')
    expect(await ask(bob, 'select title from posts where id = $1', [post])).toEqual([{ title: 'First' }])
    expect(await ask(bob, "update posts set title = 'Bob was here' where id = $1 returning id", [post])).toEqual([])
    expect(await ask(bob, 'delete from posts where id = $1 returning id', [post])).toEqual([])
    expect(await ask(alice, "update posts set title = 'Second' where id = $1 returning title", [post])).toEqual([
      { title: 'Second' },
    ])
    expect(await ask(alice, 'delete from posts where id = $1 returning title', [post])).toEqual([{ title: 'Second' }])
  })

  test('nobody writes in another’s name, nor gives a row away', async () => {
    const { author, post } = await writing(alice, 'Hers')
    const insert = 'insert into posts (author_id, owner_id, title, body) values ($1, $2, $3, $3)'
    await expect(ask(bob, insert, [author, alice, 'x'])).rejects.toThrow(/row-level security/)
    await expect(ask(bob, insert, [author, bob, 'x'])).rejects.toThrow(/foreign key/)
    await expect(ask(alice, 'update posts set owner_id = $2 where id = $1', [post, bob])).rejects.toThrow(
      /row-level security|foreign key/,
    )
  })

  test('who is not signed in reads what anyone may read, and writes nothing', async () => {
    const { author, post } = await writing(alice, 'For all')
    expect(await anon('select title from posts where id = $1', [post])).toEqual([{ title: 'For all' }])
    for (const text of [
      `insert into posts (author_id, title, body) values (${author}, 'x', 'x')`,
      "update posts set title = 'x'",
      'delete from posts',
      'truncate posts cascade',
    ])
      await expect(anon(text)).rejects.toThrow(/permission denied/)
  })

  test('the service sees and writes every row', async () => {
    const { post } = await writing(alice, 'Hers')
    const moderate = "update posts set title = 'Moderated' where id = $1 returning owner_id"
    expect(await supabase.asPostgrest({ role: 'service_role' }, moderate, [post])).toEqual([{ owner_id: alice }])
  })

  test('without row-level security this test would have found it', async () => {
    const { post } = await writing(alice, 'Open')
    await execute(supabase.postgresUrl, 'alter table posts disable row level security')
    try {
      expect(await ask(bob, "update posts set title = 'x' where id = $1 returning title", [post])).toEqual([
        { title: 'x' },
      ])
    } finally {
      await execute(supabase.postgresUrl, 'alter table posts enable row level security')
    }
  })
})

describe('the migrations of the other example, where rows are private', () => {
  let customers: (sub: string) => Promise<Record<string, unknown>[]>
  beforeAll(async () => {
    await pushed(INVOICES, supabase.postgresUrl)
    customers = (sub) => ask(sub, 'select name from customers')
    await ask(alice, "insert into customers (name, email) values ('Of Alice', 'a@example.com')")
  })

  test('apply unchanged, and show each only their own', async () => {
    expect(await customers(alice)).toEqual([{ name: 'Of Alice' }])
    expect(await customers(bob)).toEqual([])
    await expect(supabase.asPostgrest({ role: 'anon' }, 'select name from customers')).rejects.toThrow(
      /permission denied/,
    )
    expect(await supabase.asPostgrest({ role: 'service_role' }, 'select name from customers')).toHaveLength(1)
  })
})

/** A project's published keys, at the address where Supabase has them. */
async function publishing(key: KeyObject): Promise<{ url: string; close: () => void }> {
  const keys = [{ ...(await exportJWK(key)), kid: 'one', alg: 'ES256', use: 'sig' }]
  const server = createServer((request, response) => {
    const isKeys = request.url === '/auth/v1/.well-known/jwks.json'
    response.writeHead(isKeys ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isKeys ? { keys } : {}))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

interface Token {
  readonly sub?: string
  readonly role?: string
  readonly issuer?: string
}

function sign(
  key: KeyObject | Uint8Array,
  alg: string,
  { sub, role = 'authenticated', issuer }: Token,
): Promise<string> {
  const token = new SignJWT({ role, email: 'x@example.com', app_metadata: { provider: 'email' } })
    .setProtectedHeader({ alg, kid: 'one' })
    .setIssuer(issuer ?? 'unknown')
    .setAudience('authenticated')
    .setExpirationTime('1h')
  return (sub === undefined ? token : token.setSubject(sub)).sign(key)
}

/** What the routes of the example come to, on the backend of the folder. */
function served(backend: Backend<typeof schema>) {
  const { endpoint } = backend
  const query = listQuery(posts, { sort: ['createdAt'] })
  const module = {
    authors: { POST: endpoint({ body: AuthorInput }, create(authors)) },
    posts: {
      GET: endpoint({ public: 'posts are published', query }, page(posts, { with: { author: true } })),
      POST: endpoint({ body: PostInput }, async ({ db, principal, body }) => {
        const [own] = await db
          .select({ id: authors.id })
          .from(authors)
          .where(eq(authors.ownerId, principal.id))
          .limit(1)
        return db.posts.create({ ...body, authorId: own!.id })
      }),
    },
    post: {
      PATCH: endpoint({ owns: posts, body: patchOf(PostInput) }, update()),
      DELETE: endpoint({ owns: posts }, remove()),
    },
  }
  const app = createApp({
    backend,
    routes: [
      { path: '/api/authors', module: module.authors },
      { path: '/api/posts', module: module.posts },
      { path: '/api/posts/[id]', module: module.post },
    ],
  })
  return async (method: string, path: string, token?: string, body?: object) => {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
    const response = await app.request(path, init)
    return { status: response.status, body: (await response.json().catch(() => null)) as Record<string, unknown> }
  }
}

describe.each(['published keys', 'a shared secret'])('a backend on the same database, with %s', (kind) => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  let keys: Awaited<ReturnType<typeof publishing>>
  let backend: Backend<typeof schema>
  let call: ReturnType<typeof served>
  let token: (of: Token) => Promise<string>

  beforeAll(async () => {
    keys = await publishing(pair.publicKey)
    const isShared = kind === 'a shared secret'
    vi.stubEnv('SUPABASE_URL', keys.url)
    vi.stubEnv('SUPABASE_JWT_SECRET', isShared ? SECRET : '')
    vi.stubEnv('DATABASE_URL', supabase.postgresUrl)
    vi.resetModules()
    ;({ backend } = await import('../supabase/backend.ts'))
    call = served(backend)
    const issuer = `${keys.url}/auth/v1`
    token = (of) =>
      isShared
        ? sign(new TextEncoder().encode(SECRET), 'HS256', { issuer, ...of })
        : sign(pair.privateKey, 'ES256', { issuer, ...of })
  })
  afterAll(async () => {
    await backend.database.close()
    keys.close()
    vi.unstubAllEnvs()
  })

  test('what one way writes the other reads, and neither lets another’s rows go', async () => {
    const [user, other] = [await supabase.signUp(`${kind}1@example.com`), await supabase.signUp(`${kind}2@example.com`)]
    const [own, others] = await Promise.all([user, other].map((sub) => token({ sub })))
    expect((await call('POST', '/api/authors', own, { name: 'Ada' })).status).toBe(201)
    const made = await call('POST', '/api/posts', own, { title: 'By the API', body: 'text' })
    expect([made.status, made.body['ownerId']]).toEqual([201, user])
    const id = String(made.body['id'])
    expect(await ask(user, "update posts set title = 'By PostgREST' where id = $1 returning title", [id])).toHaveLength(
      1,
    )
    const listed = (await call('GET', '/api/posts?sort=-createdAt')).body['data'] as Record<string, unknown>[]
    expect(listed.find((post) => post['id'] === id)).toMatchObject({ title: 'By PostgREST', author: { name: 'Ada' } })
    expect((await call('PATCH', `/api/posts/${id}`, others, { title: 'x' })).status).toBe(404)
    expect((await call('DELETE', `/api/posts/${id}`, others)).status).toBe(404)
    expect((await call('PATCH', `/api/posts/${id}`, own, { title: 'Last' })).status).toBe(200)
    expect((await call('DELETE', `/api/posts/${id}`, own)).status).toBe(204)
    expect(await ask(user, 'select 1 from posts where id = $1', [id])).toEqual([])
  })

  test('a key of the API is nobody, and a role in a token opens nothing', async () => {
    const body = { name: 'Mallory' }
    // What `anon` and `service_role` keys hold: a role, and nobody’s id.
    for (const role of ['anon', 'service_role']) {
      expect((await call('POST', '/api/authors', await token({ role }), body)).status).toBe(401)
      expect((await call('POST', '/api/authors', await token({ role, issuer: 'supabase' }), body)).status).toBe(401)
    }
    const mallory = await supabase.signUp(`${kind}3@example.com`)
    const { post } = await writing(alice, 'Hers')
    const service = await token({ sub: mallory, role: 'service_role' })
    expect((await call('DELETE', `/api/posts/${post}`, service)).status).toBe(404)
    expect(await ask(alice, 'select title from posts where id = $1', [post])).toEqual([{ title: 'Hers' }])
  })

  test('a token of another project is nobody', async () => {
    const foreign = await token({ sub: alice, issuer: 'https://other.supabase.co/auth/v1' })
    expect((await call('POST', '/api/authors', foreign, { name: 'x' })).status).toBe(401)
  })
})

describe('postern migrate up', () => {
  test('as the developer’s login applies the same folder, and the server is told what that login may', async () => {
    await execute(supabase.postgresUrl, 'create database second')
    const url = supabase.postgresUrl.replace(/\/postgres$/, '/second')
    const db = database({ schema, url, migrationUrl: url })
    const backend = createBackend({ database: db, auth: jwt({ secret: SECRET, issuer: 'x', audience: 'y' }) })
    const warnings: string[] = []
    backend.events.observe((event) => void (event.type === 'database.warning' && warnings.push(event.message)))
    try {
      const applied = await applyMigrations(db, FOLDER)
      expect(applied.length).toBeGreaterThan(0)
      await db.open()
      expect(warnings.join('\n')).toContain('postgres has BYPASSRLS')
    } finally {
      await db.close()
    }
  })
})
