import {
  base64url,
  CompactSign,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
  type GenerateKeyPairResult,
  type JWTPayload,
} from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Issuer, bearer, claims, overKeys, overSecret, SECRET, signed, signedBySecret } from '../../test/issuer.js'
import type { Claims } from './claims.js'

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
afterAll(() => Promise.all(issuers.map((each) => each.close())))

const past = () => Math.floor(Date.now() / 1000) - 10

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
      principal: ({ sub, tier }: Claims) =>
        tier === 'paid' ? { id: `user:${sub}`, roles: ['paid'], claims: { tier } } : null,
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
  it.each<[string, () => JWTPayload]>([
    ['expired', () => claims({ exp: past() })],
    ['not yet valid', () => claims({ nbf: past() + 600 })],
    ['of another issuer', () => claims({ iss: 'https://evil.example' })],
    ['made for another service', () => claims({ aud: 'payroll' })],
    ['without an audience', () => claims({ aud: undefined })],
    ['without an expiry', () => claims({ exp: undefined })],
    ['with an expiry in words', () => claims({ exp: 'never' })],
    ['without a sub', () => claims({ sub: undefined })],
    ['whose sub is a number', () => claims({ sub: 7 })],
    ['whose sub is a list', () => claims({ sub: ['alice'] })],
    ['whose sub is empty', () => claims({ sub: '' })],
    ['whose sub PostgreSQL cannot hold', () => claims({ sub: 'ali\0ce' })],
    ['whose claims jsonb cannot read', () => claims({ name: 'half a pair: \ud83d' })],
  ])('%s', async (_what, payload) => {
    expect(await overSecret()(bearer(await signedBySecret(payload())))).toBeNull()
  })

  it('whose expiry is beyond all numbers', async () => {
    const endless = JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e999')
    const text = new TextEncoder()
    const token = await new CompactSign(text.encode(endless))
      .setProtectedHeader({ alg: 'HS256' })
      .sign(text.encode(SECRET))
    expect(endless).toContain('1e999')
    expect(await overSecret()(bearer(token))).toBeNull()
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
