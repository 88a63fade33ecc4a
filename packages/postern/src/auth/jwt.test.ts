import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import {
  base64url,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
  type JWK,
  type JWTPayload,
} from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { isProblem } from '../problems.js'
import { jwt, type JwtOptions } from './jwt.js'

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'invoices'
const SECRET = 'a-secret-of-thirty-two-bytes-or-more'

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>

const bearer = (token: string): Request =>
  new Request('http://127.0.0.1/api/invoices', { headers: { authorization: `Bearer ${token}` } })

const claims = (extra: JWTPayload = {}): JWTPayload => ({
  sub: 'alice',
  iss: ISSUER,
  aud: AUDIENCE,
  iat: Math.floor(Date.now() / 1000),
  exp: Math.floor(Date.now() / 1000) + 3600,
  ...extra,
})

const signedBySecret = (payload: JWTPayload, secret = SECRET): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret))

/** An issuer: publishes whatever keys it has now, counts who asks, and can be broken in each way that an issuer breaks. */
class Issuer {
  keys: JWK[] = []
  asked = 0
  breaks: 'no' | 'status' | 'garbage' | 'hangs' = 'no'
  #server: Server

  constructor() {
    this.#server = createServer((_request, response) => {
      this.asked += 1
      if (this.breaks === 'hangs') return
      if (this.breaks === 'status') return void response.writeHead(500).end('{}')
      response.end(this.breaks === 'garbage' ? '<html>' : JSON.stringify({ keys: this.keys }))
    })
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get jwks(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks.json`
  }

  async publish(pair: KeyPair, kid: string, alg: string): Promise<void> {
    this.keys.push({ ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' })
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

const signed = (pair: KeyPair, kid: string | undefined, payload: JWTPayload, alg = 'RS256'): Promise<string> =>
  new SignJWT(payload).setProtectedHeader(kid === undefined ? { alg } : { alg, kid }).sign(pair.privateKey)

let rsa: KeyPair
let other: KeyPair
const issuers: Issuer[] = []

async function issuer(...kids: string[]): Promise<Issuer> {
  const made = await new Issuer().open()
  issuers.push(made)
  for (const kid of kids) await made.publish(rsa, kid, 'RS256')
  return made
}

const overKeys = (at: Issuer, extra: Partial<JwtOptions> = {}) =>
  jwt({ jwks: at.jwks, issuer: ISSUER, audience: AUDIENCE, ...extra } as JwtOptions)
const overSecret = (extra: Partial<JwtOptions> = {}) =>
  jwt({ secret: SECRET, issuer: ISSUER, audience: AUDIENCE, ...extra } as JwtOptions)

beforeAll(async () => {
  ;[rsa, other] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')])
})
afterEach(() => void vi.useRealTimers())
afterAll(() => Promise.all(issuers.map((each) => each.close())))

describe('a token that holds', () => {
  it('makes a principal of sub, the list of roles, and every claim', async () => {
    const token = await signedBySecret(claims({ roles: ['admin'], email: 'alice@example.com' }))
    const principal = await overSecret()(bearer(token))
    expect(principal).toMatchObject({
      id: 'alice',
      roles: ['admin'],
      claims: { sub: 'alice', email: 'alice@example.com' },
    })
  })

  it.each([['RS256'], ['PS256'], ['ES256'], ['EdDSA']])(
    'may be signed by %s, of the keys that the issuer publishes',
    async (alg) => {
      const at = await issuer()
      const pair = await generateKeyPair(alg)
      await at.publish(pair, 'k', alg)
      expect(await overKeys(at)(bearer(await signed(pair, 'k', claims(), alg)))).toMatchObject({ id: 'alice' })
    },
  )

  it.each([
    ['a string', 'admin'],
    ['a list that holds more than strings', ['admin', 1]],
    ['an object', { admin: true }],
  ])('gives no roles where the claim is %s', async (_what, roles) => {
    expect(await overSecret()(bearer(await signedBySecret(claims({ roles }))))).toMatchObject({
      id: 'alice',
      roles: [],
    })
  })

  it('may be read by a mapping of your own, which may also say nobody', async () => {
    const auth = overSecret({
      principal: ({ sub, tier }) => (tier === 'paid' ? { id: `user:${sub}`, roles: ['paid'], claims: { tier } } : null),
    })
    expect(await auth(bearer(await signedBySecret(claims({ tier: 'paid' }))))).toMatchObject({
      id: 'user:alice',
      roles: ['paid'],
    })
    expect(await auth(bearer(await signedBySecret(claims({ tier: 'free' }))))).toBeNull()
  })

  it('accepts any issuer or audience only where null says so', async () => {
    const token = await signedBySecret(claims({ iss: 'https://else.example', aud: 'else' }))
    expect(await overSecret({ issuer: null, audience: null })(bearer(token))).toMatchObject({ id: 'alice' })
    expect(await overSecret({ issuer: null })(bearer(token))).toBeNull()
    expect(await overSecret({ audience: null })(bearer(token))).toBeNull()
  })

  it('may come late by the clock tolerance, and not by more', async () => {
    const late = await signedBySecret(claims({ exp: Math.floor(Date.now() / 1000) - 30 }))
    expect(await overSecret({ clockToleranceSeconds: 60 })(bearer(late))).toMatchObject({ id: 'alice' })
    expect(await overSecret({ clockToleranceSeconds: 20 })(bearer(late))).toBeNull()
  })
})

describe('a token that does not hold is nobody', () => {
  const past = () => Math.floor(Date.now() / 1000) - 10
  it.each<[string, () => JWTPayload]>([
    ['expired', () => claims({ exp: past() })],
    ['not yet valid', () => claims({ nbf: past() + 600 })],
    ['of another issuer', () => claims({ iss: 'https://evil.example' })],
    ['made for another service', () => claims({ aud: 'payroll' })],
    ['without an audience', () => ({ ...claims(), aud: undefined }) as unknown as JWTPayload],
    ['without an expiry', () => ({ ...claims(), exp: undefined }) as unknown as JWTPayload],
    ['with an expiry in words', () => claims({ exp: 'never' as unknown as number })],
    ['without a sub', () => ({ ...claims(), sub: undefined }) as unknown as JWTPayload],
    ['whose sub is a number', () => claims({ sub: 7 as unknown as string })],
    ['whose sub is a list', () => claims({ sub: ['alice'] as unknown as string })],
    ['whose sub is empty', () => claims({ sub: '' })],
    ['whose sub PostgreSQL cannot hold', () => claims({ sub: 'ali\0ce' })],
    ['whose claims jsonb cannot read', () => claims({ name: 'half a pair: \ud83d' })],
  ])('%s', async (_what, payload) => {
    expect(await overSecret()(bearer(await signedBySecret(payload())))).toBeNull()
  })

  it('with a name that only looks unreadable, it holds', async () => {
    const token = await signedBySecret(claims({ name: 'the text \\u0000, and \u{1F600}' }))
    expect(await overSecret()(bearer(token))).toMatchObject({ id: 'alice' })
  })

  it('signed by another secret, or with its payload changed', async () => {
    expect(
      await overSecret()(bearer(await signedBySecret(claims(), 'another-secret-of-thirty-two-bytes!!'))),
    ).toBeNull()
    const [header, , signature] = (await signedBySecret(claims())).split('.')
    const forged = base64url.encode(JSON.stringify(claims({ sub: 'admin' })))
    expect(await overSecret()(bearer(`${header}.${forged}.${signature}`))).toBeNull()
  })

  it('unsigned: alg none in every spelling', async () => {
    const at = await issuer('k')
    const unsecured = new UnsecuredJWT(claims()).encode()
    const payload = unsecured.split('.')[1]
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
      const header = base64url.encode(JSON.stringify({ alg, kid: 'k' }))
      for (const token of [unsecured, `${header}.${payload}.`, `${header}.${payload}.AAAA`]) {
        expect(await overSecret()(bearer(token))).toBeNull()
        expect(await overKeys(at)(bearer(token))).toBeNull()
      }
    }
  })

  it('signed by HS256 with the public key for a secret, which everybody has', async () => {
    const at = await issuer('k')
    const published = [await exportSPKI(rsa.publicKey), JSON.stringify(at.keys[0]), String(at.keys[0]?.n)]
    for (const key of published) {
      const token = await new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', kid: 'k' })
        .sign(new TextEncoder().encode(key))
      expect(await overKeys(at)(bearer(token))).toBeNull()
    }
    expect(await overKeys(at)(bearer(await signed(rsa, 'k', claims())))).toMatchObject({ id: 'alice' })
  })

  it('signed by an algorithm that was not chosen, though the key would fit', async () => {
    const at = await issuer()
    at.keys.push({ ...(await exportJWK(rsa.publicKey)), kid: 'k' })
    const token = await signed(rsa, 'k', claims())
    expect(await overKeys(at, { algorithms: ['PS256'] })(bearer(token))).toBeNull()
    expect(await overKeys(at, { algorithms: ['RS256'] })(bearer(token))).toMatchObject({ id: 'alice' })
  })

  it('that brings its own key', async () => {
    const at = await issuer('k')
    const jwk = await exportJWK(other.publicKey)
    const header = { alg: 'RS256', kid: 'k', jwk, jku: 'https://evil.example/jwks.json' }
    expect(
      await overKeys(at)(bearer(await new SignJWT(claims()).setProtectedHeader(header).sign(other.privateKey))),
    ).toBeNull()
  })
})

describe('the Authorization header', () => {
  const send = async (authorization: string | null) =>
    overSecret()(new Request('http://127.0.0.1/', authorization === null ? {} : { headers: { authorization } }))

  it('names its scheme in any case, and may put several spaces behind it', async () => {
    const token = await signedBySecret(claims())
    for (const header of [`bearer ${token}`, `BEARER ${token}`, `Bearer    ${token}`, ` Bearer ${token} `]) {
      expect(await send(header)).toMatchObject({ id: 'alice' })
    }
  })

  it('in any other form is nobody', async () => {
    const token = await signedBySecret(claims())
    const forms = [
      null,
      '',
      token,
      'Bearer',
      `Basic ${token}`,
      `Bearer${token}`,
      `Bearer\t${token}`,
      `Bearer "${token}"`,
    ]
    for (const header of [...forms, `Bearer ${token} x`, `Bearer ${token}.x`, `Bearer ${token}=`, `Bearer ..`]) {
      expect(await send(header)).toBeNull()
    }
  })

  it('sent twice is nobody: which of the two counts is not ours to choose', async () => {
    const headers = new Headers()
    headers.append('authorization', `Bearer ${await signedBySecret(claims())}`)
    headers.append('authorization', `Bearer ${await signedBySecret(claims({ sub: 'bob' }))}`)
    expect(await overSecret()(new Request('http://127.0.0.1/', { headers }))).toBeNull()
  })

  it('longer than 8 KiB is not looked at, though its token would hold', async () => {
    const [fits, tooLong] = [
      await signedBySecret(claims({ pad: 'x'.repeat(5000) })),
      await signedBySecret(claims({ pad: 'x'.repeat(7000) })),
    ]
    expect(fits.length).toBeLessThan(8192)
    expect(tooLong.length).toBeGreaterThan(8192)
    expect(await send(`Bearer ${fits}`)).toMatchObject({ id: 'alice' })
    expect(await send(`Bearer ${tooLong}`)).toBeNull()
  })

  it('never makes it throw: 10,000 random headers, half of them near to a token', async () => {
    const at = await issuer('k')
    const adapters = [overSecret(), overKeys(at)]
    const part = fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => base64url.encode(text)),
      fc.json().map((json) => base64url.encode(json)),
      fc
        .record(
          {
            alg: fc.constantFrom('HS256', 'RS256', 'ES256', 'EdDSA', 'none', 7),
            kid: fc.anything(),
            crit: fc.anything(),
            b64: fc.boolean(),
          },
          { requiredKeys: ['alg'] },
        )
        .map((header) => base64url.encode(JSON.stringify(header))),
    )
    const latin = fc.string({
      unit: fc
        .integer({ min: 32, max: 255 })
        .filter((code) => code !== 127)
        .map((code) => String.fromCharCode(code)),
    })
    const header = fc.oneof(
      latin,
      fc.tuple(part, part, part).map((parts) => `Bearer ${parts.join('.')}`),
    )
    let seen = 0
    await fc.assert(
      fc.asyncProperty(header, async (authorization) => {
        seen += 1
        const request = new Request('http://127.0.0.1/', { headers: { authorization } })
        for (const adapter of adapters) expect(await adapter(request)).toBeNull()
      }),
      { numRuns: 10_000 },
    )
    expect(seen).toBe(10_000)
  }, 60_000)
})

describe('a token seen before', () => {
  it('is not verified again, and never answers past its expiry or before its nbf', async () => {
    let now = Date.now()
    const start = Math.floor(now / 1000)
    let mapped = 0
    const auth = overSecret({
      now: () => now,
      principal: ({ sub }) => ((mapped += 1), { id: String(sub), roles: [], claims: {} }),
    })
    const request = bearer(await signedBySecret(claims({ nbf: start - 5, exp: start + 60 })))
    expect(await auth(request)).toMatchObject({ id: 'alice' })
    expect(await auth(request)).toMatchObject({ id: 'alice' })
    expect(mapped).toBe(1)
    now = (start + 60) * 1000
    expect(await auth(request)).toBeNull()
    now = (start - 6) * 1000
    expect(await auth(request)).toBeNull()
    now = (start + 59) * 1000
    expect(await auth(request)).toMatchObject({ id: 'alice' })
    expect(mapped).toBe(2)
  })

  it('is known by the whole of it: another signature or payload on the same header is verified anew', async () => {
    const auth = overSecret()
    const token = await signedBySecret(claims())
    expect(await auth(bearer(token))).toMatchObject({ id: 'alice' })
    const [header, payload, signature = ''] = token.split('.')
    expect(await auth(bearer(`${header}.${payload}.${signature.slice(0, -4)}AAAA`))).toBeNull()
    expect(
      await auth(bearer(`${header}.${base64url.encode(JSON.stringify(claims({ sub: 'bob' })))}.${signature}`)),
    ).toBeNull()
  })

  it('gives a principal that no request can change for the next', async () => {
    const auth = overSecret()
    const request = bearer(await signedBySecret(claims({ roles: ['user'], org: { id: 'a' } })))
    for (const principal of [await auth(request), await auth(request)]) {
      expect(() => (principal?.roles as string[]).push('admin')).toThrow(TypeError)
      expect(() => ((principal?.claims['org'] as { id: string }).id = 'b')).toThrow(TypeError)
    }
    expect(await auth(request)).toMatchObject({ roles: ['user'], claims: { org: { id: 'a' } } })
  })

  it('counts for ten minutes at most once its key is withdrawn', async () => {
    const at = await issuer('old')
    vi.useFakeTimers({ toFake: ['Date'] })
    const auth = overKeys(at)
    const request = bearer(await signed(rsa, 'old', claims({ exp: Math.floor(Date.now() / 1000) + 86_400 })))
    expect(await auth(request)).toMatchObject({ id: 'alice' })
    at.keys = []
    await at.publish(other, 'new', 'RS256')
    vi.setSystemTime(Date.now() + 601_000)
    expect(await auth(request)).toBeNull()
  })
})

describe("the issuer's keys", () => {
  it('are fetched once, and an unknown key is nobody', async () => {
    const at = await issuer('k')
    const auth = overKeys(at, { cacheSize: 0 })
    for (let i = 0; i < 5; i += 1)
      expect(await auth(bearer(await signed(rsa, 'k', claims())))).toMatchObject({ id: 'alice' })
    expect(await auth(bearer(await signed(other, 'k', claims())))).toBeNull()
    for (let i = 0; i < 5; i += 1) expect(await auth(bearer(await signed(other, `forged-${i}`, claims())))).toBeNull()
    expect(at.asked).toBe(1)
  })

  it('may rotate: a new key is fetched when a token names it, at most every 30 seconds', async () => {
    const at = await issuer('old')
    vi.useFakeTimers({ toFake: ['Date'] })
    const auth = overKeys(at)
    expect(await auth(bearer(await signed(rsa, 'old', claims())))).toMatchObject({ id: 'alice' })
    await at.publish(other, 'new', 'RS256')
    const fresh = await signed(other, 'new', claims({ sub: 'bob' }))
    expect(await auth(bearer(fresh))).toBeNull()
    vi.setSystemTime(Date.now() + 31_000)
    expect(await auth(bearer(fresh))).toMatchObject({ id: 'bob' })
    expect(at.asked).toBe(2)
  })

  it.each(['status', 'garbage', 'hangs'] as const)(
    'that cannot be had (%s) make it unavailable, not nobody',
    async (breaks) => {
      const at = await issuer('k')
      at.breaks = breaks
      const error = await Promise.resolve(overKeys(at)(bearer(await signed(rsa, 'k', claims())))).catch(
        (thrown: unknown) => thrown,
      )
      expect(isProblem(error) && error.code).toBe('unavailable')
    },
  )

  it('of an issuer that is down: unavailable at once, asked again after five seconds, and then it answers', async () => {
    const at = await issuer('k')
    at.breaks = 'status'
    vi.useFakeTimers({ toFake: ['Date'] })
    const auth = overKeys(at)
    const request = bearer(await signed(rsa, 'k', claims()))
    for (let i = 0; i < 20; i += 1) await expect(auth(request)).rejects.toMatchObject({ code: 'unavailable' })
    expect(at.asked).toBe(1)
    at.breaks = 'no'
    vi.setSystemTime(Date.now() + 5_001)
    expect(await auth(request)).toMatchObject({ id: 'alice' })
  })

  it('that are known go on counting while the issuer is down, whatever forged tokens ask for', async () => {
    const at = await issuer('k')
    vi.useFakeTimers({ toFake: ['Date'] })
    const auth = overKeys(at, { cacheSize: 0 })
    const request = bearer(await signed(rsa, 'k', claims()))
    expect(await auth(request)).toMatchObject({ id: 'alice' })
    at.breaks = 'status'
    vi.setSystemTime(Date.now() + 31_000)
    await expect(auth(bearer(await signed(other, 'forged', claims())))).rejects.toMatchObject({ code: 'unavailable' })
    expect(await auth(request)).toMatchObject({ id: 'alice' })
  })

  it('of a port where nobody listens make it unavailable', async () => {
    const gone = await new Issuer().open()
    const address = gone.jwks
    await gone.close()
    const auth = jwt({ jwks: new URL(address), issuer: ISSUER, audience: AUDIENCE })
    await expect(auth(bearer(await signed(rsa, 'k', claims())))).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('options that cannot be right are refused when they are given', () => {
  const refused = (options: Record<string, unknown>) => () =>
    jwt({ issuer: ISSUER, audience: AUDIENCE, ...options } as unknown as JwtOptions)
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['neither keys nor secret', {}, /either jwks.*or the secret/],
    ['both', { secret: SECRET, jwks: 'https://issuer.example/jwks' }, /either jwks.*or the secret/],
    ['a short secret', { secret: 'x'.repeat(31) }, /at least 32 bytes/],
    ['a short secret as bytes', { secret: new Uint8Array(31) }, /at least 32 bytes/],
    ['a short secret as a key', { secret: createSecretKey(Buffer.alloc(16)) }, /at least 32 bytes/],
    ['an empty secret', { secret: '' }, /at least 32 bytes/],
    ['an issuer that is missing', { secret: SECRET, issuer: undefined }, /issuer must be named/],
    ['an audience from an empty variable', { secret: SECRET, audience: '' }, /audience must be named/],
    ['a list of no audiences', { secret: SECRET, audience: [] }, /audience must be named/],
    [
      'a shared-secret algorithm for published keys',
      { jwks: 'https://issuer.example/jwks', algorithms: ['HS256'] },
      /algorithms must be/,
    ],
    ['no signature at all', { jwks: 'https://issuer.example/jwks', algorithms: ['none'] }, /algorithms must be/],
    ['no algorithm', { jwks: 'https://issuer.example/jwks', algorithms: [] }, /algorithms must be/],
    ['keys over plain http', { jwks: 'http://issuer.example/jwks' }, /https address/],
    ['keys from a file', { jwks: 'file:///etc/jwks.json' }, /https address/],
    ['no address', { jwks: 'issuer' }, /https address/],
    ['an endless tolerance', { secret: SECRET, clockToleranceSeconds: Infinity }, /between 0 and 300/],
  ])('%s', (_what, options, sentence) => {
    expect(refused(options)).toThrow(TypeError)
    expect(refused(options)).toThrow(sentence)
  })

  it('a public key given for a secret', () => {
    expect(refused({ secret: rsa.publicKey })).toThrow(/secret key/)
  })

  it('a buffer that is wiped later still verifies: it was copied', async () => {
    const secret = new TextEncoder().encode(SECRET)
    const auth = overSecret({ secret })
    const token = await signedBySecret(claims())
    secret.fill(0)
    expect(await auth(bearer(token))).toMatchObject({ id: 'alice' })
  })
})
