import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { PROVIDERS, providerCase } from '../../test/signers/provider-cases.js'
import { SDK_JUDGES } from '../../test/signers/sdk-judges.js'
import { bytes, NOW, type ProviderCase, SECONDS, withHeaders } from '../../test/signers/signed-delivery.js'
import type { Delivery } from './signer.js'

/** A delivery that was signed and then perhaps changed. */
interface Case {
  readonly by: readonly ('right' | 'wrong')[]
  /** Off our clock, in tolerances, and one second more. */
  readonly time: 'now' | 'edge-old' | 'edge-new' | 'too-old' | 'too-new'
  readonly body: 'own' | 'spaced' | 'unicode' | 'crlf' | 'bom' | 'bytes' | 'empty'
  readonly edit:
    | 'none'
    | 'missing'
    | 'lax-time'
    | 'upper'
    | 'no-label'
    | 'other-label'
    | 'unpadded'
    | 'twice'
    | 'letter'
    | 'tampered'
  readonly at: number
}

const PLAIN: Case = { by: ['right'], time: 'now', body: 'own', edit: 'none', at: 0 }

/** Where we and a library differ: on purpose, and for as long as it does. */
interface Difference {
  readonly providers: readonly string[]
  readonly why: string
  readonly we: 'believe' | 'refuse'
  /** The smallest case that shows it. */
  readonly shows: Partial<Case>
  readonly when: (one: Case) => boolean
}

const STANDARD = ['standard-webhooks', 'svix', 'clerk', 'resend', 'supabase', 'polar']
const HEX_TIMED = ['stripe', 'slack', 'paddle']

const DIFFERENCES: readonly Difference[] = [
  {
    providers: HEX_TIMED,
    why: 'a time ahead of ours would stay fresh for longer: their pages say "difference", the libraries look back alone',
    we: 'refuse',
    shows: { time: 'too-new' },
    when: ({ time }) => time === 'too-new',
  },
  {
    providers: ['discord'],
    why: 'the library judges no age at all, so that what was captured once is good for ever',
    we: 'refuse',
    shows: { time: 'too-old' },
    when: ({ time }) => time === 'too-old' || time === 'too-new',
  },
  {
    providers: [...STANDARD, ...HEX_TIMED],
    why: 'parseInt() reads what was not signed: "1700000000junk" counts as 1700000000',
    we: 'refuse',
    shows: { edit: 'lax-time' },
    when: ({ edit }) => edit === 'lax-time',
  },
  {
    providers: [...STANDARD, ...HEX_TIMED, 'openai', 'github', 'shopify', 'twilio'],
    why: 'what was signed is bytes: as text, those that are none become others',
    we: 'believe',
    shows: { body: 'bytes' },
    when: ({ body }) => body === 'bytes',
  },
  {
    providers: ['stripe'],
    why: 'its decoder drops a byte order mark, which Stripe has signed',
    we: 'believe',
    shows: { body: 'bom' },
    when: ({ body }) => body === 'bom',
  },
  {
    providers: ['github', 'shopify'],
    why: 'an empty body can be signed like any other; that nothing can be made of it is another matter',
    we: 'believe',
    shows: { body: 'empty' },
    when: ({ body }) => body === 'empty',
  },
  {
    providers: ['paddle'],
    why: 'the library reads the last h1 alone, and so refuses genuine deliveries while a secret is rolled',
    we: 'believe',
    shows: { by: ['right', 'wrong'] },
    when: ({ by }) => by.length > 1,
  },
  {
    providers: ['openai'],
    why: 'a signature without a version, or in a base64 that Buffer.from() mends, is not what the standard describes',
    we: 'refuse',
    shows: { edit: 'no-label' },
    when: ({ edit }) => edit === 'no-label' || edit === 'unpadded' || edit === 'letter',
  },
  {
    providers: ['discord'],
    why: 'one signature has one spelling: Discord writes it in lower case',
    we: 'refuse',
    shows: { edit: 'upper' },
    when: ({ edit }) => edit === 'upper' || edit === 'letter',
  },
]

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterAll(() => void vi.useRealTimers())

describe.each(PROVIDERS)('$name', (provider) => {
  const differences = DIFFERENCES.filter(({ providers }) => providers.includes(provider.name))

  test('judges as its own library does, but where we say why not', async () => {
    const said = await fc.check(
      fc.asyncProperty(cases(provider), async (one) => {
        const [we, they] = await verdicts(provider, one)
        if (we === they) return
        const reason = differences.find(({ when, we: ours }) => when(one) && (ours === 'believe') === we)
        expect(reason, `we ${we ? 'believe' : 'refuse'} what the library does not`).toBeDefined()
      }),
      { numRuns: 400 },
    )
    expect(said.failed, `seed ${said.seed}: ${JSON.stringify(said.counterexample)} ${String(said.errorInstance)}`).toBe(
      false,
    )
  })
})

describe('each difference is there', () => {
  const shown = DIFFERENCES.flatMap((one) => one.providers.map((provider) => ({ ...one, provider })))

  test.each(shown)('$provider: we $we, because $why', async ({ provider, we, shows }) => {
    const believed = we === 'believe'
    expect(await verdicts(providerCase(provider), { ...PLAIN, ...shows })).toEqual([believed, !believed])
  })
})

test('every signer has its library', () => {
  expect(Object.keys(SDK_JUDGES).sort()).toEqual(PROVIDERS.map(({ name }) => name).sort())
})

function cases({ severalSignatures, tolerance }: ProviderCase): fc.Arbitrary<Case> {
  const several: Case['by'][] = severalSignatures
    ? [
        ['right', 'wrong'],
        ['wrong', 'right'],
        ['wrong', 'wrong'],
      ]
    : []
  return fc.record({
    by: fc.constantFrom<Case['by']>(['right'], ['right'], ['wrong'], ...several),
    time: fc.constantFrom<Case['time']>(...(tolerance === null ? (['now'] as const) : TIMES)),
    body: fc.constantFrom(...BODIES),
    edit: fc.constantFrom(...EDITS),
    at: fc.nat(200),
  })
}

const TIMES = ['now', 'now', 'edge-old', 'edge-new', 'too-old', 'too-new'] as const
const BODIES: readonly Case['body'][] = ['own', 'own', 'spaced', 'unicode', 'crlf', 'bom', 'bytes', 'empty']
const EDITS: readonly Case['edit'][] = [
  'none',
  'none',
  'none',
  'missing',
  'lax-time',
  'upper',
  'no-label',
  'other-label',
  'unpadded',
  'twice',
  'letter',
  'tampered',
]

/** Ours, and the library's. */
async function verdicts(provider: ProviderCase, one: Case): Promise<[we: boolean, they: boolean]> {
  const delivered = deliveryOf(provider, one)
  const verdict = await provider.make({ secrets: provider.secret(1) }).verify(delivered, NOW)
  return [verdict.kind !== 'refused', await SDK_JUDGES[provider.name]!(delivered, provider.secret(1))]
}

function deliveryOf(provider: ProviderCase, { by, time, body, edit, at }: Case): Delivery {
  const off = (provider.tolerance ?? 0) + (time.startsWith('too') ? 1 : 0)
  const timestamp = `${SECONDS + (time === 'now' ? 0 : time.endsWith('old') ? -off : off)}`
  const secrets = by.map((which) => provider.secret(which === 'right' ? 1 : 2))
  const signed = provider.sign({ secrets, body: bodyOf(provider, body), timestamp, id: 'msg_1' })
  const { signatureHeader: name, needed } = provider
  const value = signed.headers.get(name)!
  const edited = (text: string) => withHeaders(signed, { [name]: text })
  switch (edit) {
    case 'none':
      return signed
    case 'missing':
      return withHeaders(signed, { [needed[at % needed.length]!]: null })
    case 'lax-time':
      return withHeaders(
        signed,
        Object.fromEntries(
          needed.map((each) => [each, signed.headers.get(each)!.replace(timestamp, `${timestamp}junk`)]),
        ),
      )
    case 'upper':
      return edited(value.toUpperCase().replaceAll('V1', 'v1').replaceAll('T=', 't='))
    case 'no-label':
      return edited(value.replaceAll(/v1,|v0=|sha256=/g, ''))
    case 'other-label':
      return edited(value.replaceAll(/v1|v0|h1/g, 'v2'))
    case 'unpadded':
      return edited(value.replaceAll(/=(?= |$)/g, ''))
    case 'twice':
      return edited(`${value}, ${value}`)
    case 'letter':
      return edited(`${value.slice(0, at % value.length)}B${value.slice((at % value.length) + 1)}`)
    case 'tampered':
      return { ...signed, body: Buffer.concat([signed.body, bytes('x')]) }
  }
}

function bodyOf(provider: ProviderCase, body: Case['body']): Uint8Array {
  switch (body) {
    case 'own':
      return bytes(provider.body)
    case 'spaced':
      return bytes(` ${provider.body} `)
    case 'unicode':
      return bytes('{"name":"Zoë 💶 \u2028"}')
    case 'crlf':
      return bytes('{\r\n"a":1\r}\n')
    case 'bom':
      return bytes('\uFEFF{"a":1}')
    case 'bytes':
      return Uint8Array.of(0x7b, 0xff, 0xfe, 0x80, 0x7d)
    case 'empty':
      return new Uint8Array()
  }
}
