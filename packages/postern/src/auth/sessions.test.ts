import { betterAuth } from 'better-auth'
import { memoryAdapter, type MemoryDB } from 'better-auth/adapters/memory'
import { bearer } from 'better-auth/plugins'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { problem } from '../problems.js'
import { authRoutes } from './auth-routes.js'
import { sessions } from './sessions.js'

const BASE = 'http://127.0.0.1:4300'
const SECRET = 'x7Gm2kQ9vB4nL8sT1wZ6yR3cF5hJ0dPa'
const CACHED_SECONDS = 60

const emptyDatabase = (): MemoryDB => ({ user: [], session: [], account: [], verification: [] })

/** better-auth as the example has it, on its own memory adapter. Under vitest it skips its origin check unless told not to. */
function instance(rows = emptyDatabase(), cached = true) {
  return betterAuth({
    secret: SECRET,
    baseURL: BASE,
    database: memoryAdapter(rows),
    emailAndPassword: { enabled: true },
    user: { additionalFields: { role: { type: 'string', required: false, defaultValue: 'user', input: false } } },
    session: { cookieCache: { enabled: cached, maxAge: CACHED_SECONDS } },
    plugins: [bearer()],
    advanced: { disableOriginCheck: false },
    logger: { disabled: true },
    telemetry: { enabled: false },
  })
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Request =>
  new Request(`${BASE}/api/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

const alice = { name: 'Alice', email: 'alice@example.com', password: 'correct horse' }

/** Reads `set-cookie` lines as a browser would: what is set is sent, what has no age left is forgotten. */
function jar(lines: readonly string[], before: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const cookies = new Map(before)
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (/max-age=0/i.test(line)) cookies.delete(name)
    else cookies.set(name, value)
  }
  return cookies
}

const withCookies = (cookies: ReadonlyMap<string, string>): Request =>
  new Request(`${BASE}/api/invoices`, {
    headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
  })

const only = (cookies: ReadonlyMap<string, string>, name: string) =>
  new Map([...cookies].filter(([each]) => each.endsWith(name)))

async function signUp(auth: ReturnType<typeof instance>, extra: object = {}) {
  const response = await authRoutes(auth).POST(post('sign-up/email', { ...alice, ...extra }))
  const answer = (await response.json()) as { token: string; user: { id: string } }
  return { response, cookies: jar(response.headers.getSetCookie()), ...answer }
}

/** Fails each time the database is asked. */
function broken(rows: MemoryDB, error: Error = new Error('the database is gone')): void {
  Object.defineProperty(rows, 'session', {
    get: () => {
      throw error
    },
  })
}

afterEach(() => void vi.useRealTimers())

describe('a session', () => {
  it('made by signing up tells who is calling: id, role, and small claims', async () => {
    const auth = instance()
    const { cookies, user } = await signUp(auth)
    const principal = await sessions(auth)(withCookies(cookies))
    expect(principal).toEqual({
      id: user.id,
      roles: ['user'],
      claims: { sub: user.id, email: 'alice@example.com', session_id: expect.any(String) },
    })
  })

  it('of a user whose role is a list, as the admin plugin keeps it, has each of them', async () => {
    const rows = emptyDatabase()
    const auth = instance(rows, false)
    const { cookies } = await signUp(auth)
    Object.assign(rows['user']?.[0] as object, { role: 'admin, support,' })
    expect(await sessions(auth)(withCookies(cookies))).toMatchObject({ roles: ['admin', 'support'] })
  })

  it('may have its roles told by an option that sees the typed user', async () => {
    const auth = instance()
    const { cookies } = await signUp(auth)
    const adapter = sessions(auth, {
      roles: (user) => (user.emailVerified ? ['verified'] : [`not-verified-${user.role}`]),
    })
    expect(await adapter(withCookies(cookies))).toMatchObject({ roles: ['not-verified-user'] })
  })

  it('may come as a bearer token where that plugin is on', async () => {
    const auth = instance()
    const { token, user } = await signUp(auth)
    const request = new Request(BASE, { headers: { authorization: `Bearer ${token}` } })
    expect(await sessions(auth)(request)).toMatchObject({ id: user.id })
  })

  it('leaves the body of the request alone', async () => {
    const auth = instance()
    const { cookies } = await signUp(auth)
    const request = new Request(BASE, { method: 'POST', body: 'untouched', headers: withCookies(cookies).headers })
    await sessions(auth)(request)
    expect(request.bodyUsed).toBe(false)
    expect(await request.text()).toBe('untouched')
  })

  it('is nobody without cookie or token, and nothing is looked up', async () => {
    const rows = emptyDatabase()
    const auth = instance(rows, false)
    broken(rows)
    expect(await sessions(auth)(new Request(BASE))).toBeNull()
  })

  it('is nobody when the cookie was changed, made up, or malformed', async () => {
    const auth = instance()
    const { cookies } = await signUp(auth)
    const token = String(cookies.get('better-auth.session_token'))
    const data = String(cookies.get('better-auth.session_data'))
    const changed = Buffer.from(
      Buffer.from(data, 'base64url').toString().replace('"role":"user"', '"role":"admin"'),
    ).toString('base64url')
    expect(changed).not.toBe(data)
    const tokens = [
      `x${token}`,
      token.split('.')[0],
      `${token.split('.')[0]}.AAAA`,
      '%E0%A4%A',
      '',
      'a.b',
      '%00.%00',
      'x'.repeat(9000),
    ]
    for (const value of tokens) {
      for (const cached of [data, changed, '%%%', 'e30', '']) {
        const forged = `better-auth.session_token=${value}; better-auth.session_data=${cached}`
        expect(await sessions(auth)(new Request(BASE, { headers: { cookie: forged } }))).toBeNull()
      }
    }
    const raised = new Map([
      ['better-auth.session_token', token],
      ['better-auth.session_data', changed],
    ])
    expect(await sessions(auth)(withCookies(raised))).toMatchObject({ roles: ['user'] })
  })

  it('that was signed out is nobody, and so is one that expired', async () => {
    const auth = instance(emptyDatabase(), false)
    const { cookies } = await signUp(auth)
    const { cookies: second } = await signUp(auth, { email: 'second@example.com' })
    expect(await sessions(auth)(withCookies(cookies))).not.toBeNull()
    const headers = { cookie: String(withCookies(cookies).headers.get('cookie')), origin: BASE }
    expect((await authRoutes(auth).POST(post('sign-out', {}, headers))).status).toBe(200)
    expect(await sessions(auth)(withCookies(cookies))).toBeNull()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * 86_400_000 })
    expect(await sessions(auth)(withCookies(second))).toBeNull()
  })

  it('that cannot be looked up is an error and not nobody: the database says what failed', async () => {
    const rows = emptyDatabase()
    const auth = instance(rows, false)
    const { cookies } = await signUp(auth)
    broken(rows)
    await expect(sessions(auth)(withCookies(cookies))).rejects.toThrow('the database is gone')
  })

  it('that a busy database cannot look up makes it unavailable, however often that was wrapped', async () => {
    const rows = emptyDatabase()
    const auth = instance(rows, false)
    const { cookies } = await signUp(auth)
    broken(rows, new Error('Failed query: select …', { cause: problem('unavailable') }))
    await expect(sessions(auth)(withCookies(cookies))).rejects.toMatchObject({ name: 'Problem', code: 'unavailable' })
  })
})

describe('the cookie cache', () => {
  it('answers without the database, and believes a revoked session until its age is over', async () => {
    const rows = emptyDatabase()
    const auth = instance(rows)
    const { cookies, user } = await signUp(auth)
    rows['session'] = []
    expect(await sessions(auth)(withCookies(cookies))).toMatchObject({ id: user.id })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + CACHED_SECONDS * 1000 + 1000 })
    expect(await sessions(auth)(withCookies(cookies))).toBeNull()
  })

  it('answers while the database is gone', async () => {
    const rows = emptyDatabase()
    const auth = instance(rows)
    const { cookies, user } = await signUp(auth)
    broken(rows)
    expect(await sessions(auth)(withCookies(cookies))).toMatchObject({ id: user.id })
  })

  it('is renewed by the cookies that the answer must carry; with them the next request asks nothing', async () => {
    const rows = emptyDatabase()
    const auth = instance(rows)
    const adapter = sessions(auth)
    const { cookies, user } = await signUp(auth)
    const fresh = withCookies(cookies)
    await adapter(fresh)
    expect(adapter.setCookies(fresh)).toEqual([])
    const stale = withCookies(only(cookies, 'session_token'))
    expect(await adapter(stale)).toMatchObject({ id: user.id })
    const renewed = jar(adapter.setCookies(stale), only(cookies, 'session_token'))
    expect([...renewed.keys()]).toContain('better-auth.session_data')
    broken(rows)
    expect(await adapter(withCookies(renewed))).toMatchObject({ id: user.id })
  })

  it('and the session live on by those cookies, and cookies of an ended session are removed by them', async () => {
    const rows = emptyDatabase()
    const auth = instance(rows)
    const adapter = sessions(auth)
    const { cookies } = await signUp(auth)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 86_400_000 })
    const later = withCookies(cookies)
    expect(await adapter(later)).not.toBeNull()
    expect(adapter.setCookies(later).some((line) => /session_token=[^;]+;.*max-age=604800/i.test(line))).toBe(true)
    rows['session'] = []
    const ended = withCookies(only(cookies, 'session_token'))
    expect(await adapter(ended)).toBeNull()
    expect(jar(adapter.setCookies(ended), cookies).size).toBe(0)
  })
})

describe('remembering answers', () => {
  it('asks better-auth once for the same cookies, and believes a revoked session for those seconds only', async () => {
    const rows = emptyDatabase()
    const auth = instance(rows, false)
    const { cookies, user } = await signUp(auth)
    const { cookies: others, user: second } = await signUp(auth, { email: 'second@example.com' })
    let now = Date.now()
    const adapter = sessions(auth, { rememberSeconds: 5, now: () => now })
    expect(await adapter(withCookies(cookies))).toMatchObject({ id: user.id })
    expect(await adapter(withCookies(others))).toMatchObject({ id: second.id })
    rows['session'] = []
    expect(await adapter(withCookies(cookies))).toMatchObject({ id: user.id })
    expect(await adapter(withCookies(new Map([...cookies, ['another', 'cookie']])))).toBeNull()
    now += 5000
    expect(await adapter(withCookies(cookies))).toBeNull()
  })

  it('is off unless asked for: a revoked session is nobody at once', async () => {
    const rows = emptyDatabase()
    const auth = instance(rows, false)
    const { cookies } = await signUp(auth)
    const adapter = sessions(auth)
    expect(await adapter(withCookies(cookies))).not.toBeNull()
    rows['session'] = []
    expect(await adapter(withCookies(cookies))).toBeNull()
  })

  it('never holds back a renewed cookie', async () => {
    const auth = instance()
    const { cookies } = await signUp(auth)
    const adapter = sessions(auth, { rememberSeconds: 60 })
    for (const stale of [1, 2].map(() => withCookies(only(cookies, 'session_token')))) {
      await adapter(stale)
      expect(adapter.setCookies(stale).length).toBeGreaterThan(0)
    }
  })
})

describe('signing up and in', () => {
  it('makes nobody an admin, whatever the body says', async () => {
    const rows = emptyDatabase()
    const auth = instance(rows)
    const { cookies } = await signUp(auth, { role: 'admin' })
    expect(rows['user']).toMatchObject([{ role: 'user' }])
    expect(await sessions(auth)(withCookies(cookies))).toMatchObject({ roles: ['user'] })
    const headers = { cookie: String(withCookies(cookies).headers.get('cookie')), origin: BASE }
    expect((await authRoutes(auth).POST(post('update-user', { role: 'admin' }, headers))).status).toBe(400)
    expect(rows['user']).toMatchObject([{ role: 'user' }])
  })

  it('from another site is refused, and nothing is written', async () => {
    const rows = emptyDatabase()
    const response = await authRoutes(instance(rows)).POST(
      post('sign-up/email', alice, { origin: 'https://evil.example' }),
    )
    expect(response.status).toBe(403)
    expect(rows).toEqual(emptyDatabase())
  })
})
