import { describe, expect, test } from 'vitest'
import { countingBackend, guarded } from '../../test/served.js'
import { createBackend } from '../backend.js'
import { database } from '../database/index.js'
import { foreign } from '../foreign.js'
import { problem } from '../problems.js'
import { createApp } from '../server/create-app.js'
import { type CorsOptions, type CorsPolicy, corsPolicy } from './cors.js'

const APP = 'https://app.example'
const WITHOUT: CorsOptions = { origins: [APP, 'http://localhost:5173'] }
const WITH: CorsOptions = { ...WITHOUT, credentials: true }

/** A server with one answer of each kind: its own, those of handlers, and failures. */
function serverOf(policy: CorsPolicy | null) {
  const { backend, seen } = countingBackend()
  let ran = 0
  const counted = (answer: () => Response) =>
    guarded(async () => {
      ran += 1
      return answer()
    })
  const GET = counted(() => Response.json({ ok: true }))
  const refuse = (error: unknown) =>
    counted(() => {
      throw error
    })
  const app = createApp({
    backend: { ...backend, cors: policy },
    routes: [
      { path: '/items', module: { GET, POST: GET } },
      { path: '/refused', module: { GET: refuse(problem('unauthenticated')) } },
      { path: '/broken', module: { GET: refuse(new Error('x')) } },
      { path: '/frozen', module: { GET: counted(() => Response.redirect('http://localhost/items', 302)) } },
      { path: '/theirs', module: { GET: foreign('a library', async () => new Response('theirs')) } },
      { path: '/own-options', module: { GET, OPTIONS: counted(() => new Response('ran')) } },
    ],
  })
  const send = async (method: string, path: string, headers: Record<string, string>) =>
    app.fetch(new Request(`http://localhost${path}`, { method, headers }))
  return { send, seen, ran: () => ran }
}

const ORIGINS = {
  none: undefined,
  listed: APP,
  second: 'http://localhost:5173',
  evil: 'https://evil.example',
  longer: `${APP}.evil.example`,
  port: `${APP}:8443`,
  plain: 'http://app.example',
  capital: 'HTTPS://APP.EXAMPLE',
  null: 'null',
  star: '*',
  two: `${APP}, ${APP}`,
}
const ASKS = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-evil, content-type' }

const KINDS: readonly (readonly [kind: string, method: string, path: string, status: number])[] = [
  ['success', 'GET', '/items', 200],
  ['write', 'POST', '/items', 200],
  ['HEAD', 'HEAD', '/items', 200],
  ['401', 'GET', '/refused', 401],
  ['404', 'GET', '/nothing', 404],
  ['405', 'DELETE', '/items', 405],
  ['500', 'GET', '/broken', 500],
  ['redirect', 'GET', '/items/', 308],
  ['frozen headers', 'GET', '/frozen', 302],
  ['another library', 'GET', '/theirs', 200],
  ['health', 'GET', '/healthz', 200],
  ['plain OPTIONS', 'OPTIONS', '/items', 204],
  ['preflight', 'OPTIONS', '/items', 204],
  ['preflight of an own OPTIONS', 'OPTIONS', '/own-options', 204],
]

const SAID = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-max-age',
  'vary',
] as const

const ALLOWED_HEADERS = 'content-type, authorization, idempotency-key, if-match, if-none-match, x-organization-id'

/** What a cell must say, said a second time and without the code that says it. */
function expected(kind: string, origin: keyof typeof ORIGINS, credentials: boolean) {
  const isListed = origin === 'listed' || origin === 'second'
  const methods = kind === 'preflight' ? 'GET, HEAD, OPTIONS, POST' : 'GET, HEAD, OPTIONS'
  const asked = isListed && kind.startsWith('preflight')
  return [
    isListed ? ORIGINS[origin] : null,
    isListed && credentials ? 'true' : null,
    asked ? methods : null,
    asked ? ALLOWED_HEADERS : null,
    asked ? '600' : null,
    'origin',
  ]
}

interface Cell {
  readonly name: string
  readonly wrong: boolean
}

/** Every kind of answer to every kind of origin: which of them says something else than it should. */
async function cells(policy: CorsPolicy | null, credentials: boolean): Promise<Cell[]> {
  const all: Cell[] = []
  for (const [kind, method, path, status] of KINDS) {
    for (const [name, origin] of Object.entries(ORIGINS)) {
      const server = serverOf(policy)
      const headers = { ...(origin ? { origin } : {}), ...(kind.startsWith('preflight') ? ASKS : {}) }
      const response = await server.send(method, path, headers)
      const own = name as keyof typeof ORIGINS
      const isOwnAnswer = kind === 'preflight of an own OPTIONS' && own !== 'listed' && own !== 'second'
      const says = SAID.map((header) => response.headers.get(header))
      const fits =
        JSON.stringify(says) === JSON.stringify(expected(kind, own, credentials)) &&
        response.status === (isOwnAnswer ? 200 : status) &&
        (method !== 'OPTIONS' || server.ran() === (isOwnAnswer ? 1 : 0)) &&
        response.headers.get('cross-origin-resource-policy') === 'same-origin'
      all.push({ name: `${kind}, ${name}`, wrong: !fits })
    }
  }
  return all
}

const wrong = async (policy: CorsPolicy | null, credentials: boolean) =>
  (await cells(policy, credentials)).filter((cell) => cell.wrong).map(({ name }) => name)

describe('every kind of answer says who may read it, and nothing else', () => {
  test.each([
    ['with credentials', WITH, true],
    ['without', WITHOUT, false],
  ])('%s', async (_, options, credentials) => {
    expect(await wrong(corsPolicy(options), credentials)).toEqual([])
    expect(await cells(corsPolicy(options), credentials)).toHaveLength(KINDS.length * Object.keys(ORIGINS).length)
  })

  test('closed is closed: without the option there is no header of CORS at all', async () => {
    for (const [kind, method, path] of KINDS) {
      for (const origin of [APP, 'null', 'https://evil.example']) {
        const headers = { origin, ...(kind.startsWith('preflight') ? ASKS : {}) }
        const response = await serverOf(null).send(method, path, headers)
        const names = [...response.headers.keys()].filter((name) => name.startsWith('access-control-'))
        expect([kind, names, response.headers.get('vary')]).toEqual([kind, [], null])
      }
    }
  })

  test('open to any page is the same for all, so that a cache may keep it', async () => {
    const server = serverOf(corsPolicy({ origins: '*' }))
    for (const origin of Object.values(ORIGINS)) {
      const response = await server.send('GET', '/items', origin ? { origin } : {})
      expect(SAID.map((name) => response.headers.get(name))).toEqual(['*', null, null, null, null, null])
    }
  })

  test('what clients need can be read, and nothing is said twice', async () => {
    const { headers } = await serverOf(corsPolicy(WITH)).send('GET', '/items', { origin: APP })
    const exposed = (headers.get('access-control-expose-headers') ?? '').split(', ')
    expect(exposed).toEqual(expect.arrayContaining(['x-request-id', 'location', 'etag', 'retry-after', 'link']))
    expect(new Set(exposed).size).toBe(exposed.length)
  })

  test('a preflight is in the log, as one request', async () => {
    const server = serverOf(corsPolicy(WITH))
    await server.send('OPTIONS', '/items', { origin: APP, ...ASKS })
    expect(server.seen.map(({ type }) => type)).toEqual(['request.received', 'request.answered'])
  })
})

describe('a policy that is sabotaged is found', () => {
  class Everyone extends Set<string> {
    override has(): boolean {
      return true
    }
  }
  const policy = corsPolicy(WITH)

  test('by reflecting any origin', async () => {
    const found = await wrong({ ...policy, origins: new Everyone() }, true)
    for (const [kind] of KINDS) expect(found).toEqual(expect.arrayContaining([`${kind}, evil`, `${kind}, null`]))
    expect(found).not.toContain('success, listed')
  })

  test.each<[string, CorsPolicy | null, boolean]>([
    ['closed to all', null, true],
    ['open to all', corsPolicy({ origins: '*' }), false],
    ['credentials where there should be none', policy, false],
    ['none where there should be', corsPolicy(WITHOUT), true],
    ['headers that were asked for', { ...policy, headers: ASKS['access-control-request-headers'] }, true],
    ['another time', { ...policy, maxAge: '86400' }, true],
  ])('by %s', async (_, sabotaged, credentials) => {
    expect(await wrong(sabotaged, credentials)).not.toEqual([])
  })
})

describe('what can’t be meant is refused with a sentence', () => {
  test.each<[CorsOptions, string]>([
    [{ origins: '*', credentials: true }, "origins '*' goes without credentials"],
    [{ origins: ['*'], credentials: true }, "origins '*' goes without credentials"],
    [{ origins: ['*', APP] }, "'*' alone"],
    [{ origins: ['null'] }, 'sandboxed frame'],
    [{ origins: [`${APP}/`] }, 'is no origin'],
    [{ origins: ['https://*.example'] }, 'is no origin'],
    [{ origins: ['app.example'] }, 'is no origin'],
    [{ origins: [APP], maxAge: -1 }, 'whole number of seconds'],
    [{ origins: [APP], maxAge: 1.5 }, 'whole number of seconds'],
    [{ origins: [APP], maxAge: 86_401 }, 'whole number of seconds'],
    [{ origins: [APP], headers: ['*'] }, 'no name of a header'],
    [{ origins: [APP], headers: ['a b'] }, 'no name of a header'],
    [{ origins: [APP], headers: ['x\r\nset-cookie: a=b'] }, 'no name of a header'],
    [{ origins: [APP], methods: ['TRACE'] }, 'methods are'],
  ])('%j', (options, sentence) => {
    expect(() => corsPolicy(options)).toThrow(sentence)
  })

  test('also by createBackend(), before anything is served', () => {
    const db = database({ schema: {}, directory: 'memory://' })
    const cors = { origins: '*', credentials: true } as const
    expect(() => createBackend({ database: db, auth: () => null, cors })).toThrow("origins '*' goes without")
  })

  test('headers of one’s own join the list, once and in small letters', () => {
    expect(corsPolicy({ origins: [APP], headers: ['X-Trace', 'x-trace', 'Authorization'] }).headers).toBe(
      `${ALLOWED_HEADERS}, x-trace`,
    )
  })
})
