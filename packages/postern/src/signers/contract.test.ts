import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { PROVIDERS } from '../../test/signers/provider-cases.js'
import { bytes, NOW, type ProviderCase, SECONDS, withHeaders } from '../../test/signers/signed-delivery.js'
import type { TimedOptions } from './define-signer.js'
import type { SecretWarning } from './secrets.js'
import type { Delivery, Verdict } from './signer.js'

const BODIES: readonly (readonly [what: string, body: Uint8Array, altered: Uint8Array])[] = [
  ['letters beyond ASCII', bytes('{"name":"Zoë 💶"}'), bytes('{"name":"Zoe 💶"}')],
  ['line ends of Windows', bytes('{\r\n"a":1}\r\n'), bytes('{\n"a":1}\n')],
  ['line ends of old Macs', bytes('{\r"a":1}\r'), bytes('{\n"a":1}\n')],
  ['a byte order mark', bytes('\uFEFF{"a":1}'), bytes('{"a":1}')],
  ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x00, 0x80), bytes('\uFFFD\uFFFD\u0000\uFFFD')],
  ['nothing', new Uint8Array(), bytes(' ')],
  ['a NUL at its end', bytes('{"a":1}\u0000'), bytes('{"a":1}')],
  ['a megabyte', new Uint8Array(1_048_576).fill(0x61), new Uint8Array(1_048_575).fill(0x61)],
]

/** Each is one time to a lax reader, or none. */
const LAX_TIMES = [
  `${SECONDS}.0`,
  `${SECONDS}junk`,
  `+${SECONDS}`,
  `0${SECONDS}`,
  `0x${SECONDS.toString(16)}`,
  `${SECONDS} 1`,
  '1.7e9',
  'NaN',
  'abc',
  '-1',
  '0',
  '99999999999999',
  'Infinity',
  '1_700_000_000',
]

describe.each(PROVIDERS)('$name', (provider) => {
  const { make, secret, tolerance, sign } = provider
  const [one, other] = [secret(1), secret(2)]
  const judge = (delivered: Delivery, options: Partial<TimedOptions> = {}, now = NOW) =>
    make({ secrets: one, ...options }).verify(delivered, now)
  const signed = (changes: Partial<Parameters<typeof sign>[0]> = {}) =>
    sign({ secrets: [one], body: bytes(provider.body), timestamp: `${SECONDS}`, id: 'msg_1', ...changes })

  test('what it signed is believed, and tells an event', async () => {
    const verdict = await judge(signed())
    expect(verdict).toMatchObject({ kind: 'events', events: [{ type: expect.any(String) }] })
  })

  test('what it signed stays believed until the second of the tolerance is over', async () => {
    expect(await told(judge(signed(), {}, new Date(NOW.getTime() + 999)))).toBe('believed')
  })

  test('a body that was changed is not', async () => {
    for (let at = 0; at < provider.body.length; at += 7) {
      const body = bytes(provider.body)
      body[at]! ^= 1
      expect(await told(judge({ ...signed(), body }))).not.toBe('believed')
    }
    expect(await told(judge({ ...signed(), body: bytes(`${provider.body} `) }))).not.toBe('believed')
    expect(await told(judge({ ...signed(), body: new Uint8Array() }))).not.toBe('believed')
  })

  test('what another secret signed is not', async () => {
    expect(await told(judge(signed({ secrets: [other] })))).toBe('signature-mismatch')
  })

  describe.each(BODIES)('a body of %s', (_what, body, altered) => {
    test('is judged by its bytes', async () => {
      expect(await told(judge(signed({ body })))).toBe('believed')
      expect(await told(judge({ ...signed({ body }), body: altered }))).toBe('signature-mismatch')
    })
  })

  if (tolerance !== null) describeTimes(provider)

  describe('headers', () => {
    test.each(provider.needed)('%s missing, blank or twice', async (name) => {
      const whole = signed()
      expect(await told(judge(withHeaders(whole, { [name]: null })))).not.toBe('believed')
      expect(await told(judge(withHeaders(whole, { [name]: '' })))).not.toBe('believed')
      const twice = new Headers(whole.headers)
      twice.append(name, 'x')
      // A second value of a list may be junk; of what stands alone it makes two things to choose from.
      const isList = provider.severalSignatures && name === provider.signatureHeader
      expect(await told(judge({ ...whole, headers: twice }))).toMatch(
        isList ? /believed|malformed/ : /malformed|mismatch/,
      )
    })

    test('full of junk are refused, and nothing is thrown', async () => {
      const value = signed().headers.get(provider.signatureHeader)!
      const junk = [
        value.slice(0, -1),
        value.slice(1),
        `${value}0`,
        value.toUpperCase(),
        value.replace(/[0-9a-zA-Z+/]{4}(?==*$)/, '####'),
        value.replace(/=+$/, '').replace(/.$/, '\u00e9'),
        value.replaceAll(/v(\d)/g, 'v9'),
        'v1',
        'v1,',
        'v1=',
        't=',
        ',',
        ';',
        '=',
        ',,,,;;;;====',
        't=t=t,v1=v1=v1',
        'sha256=',
        'sha1=0',
        '\u00ff'.repeat(64),
        'a'.repeat(16_000),
        'v1,AA== '.repeat(2_000),
        `t=${SECONDS},${'v1=00,'.repeat(2_000)}`,
        `ts=${SECONDS};${'h1=00;'.repeat(2_000)}`,
      ]
      for (const text of junk.filter((each) => each !== value))
        expect(await told(judge(withHeaders(signed(), { [provider.signatureHeader]: text })))).not.toBe('believed')
    })
  })

  describe('while a secret is rolled', () => {
    test('either is believed, wherever it stands', async () => {
      for (const secrets of [
        [one, other],
        [other, one],
        [secret(3), other, one],
      ])
        expect(await told(judge(signed(), { secrets }))).toBe('believed')
      expect(await told(judge(signed(), { secrets: [other, secret(3)] }))).toBe('signature-mismatch')
    })

    test.runIf(provider.severalSignatures)('any of its signatures is enough, and not a crowd of them', async () => {
      for (const secrets of [
        [one, other],
        [other, one],
        [secret(3), secret(4), one],
      ])
        expect(await told(judge(signed({ secrets })))).toBe('believed')
      expect(await told(judge(signed({ secrets: [other, secret(3)] })))).toBe('signature-mismatch')
      const crowd = [...Array.from({ length: 32 }, () => other), one]
      expect(await told(judge(signed({ secrets: crowd })))).toBe('signature-malformed')
    })
  })

  describe('secrets', () => {
    test.each([[''], ['  '], ['\n'], [undefined], [[]], [['']], [[undefined]]])('%j is no secret', (secrets) => {
      expect(() => make({ secrets } as unknown as TimedOptions)).toThrow(TypeError)
      // Nor where a short one is enough.
      const lenient = { secrets, shortSecrets: 'warn', warn: () => {} }
      expect(() => make(lenient as unknown as TimedOptions)).toThrow(TypeError)
    })

    test('one that is empty is not hidden by one that is not, and too many are none', () => {
      expect(() => make({ secrets: [one, ' '] })).toThrow(/secret 2 is (?:empty|not the 64)/)
      expect(() => make({ secrets: Array.from({ length: 17 }, () => one) })).toThrow(/more than 16/)
    })

    test('one with a line break at its end works, and is told of', async () => {
      const warnings: SecretWarning[] = []
      const options = { secrets: ` ${one}\r\n`, warn: (warning: SecretWarning) => void warnings.push(warning) }
      expect(await told(judge(signed(), options))).toBe('believed')
      expect(warnings.map(({ code }) => code)).toEqual(['POSTERN_SECRET_TRIMMED'])
      expect(warnings[0]!.message).not.toContain(one)
    })

    test('are in no error, and not in the signer', async () => {
      for (const bad of [`${one} é`, `${one.slice(0, 9)}\u0000`, 'whsk_c2VjcmV0', 'whpk_c2VjcmV0'])
        expect(thrownBy(() => make({ secrets: bad }))).not.toContain(bad.slice(0, 9))
      expect(inspect(make({ secrets: one }), { depth: 9, showHidden: true })).not.toContain(one)
      expect(inspect(await judge(signed({ secrets: [other] })))).not.toMatch(/[0-9a-f]{32}|[A-Za-z0-9+/]{40}/)
    })
  })
})

function describeTimes({ make, secret, tolerance, sign, body }: ProviderCase): void {
  const judge = (timestamp: string, options: Partial<TimedOptions> = {}) =>
    make({ secrets: secret(1), ...options }).verify(
      sign({ secrets: [secret(1)], body: bytes(body), timestamp, id: 'msg_1' }),
      NOW,
    )
  const at = (seconds: number, options?: Partial<TimedOptions>) => judge(`${SECONDS + seconds}`, options)
  const most = tolerance!

  describe('times', () => {
    test('on the edge of the tolerance, on both sides', async () => {
      expect(await told(at(-most))).toBe('believed')
      expect(await told(at(most))).toBe('believed')
      expect(await at(-most - 1)).toEqual({ kind: 'refused', reason: 'timestamp-too-old', skewSeconds: -most - 1 })
      expect(await at(most + 1)).toEqual({ kind: 'refused', reason: 'timestamp-too-new', skewSeconds: most + 1 })
    })

    test('within another tolerance, down to the same second', async () => {
      expect(await told(at(-10, { toleranceSeconds: 10 }))).toBe('believed')
      expect(await told(at(-11, { toleranceSeconds: 10 }))).toBe('timestamp-too-old')
      expect(await told(at(1, { toleranceSeconds: 0 }))).toBe('timestamp-too-new')
      expect(await told(at(0, { toleranceSeconds: 0 }))).toBe('believed')
    })

    test('of any age, where that is said by name', async () => {
      expect(await told(at(-1_000_000_000, { toleranceSeconds: 'any-age' }))).toBe('believed')
      expect(make({ secrets: secret(1), toleranceSeconds: 'any-age' }).signsTime).toBe(false)
      for (const bad of [Infinity, NaN, -1, 0.5, '300', null])
        expect(() => make({ secrets: secret(1), toleranceSeconds: bad as number })).toThrow(TypeError)
    })

    test.each(LAX_TIMES)('%s is none, though it was signed', async (text) => {
      expect(await told(judge(text))).toBe('timestamp-malformed')
      expect(await told(judge(text, { toleranceSeconds: 'any-age' }))).toBe('timestamp-malformed')
    })

    test('are no news of a signature that does not hold', async () => {
      const stale = sign({ secrets: [secret(2)], body: bytes(body), timestamp: '1', id: 'msg_1' })
      expect(await make({ secrets: secret(1) }).verify(stale, NOW)).toEqual({
        kind: 'refused',
        reason: 'signature-mismatch',
      })
    })
  })
}

/** In a word: that it was believed, or why not. */
async function told(verdict: Verdict | Promise<Verdict>): Promise<string> {
  const judged = await verdict
  return judged.kind === 'refused' ? judged.reason : 'believed'
}

function thrownBy(action: () => unknown): string {
  try {
    action()
    return ''
  } catch (error) {
    return inspect(error, { depth: 9, showHidden: true }).replace(/\n\s+at .*/g, '')
  }
}
