import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PROVIDERS } from '../../test/signers/provider-cases.js'
import { bytes, NOW, SECONDS, URL } from '../../test/signers/signed-delivery.js'

const RUNS = 300

/** What a header can hold: Latin 1 without line breaks and NUL, and often what means something to a parser. */
const value = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'v1',
        'v1a',
        't',
        'ts',
        'h1',
        'v0',
        'sha256',
        '=',
        ',',
        ';',
        ' ',
        `${SECONDS}`,
        'A'.repeat(43),
        '0'.repeat(64),
      ),
      fc.string({
        unit: fc
          .integer({ min: 32, max: 255 })
          .filter((code) => code !== 127)
          .map((code) => String.fromCharCode(code)),
      }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

const body = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json().map(bytes),
  fc
    .array(
      fc.constantFrom(
        'a',
        '=',
        '&',
        '%',
        '%ff',
        '%C3%A9',
        '+',
        'payload',
        'command',
        '{',
        '}',
        '"type"',
        ':',
        '1',
        'event',
        ',',
      ),
      { maxLength: 20 },
    )
    .map((parts) => bytes(parts.join(''))),
)

const url = fc.oneof(
  fc.constant(URL),
  fc.webUrl({ withQueryParameters: true }),
  fc.constant(`${URL}?bodySHA256=00`),
  fc.string(),
)

describe.each(PROVIDERS)('whatever comes to $name', ({ make, secret, sign, needed }) => {
  const signer = make({ secrets: [secret(1), secret(2)] })

  test('nothing is thrown, and nothing is believed', async () => {
    const delivery = fc.record({
      method: fc.constantFrom('POST', 'GET', 'PUT', ''),
      url,
      body,
      values: fc.array(value, { minLength: needed.length, maxLength: needed.length }),
      type: fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain', ''),
    })
    const said = await fc.check(
      fc.asyncProperty(delivery, async ({ values, type, ...rest }) => {
        const headers = new Headers({
          'content-type': type,
          ...Object.fromEntries(needed.map((name, at) => [name, values[at]!])),
        })
        expect((await signer.verify({ ...rest, headers }, NOW)).kind).toBe('refused')
      }),
      { numRuns: RUNS },
    )
    expect(said.failed, `seed ${said.seed}: ${JSON.stringify(said.counterexample)} ${String(said.errorInstance)}`).toBe(
      false,
    )
  })

  test('nothing is thrown at what is signed, and all of it is believed', async () => {
    const said = await fc.check(
      fc.asyncProperty(body, async (signed) => {
        const verdict = await signer.verify(
          sign({ secrets: [secret(1)], body: signed, timestamp: `${SECONDS}`, id: 'msg_1' }),
          NOW,
        )
        expect(verdict.kind).not.toBe('refused')
        const events = verdict.kind === 'events' ? verdict.events : []
        // What no database takes as a key or a type is none.
        for (const { id, type } of events) expect(`${id}${type}`).toMatch(/^[\x20-\x7e]{1,510}$/)
      }),
      // A form whose fields come twice, equal and not.
      { numRuns: RUNS, examples: [[bytes('}&}')], [bytes('a=2&a=1&a=2')]] },
    )
    expect(said.failed, `seed ${said.seed}: ${JSON.stringify(said.counterexample)} ${String(said.errorInstance)}`).toBe(
      false,
    )
  })
})
