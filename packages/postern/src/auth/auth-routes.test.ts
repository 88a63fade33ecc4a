import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { describe, expect, it } from 'vitest'
import { problem } from '../problems.js'
import { authRoutes } from './auth-routes.js'

const request = () => new Request('http://127.0.0.1/api/auth/ok')
const SECRET_DETAIL = 'password authentication failed for user "postgres" at 10.0.0.7'

async function refused(handler: () => Promise<Response>) {
  const seen: { error: unknown; requestId: string }[] = []
  const routes = authRoutes({ handler }, { onError: (error, requestId) => void seen.push({ error, requestId }) })
  const response = await routes.POST(request())
  const text = await response.text()
  return { response, text, document: JSON.parse(text) as Record<string, unknown>, seen }
}

describe("better-auth's routes", () => {
  it('are listed as foreign, by both methods', () => {
    const { GET, POST } = authRoutes({ handler: async () => new Response('ok') })
    for (const route of [GET, POST]) {
      expect(Reflect.get(route, Symbol.for('postern.endpoint'))).toEqual({ kind: 'foreign', reason: 'better-auth' })
    }
  })

  it('pass what better-auth answers, untouched', async () => {
    const answer = new Response('{"ok":true}', { status: 422, headers: { 'set-cookie': 'a=b' } })
    expect(await authRoutes({ handler: async () => answer }).GET(request())).toBe(answer)
  })

  it('read no body that is larger than it may be', async () => {
    let received = ''
    const handler = async (sent: Request) => {
      received = await sent.text()
      return new Response('ok')
    }
    const post = (body: string) =>
      authRoutes({ handler }).POST(new Request('http://127.0.0.1/api/auth/x', { method: 'POST', body }))
    expect([(await post('x'.repeat(100_001))).status, received]).toEqual([413, ''])
    expect([(await post('{"a":1}')).status, received]).toEqual([200, '{"a":1}'])
  })

  it('tell nothing of what better-auth throws: one sentence out, the error to the log under the same id', async () => {
    const thrown = new Error(SECRET_DETAIL)
    const { response, text, document, seen } = await refused(() => Promise.reject(thrown))
    expect(response.status).toBe(500)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(text).not.toMatch(/postgres|10\.0\.0\.7|at /)
    expect(document['code']).toBe('internal')
    expect(seen).toEqual([{ error: thrown, requestId: document['requestId'] }])
  })

  it('tell nothing of a failure that better-auth answers itself', async () => {
    const { text, document } = await refused(async () => Response.json({ message: SECRET_DETAIL }, { status: 500 }))
    expect(text).not.toContain('postgres')
    expect(document).toMatchObject({ code: 'internal', status: 500 })
  })

  it('keep what was meant for the client: a busy database is unavailable', async () => {
    const { response } = await refused(() => Promise.reject(problem('unavailable')))
    expect(response.status).toBe(503)
  })

  it('tell nothing when the database behind better-auth is gone', async () => {
    const rows = Object.defineProperty(
      { session: [], account: [], verification: [] } as Record<string, unknown[]>,
      'user',
      {
        get: () => {
          throw new Error(SECRET_DETAIL)
        },
      },
    )
    const auth = betterAuth({
      secret: 'x7Gm2kQ9vB4nL8sT1wZ6yR3cF5hJ0dPa',
      baseURL: 'http://127.0.0.1',
      database: memoryAdapter(rows as never),
      emailAndPassword: { enabled: true },
      logger: { disabled: true },
    })
    const response = await authRoutes(auth).POST(
      new Request('http://127.0.0.1/api/auth/sign-in/email', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'a@example.com', password: 'correct horse' }),
      }),
    )
    expect(response.status).toBe(500)
    const text = await response.text()
    expect(text).not.toContain('postgres')
    expect(JSON.parse(text)).toMatchObject({ code: 'internal' })
  })
})
