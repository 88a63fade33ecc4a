import { createSecretKey } from 'node:crypto'
import { generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import { SECRET, bearer, claims, overSecret, signedBySecret, withOptions } from '../../test/issuer.js'

const refused = (options: Record<string, unknown>) => () => withOptions(options)

describe('options that cannot be right are refused when they are given', () => {
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

  it('a public key given for a secret', async () => {
    expect(refused({ secret: (await generateKeyPair('RS256')).publicKey })).toThrow(/secret key/)
  })

  it('a buffer that is wiped later still verifies: it was copied', async () => {
    const secret = new TextEncoder().encode(SECRET)
    const auth = overSecret({ secret })
    const token = await signedBySecret(claims())
    secret.fill(0)
    expect(await auth(bearer(token))).toMatchObject({ id: 'alice' })
  })
})
