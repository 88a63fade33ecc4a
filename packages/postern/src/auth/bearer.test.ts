import * as fc from 'fast-check'
import { base64url, generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import { Issuer, claims, overKeys, overSecret, signedBySecret } from '../../test/issuer.js'

const send = async (authorization: string | null) =>
  overSecret()(new Request('http://127.0.0.1/', authorization === null ? {} : { headers: { authorization } }))

describe('the Authorization header', () => {
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
    const at = await Issuer.open()
    await at.publish(await generateKeyPair('RS256'), 'k')
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
    await at.close()
    expect(seen).toBe(10_000)
  }, 60_000)
})
