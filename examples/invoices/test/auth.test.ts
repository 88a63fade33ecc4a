import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { betterAuth } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { authRoutes, sessions } from 'postern/auth'
import { applyMigrations, database, ROLES_SQL, type Database } from 'postern/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newMigration } from '../../../packages/cli/src/migrate/new-migration.js'
import { identityOf } from '../../../packages/postern/src/database/identity.js'
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js'
import * as schema from '../schema/auth.js'

/** As auth.ts has it, on a database of the test's own. Under vitest better-auth skips its origin check unless told not to. */
const authOn = (db: Database<typeof schema>) =>
  betterAuth({
    secret: 'x7Gm2kQ9vB4nL8sT1wZ6yR3cF5hJ0dPa',
    baseURL: { allowedHosts: ['localhost:*', '127.0.0.1:*', '[::1]:*'], fallback: 'http://localhost' },
    database: drizzleAdapter(db.service('better-auth'), { provider: 'pg', schema, transaction: true }),
    emailAndPassword: { enabled: true },
    user: { additionalFields: { role: { type: 'string', required: false, defaultValue: 'user', input: false } } },
    session: { cookieCache: { enabled: true, maxAge: 60 } },
    telemetry: { enabled: false },
    advanced: { disableOriginCheck: false },
    logger: { disabled: true },
  })

/** As a browser sends back what it was given. */
const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')

describe.each(['postgres', 'embedded'] as const)('signing up on %s', (kind) => {
  let place: TestDatabase | undefined
  let db: Database<typeof schema>
  let migrations: string
  let server: ReturnType<typeof serve>
  let base: string

  beforeAll(async () => {
    if (kind === 'postgres') place = await createTestDatabase()
    db = database({
      schema,
      ...(place ? { url: place.url, migrationUrl: place.migrationUrl } : { directory: `memory://${randomUUID()}` }),
    })
    migrations = await mkdtemp(join(tmpdir(), 'postern-auth-'))
    const answers = { renames: [], drops: [] }
    await newMigration(migrations, schema, { name: 'init', empty: false, data: false, answers, rolesSql: ROLES_SQL })
    await applyMigrations(db, migrations)
    const auth = authOn(db)
    const who = sessions(auth)
    const { GET, POST } = authRoutes(auth)
    const answer = async (request: Request) => {
      if (new URL(request.url).pathname === '/me') return Response.json(await who(request))
      return request.method === 'GET' ? GET(request) : POST(request)
    }
    server = serve({ fetch: answer, hostname: '127.0.0.1', port: 0 })
    await new Promise((resolve) => server.once('listening', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve))
    await db.close()
    await place?.drop()
    await rm(migrations, { recursive: true })
  })

  const send = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${base}/api/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: base, ...headers },
      body: JSON.stringify(body),
    })
  const signUp = (email: string, extra: object = {}) =>
    send('sign-up/email', { name: 'Alice', email, password: 'correct horse', ...extra })
  const signIn = (email: string, password: string) => send('sign-in/email', { email, password })
  const me = async (cookie: string) => (await fetch(`${base}/me`, { headers: { cookie } })).json() as Promise<unknown>
  const users = () => db.service('test').select().from(schema.user)

  it('makes a user and a session, at whatever port answers', async () => {
    const response = await signUp('alice@example.com')
    expect(response.status).toBe(200)
    const { user } = (await response.json()) as { user: { id: string } }
    expect(await me(cookiesOf(response))).toMatchObject({
      id: user.id,
      roles: ['user'],
      claims: { email: 'alice@example.com' },
    })
    const [token] = response.headers.getSetCookie()
    expect(await me(String(token).split(';')[0] ?? '')).toMatchObject({ id: user.id })
    expect(await me('')).toBeNull()
  })

  it('from another origin is refused, and writes nothing', async () => {
    const before = await users()
    const body = { name: 'Eve', email: 'eve@example.com', password: 'correct horse' }
    expect((await send('sign-up/email', body, { origin: 'https://evil.example' })).status).toBe(403)
    expect(await users()).toEqual(before)
  })

  it('as an admin makes an ordinary user; a role written by the service is one', async () => {
    const response = await signUp('mallory@example.com', { role: 'admin' })
    expect(response.status).toBe(200)
    expect(await me(cookiesOf(response))).toMatchObject({ roles: ['user'] })
    expect((await users()).map(({ role }) => role)).not.toContain('admin')
    await db.service('test').update(schema.user).set({ role: 'admin' })
    const signedIn = await signIn('mallory@example.com', 'correct horse')
    expect(await me(cookiesOf(signedIn))).toMatchObject({ roles: ['admin'] })
  })

  it('twice with one address is refused, and the first password still counts', async () => {
    await signUp('bob@example.com')
    const again = await signUp('bob@example.com', { password: 'another password' })
    expect(again.status).toBe(422)
    expect([
      (await signIn('bob@example.com', 'correct horse')).status,
      (await signIn('bob@example.com', 'another password')).status,
    ]).toEqual([200, 401])
  })

  it('leaves no half of itself: a user whose password cannot be stored is not there', async () => {
    await db.asOwner((owner) => owner.script('alter table account add constraint broken check (false) not valid'))
    try {
      expect((await signUp('half@example.com')).ok).toBe(false)
    } finally {
      await db.asOwner((owner) => owner.script('alter table account drop constraint broken'))
    }
    expect((await users()).map(({ email }) => email)).not.toContain('half@example.com')
    expect((await signUp('half@example.com')).status).toBe(200)
  })

  it('at the same time by three people works for each of them', async () => {
    const answers = await Promise.all(Array.from({ length: 3 }, (_, index) => signUp(`crowd-${index}@example.com`)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  })

  it.each(['user', 'session', 'account', 'verification'] as const)(
    'shows no signed-in user the table %s',
    async (table) => {
      const unit = db.unit({ mode: 'statement' })
      const identity = identityOf({ id: 'alice', roles: ['admin'], claims: {} })
      try {
        await expect(unit.run(identity, { text: `select * from "${table}"`, values: [] })).rejects.toMatchObject({
          code: '42501',
        })
      } finally {
        await unit.close()
      }
    },
  )
})
