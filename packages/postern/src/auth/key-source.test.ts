import { base64url, generateKeyPair, type GenerateKeyPairResult } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  AUDIENCE,
  ISSUER,
  Issuer,
  bearer,
  claims,
  overKeys,
  overSecret,
  signed,
  signedBySecret,
} from '../../test/issuer.js'
import type { Claims } from './claims.js'
import { isProblem } from '../problems.js'
import { jwt } from './jwt.js'

let rsa: GenerateKeyPairResult
let other: GenerateKeyPairResult
const issuers: Issuer[] = []

async function issuer(...kids: string[]): Promise<Issuer> {
  const opened = await Issuer.open()
  issuers.push(opened)
  for (const kid of kids) await opened.publish(rsa, kid)
  return opened
}

beforeAll(async () => {
  ;[rsa, other] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')])
})
afterEach(() => void vi.useRealTimers())
afterAll(() => Promise.all(issuers.map((each) => each.close())))

describe('a token seen before', () => {
  it('is not verified again, and never answers past its expiry or before its nbf', async () => {
    let now = Date.now()
    const start = Math.floor(now / 1000)
    let mapped = 0
    const auth = overSecret({
      now: () => now,
      principal: ({ sub }: Claims) => ((mapped += 1), { id: String(sub), roles: [], claims: {} }),
    })
    const request = bearer(await signedBySecret(claims({ nbf: start - 5, exp: start + 60 })))
    expect(await auth(request)).toMatchObject({ id: 'alice' })
    expect(await auth(request)).toMatchObject({ id: 'alice' })
    expect(mapped).toBe(1)
    now = (start - 6) * 1000
    expect(await auth(request)).toBeNull()
    now = (start + 60) * 1000
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
      const { roles, org } = (principal?.claims ?? {}) as { roles: string[]; org: { id: string } }
      expect(() => roles.push('admin')).toThrow(TypeError)
      expect(() => (org.id = 'b')).toThrow(TypeError)
      expect(Object.isFrozen(principal) && Object.isFrozen(principal?.roles)).toBe(true)
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
    const gone = await Issuer.open()
    const address = gone.jwks
    await gone.close()
    const auth = jwt({ jwks: new URL(address), issuer: ISSUER, audience: AUDIENCE })
    await expect(auth(bearer(await signed(rsa, 'k', claims())))).rejects.toMatchObject({ code: 'unavailable' })
  })
})
