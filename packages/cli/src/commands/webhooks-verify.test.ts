import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'

const BIN = fileURLToPath(new URL('../../bin/postern.js', import.meta.url))
// No project, nothing of postern: the command needs neither.
const place = mkdtempSync(join(tmpdir(), 'postern-verify-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const SECRET = 'whsec_0123456789abcdef'
const NOW = 1_700_000_000
const BODY = Buffer.from('{"id":"evt_1","type":"invoice.paid","created":1,"data":{"object":{}}}')

function stripeHeader(body: Buffer, secret = SECRET, time = `${NOW}`): string {
  return `t=${time},v1=${createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex')}`
}

async function verify(words: readonly string[], input = ''): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [BIN, 'webhooks', 'verify', ...words], { cwd: place })
  child.stdin.end(input)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number, stdout, stderr }
}

function single(headers: unknown, body: Uint8Array, ...words: readonly string[]) {
  writeFileSync(join(place, 'headers.json'), JSON.stringify(headers))
  writeFileSync(join(place, 'body.bin'), body)
  return verify(['--headers', 'headers.json', '--body', 'body.bin', '--now', `${NOW}`, ...words])
}

const stripe = ['--provider', 'stripe', '--secret', SECRET]

describe('one delivery', () => {
  test('that is genuine', async () => {
    const headers = { 'Stripe-Signature': stripeHeader(BODY) }
    const said = await single(headers, BODY, ...stripe, '--json')
    const judged = { valid: true, reason: null, events: [{ id: 'evt_1', type: 'invoice.paid' }] }
    expect({ ...said, stdout: JSON.parse(said.stdout) }).toEqual({ code: 0, stdout: judged, stderr: '' })
    expect((await single(headers, BODY, ...stripe)).stdout).toBe('valid\n  invoice.paid  evt_1\n')
  })

  test('whose bytes no text could hold', async () => {
    const body = Buffer.from([0xef, 0xbb, 0xbf, 0xff, 0x00, 0x0d])
    const said = await single({ 'stripe-signature': stripeHeader(body) }, body, ...stripe, '--json')
    expect(JSON.parse(said.stdout)).toEqual({ valid: true, reason: 'unreadable', events: [] })
    expect(said.code).toBe(0)
  })

  test('that is not', async () => {
    const said = await single({ 'stripe-signature': stripeHeader(BODY) }, Buffer.from('{}'), ...stripe, '--json')
    expect(JSON.parse(said.stdout)).toEqual({ valid: false, reason: 'signature-mismatch', events: [] })
    expect(said.code).toBe(1)
    expect(said.stdout + said.stderr).not.toContain(SECRET)
  })

  test('of a time that is off, unless that is tolerated', async () => {
    const headers = { 'stripe-signature': stripeHeader(BODY, SECRET, `${NOW - 301}`) }
    expect((await single(headers, BODY, ...stripe)).stdout).toBe('not valid: timestamp-too-old\n')
    expect((await single(headers, BODY, ...stripe, '--tolerance', '301')).code).toBe(0)
    expect((await single(headers, BODY, ...stripe, '--tolerance', 'any-age')).code).toBe(0)
  })

  test('by any of several secrets, of which some are none or short', async () => {
    const headers = { 'stripe-signature': stripeHeader(BODY, 'short') }
    const said = await single(
      headers,
      BODY,
      '--provider',
      'stripe',
      '--secret',
      '',
      '--secret',
      SECRET,
      '--secret',
      'short',
    )
    expect(said.code).toBe(0)
    expect(said.stderr).toMatch(/A secret is empty[^]*fewer than 16 bytes/)
  })

  test('by an empty secret is never genuine', async () => {
    const said = await single(
      { 'stripe-signature': stripeHeader(BODY, '') },
      BODY,
      '--provider',
      'stripe',
      '--secret',
      ' ',
      '--json',
    )
    expect(said).toMatchObject({ code: 1, stdout: expect.stringContaining('"secret-empty"') })
  })

  test('of a provider that nobody here knows', async () => {
    const said = await single({}, BODY, '--provider', 'acme', '--secret', SECRET, '--json')
    expect(JSON.parse(said.stdout)).toEqual({ valid: null, reason: 'provider-unknown', events: [] })
    expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining('standard-webhooks') })
  })

  test.each([['standard-webhooks'], ['standardWebhooks'], ['standardwebhooks'], ['standard_webhooks']])(
    'of %s, however that is spelled',
    async (provider) => {
      const said = await single(
        {},
        BODY,
        '--provider',
        provider,
        '--secret',
        'whsec_MDEyMzQ1Njc4OWFiY2RlZg==',
        '--json',
      )
      expect(JSON.parse(said.stdout)).toEqual({ valid: false, reason: 'signature-missing', events: [] })
    },
  )

  test.each([
    [[], /takes --provider, --secret, --headers and --body/],
    [[...stripe, '--headers', 'none.json', '--body', 'none'], /none\.json cannot be read/],
    [[...stripe, '--headers', 'list.json', '--body', 'list.json'], /headers is not an object/],
    [[...stripe, '--headers', 'empty.json', '--body', 'list.json', '--now', 'soon'], /--now takes whole seconds/],
    [[...stripe, '--headers', 'empty.json', '--body', 'list.json', '--tolerance', 'Infinity'], /--tolerance takes/],
  ])('that is not told whole: %j', async (words, sentence) => {
    writeFileSync(join(place, 'list.json'), '[]')
    writeFileSync(join(place, 'empty.json'), '{}')
    expect(await verify(words)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(sentence) })
  })
})

async function batch(lines: readonly unknown[]) {
  const said = await verify(
    ['--batch', '--json'],
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  )
  return {
    ...said,
    lines: said.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  }
}

describe('a batch', () => {
  const genuine = {
    id: 'a',
    provider: 'stripe',
    secrets: [SECRET],
    headers: { 'stripe-signature': stripeHeader(BODY) },
    body: BODY.toString('base64'),
    now: NOW,
  }

  test('has one answer a line, in order, and exits with 0', async () => {
    const { code, lines, stderr } = await batch([
      genuine,
      { ...genuine, id: 2, body: Buffer.from('{}').toString('base64') },
      { ...genuine, id: null, provider: 'acme' },
      { ...genuine, id: 'd', now: NOW + 400 },
      { ...genuine, id: 'e', now: NOW + 400, tolerance: 400 },
      { ...genuine, id: 'f', secrets: ['', SECRET] },
      { ...genuine, id: 'g', secrets: [] },
      { ...genuine, id: 'h', secrets: [''] },
    ])
    expect(lines).toEqual([
      { id: 'a', valid: true, reason: null },
      { id: 2, valid: false, reason: 'signature-mismatch' },
      { id: null, valid: null, reason: 'provider-unknown' },
      { id: 'd', valid: false, reason: 'timestamp-too-old' },
      { id: 'e', valid: true, reason: null },
      { id: 'f', valid: true, reason: null },
      { id: 'g', valid: false, reason: 'secret-empty' },
      { id: 'h', valid: false, reason: 'secret-empty' },
    ])
    expect(code).toBe(0)
    expect(stderr.match(/A secret is empty/g)).toHaveLength(1)
  })

  const header = genuine.headers['stripe-signature']
  test.each<[what: string, line: unknown, valid: boolean, reason: string | null]>([
    ['no JSON', 'not json', false, 'line-malformed: it is not JSON'],
    ['a number', '7', false, 'line-malformed: it is not an object'],
    ['null', 'null', false, 'line-malformed: it is not an object'],
    ['nothing in it', '{}', false, 'line-malformed: provider is not a text'],
    ['no secrets', { ...genuine, secrets: undefined }, false, 'line-malformed: secrets is not a list of texts'],
    ['secrets of another kind', { ...genuine, secrets: [1] }, false, 'line-malformed: secrets is not a list of texts'],
    ['no headers', { ...genuine, headers: undefined }, false, 'line-malformed: headers is not an object'],
    ['headers as a list', { ...genuine, headers: [] }, false, 'line-malformed: headers is not an object'],
    ['a header in capitals', { ...genuine, headers: { 'STRIPE-SIGNATURE': header } }, true, null],
    ['a header as a list', { ...genuine, headers: { 'stripe-signature': [header] } }, true, null],
    ['a header twice', { ...genuine, headers: { 'stripe-signature': [header, 't=1'] } }, true, null],
    [
      'a header as an object',
      { ...genuine, headers: { 'stripe-signature': {} } },
      false,
      'line-malformed: a header is neither a text nor a list of texts',
    ],
    [
      'a header that is none',
      { ...genuine, headers: { 'stripe-signature': 'a\nb' } },
      false,
      'line-malformed: a header has a name or a value that no request can have',
    ],
    [
      'a header beyond Latin 1',
      { ...genuine, headers: { 'stripe-signature': '💶' } },
      false,
      'line-malformed: a header has a name or a value that no request can have',
    ],
    ['a header that is null', { ...genuine, headers: { 'stripe-signature': null } }, false, 'signature-missing'],
    ['no body', { ...genuine, body: undefined }, false, 'line-malformed: body is not a text in base64'],
    ['a body that is not base64', { ...genuine, body: '{"a":1}' }, false, 'line-malformed: body is not base64'],
    [
      'an empty body',
      { ...genuine, body: '', headers: { 'stripe-signature': stripeHeader(Buffer.alloc(0)) } },
      true,
      'unreadable',
    ],
    [
      'now as a text',
      { ...genuine, now: `${NOW}` },
      false,
      'line-malformed: now is not a number of seconds since 1970',
    ],
    ['now far off', { ...genuine, now: 1e300 }, false, 'line-malformed: now is not a number of seconds since 1970'],
    ['no method and no address', { ...genuine, method: undefined, url: undefined }, true, null],
    ['a method of another kind', { ...genuine, method: 7 }, false, 'line-malformed: method is not a text'],
    [
      'a tolerance below zero',
      { ...genuine, tolerance: -1 },
      false,
      "line-malformed: tolerance is neither whole seconds nor 'any-age'",
    ],
    ['a tolerance of null', { ...genuine, tolerance: null }, true, null],
    [
      'a tolerance where no time is signed',
      { ...genuine, provider: 'github', tolerance: 5 },
      false,
      'signature-missing',
    ],
    ['a secret of no kind', { ...genuine, provider: 'svix', secrets: ['whsec_*'] }, false, 'secret-malformed'],
    ['a secret of no bytes', { ...genuine, provider: 'svix', secrets: ['whsec_'] }, false, 'secret-malformed'],
    ['a name of every object', { ...genuine, provider: 'constructor' }, null as never, 'provider-unknown'],
    [
      'no address for Twilio',
      { ...genuine, provider: 'twilio', headers: { 'x-twilio-signature': 'x' } },
      false,
      'url-malformed',
    ],
  ])('never ends at a line with %s', async (_what, line, valid, reason) => {
    const { code, lines } = await batch([line, { ...genuine, id: 'next' }])
    expect(lines).toEqual([
      { id: (line as { id?: string }).id ?? null, valid, reason },
      { id: 'next', valid: true, reason: null },
    ])
    expect(code).toBe(0)
  })

  test('splits at line feeds alone, and passes over blank lines', async () => {
    const said = await verify(
      ['--batch'],
      `\n${JSON.stringify({ ...genuine, id: 'a\u2028b' })}\r\n\n${JSON.stringify(genuine)}`,
    )
    expect(said.stdout.trim().split('\n')).toHaveLength(2)
    expect(said.stdout).not.toContain('malformed')
  })
})
