import { createHash } from 'node:crypto'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { IEventName } from '@paddle/paddle-node-sdk'
import type { WebhookEventType as PolarEvents } from '@polar-sh/sdk/models/components/webhookeventtype.js'
import type { UnwrapWebhookEvent } from 'openai/resources/webhooks'
import type { Stripe } from 'stripe'
import { privateKey, providerCase, publicBytes } from '../../test/signers/provider-cases.js'
import { bytes, delivery, ed25519, mac, NOW, SECONDS, URL, withHeaders } from '../../test/signers/signed-delivery.js'
import type { OpenAIEventType } from './openai/openai.js'
import type { PaddleEventType } from './paddle/paddle-event-types.js'
import type { PolarEventType } from './polar/polar.js'
import type { Delivery, Signer, Verdict } from './signer.js'
import { standardWebhooks } from './standard-webhooks/standard-webhooks.js'
import { stripe, type StripeEvents } from './stripe/stripe.js'
import type { StripeEventType } from './stripe/stripe-event-types.js'
import { supabase } from './supabase/supabase.js'
import { twilio } from './twilio/twilio.js'

/** What a signer says of a body that its provider signed. */
async function told(name: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Verdict> {
  const { make, secret, sign } = providerCase(name)
  const signed = sign({ secrets: [secret(1)], body: bytes(body), timestamp: `${SECONDS}`, id: 'msg_1' })
  return make({ secrets: secret(1) }).verify(withHeaders(signed, headers), NOW)
}

async function answerTo(name: string, body: string, headers?: Readonly<Record<string, string>>): Promise<Response> {
  const verdict = await told(name, body, headers)
  if (verdict.kind !== 'handshake') throw new Error(`This was ${verdict.kind}`)
  return verdict.response
}

const eventOf = (verdict: Verdict) => (verdict.kind === 'events' ? verdict.events[0] : verdict)
const at = new Date('2023-11-14T22:13:10.000Z')

describe('an event tells what, when and which', () => {
  test.each<[name: string, expected: object]>([
    ['stripe', { id: 'evt_1', type: 'invoice.paid', at, data: { id: 'in_1' } }],
    ['standard-webhooks', { id: 'msg_1', type: 'user.created', at, data: { id: 'user_1' } }],
    ['svix', { id: 'msg_1', type: 'user.created', at }],
    ['github', { id: 'msg_1', type: 'issues', at: null, data: { action: 'opened' } }],
    ['slack', { id: 'Ev1', type: 'app_mention', at, data: { type: 'app_mention' } }],
    [
      'shopify',
      { id: 'msg_1', type: 'orders/paid', payload: { shop: 'one.myshopify.com' }, data: { id: 450_789_469 } },
    ],
    ['paddle', { id: 'evt_1', type: 'transaction.completed', data: { id: 'txn_1' } }],
    ['twilio', { id: `SM${'0'.repeat(32)}:delivered`, type: 'message.delivered', data: { Body: 'café & more' } }],
    ['discord', { id: '1234', type: 'APPLICATION_COMMAND', data: { data: { name: 'deploy' } } }],
  ])('of %s', async (name, expected) => {
    expect(eventOf(await told(name, providerCase(name).body))).toMatchObject(expected)
  })

  test.each<[name: string, body: object, expected: object]>([
    ['clerk', { type: 'user.created', timestamp: at.getTime(), data: {} }, { at }],
    ['resend', { type: 'email.sent', created_at: at.toISOString(), data: {} }, { at }],
    [
      'openai',
      { id: 'evt_1', type: 'response.completed', created_at: at.getTime() / 1000, data: {} },
      { at, id: 'msg_1' },
    ],
    ['supabase', { user: {}, email_data: {} }, { type: 'auth-hook', data: { email_data: {} } }],
    [
      'supabase',
      { metadata: { name: 'before-user-created', time: at.toISOString() } },
      { type: 'before-user-created', at },
    ],
    [
      'stripe',
      { id: 'evt_2', object: 'v2.core.event', type: 'v1.billing.meter.x', related_object: { id: 'm' } },
      { data: { id: 'm' } },
    ],
  ])('of %s in its own words', async (name, body, expected) => {
    expect(eventOf(await told(name, JSON.stringify(body)))).toMatchObject(expected)
  })

  test('of another sender by the standard, that names its types elsewhere', async () => {
    const { secret, sign } = providerCase('standard-webhooks')
    const signer = standardWebhooks({
      provider: 'replicate',
      secrets: secret(1),
      type: ({ status }) => `prediction.${String(status)}`,
    })
    const signed = sign({
      secrets: [secret(1)],
      body: bytes('{"status":"starting"}'),
      timestamp: `${SECONDS}`,
      id: 'm',
    })
    expect(eventOf(await signer.verify(signed, NOW))).toMatchObject({
      type: 'prediction.starting',
      data: { status: 'starting' },
    })
  })

  test('of GitHub as a form, and ping as any other', async () => {
    const form = `payload=${encodeURIComponent('{"zen":"Keep it logically awesome."}')}`
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-github-event': 'ping' }
    expect(eventOf(await told('github', form, headers))).toMatchObject({
      type: 'ping',
      data: { zen: expect.any(String) },
    })
    expect(await told('github', 'payload=1&payload=2', headers)).toMatchObject({ kind: 'unreadable' })
  })

  test('of Slack’s commands and interactions, which have no id', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(eventOf(await told('slack', 'command=%2Fdeploy&text=to+prod&trigger_id=1', form))).toMatchObject({
      id: null,
      type: 'slash_command',
      data: { command: '/deploy', text: 'to prod' },
    })
    const payload = encodeURIComponent('{"type":"block_actions","actions":[]}')
    expect(eventOf(await told('slack', `payload=${payload}`, form))).toMatchObject({ id: null, type: 'block_actions' })
  })

  test('of Discord’s webhook events, whose time is UTC', async () => {
    const event = { type: 'APPLICATION_AUTHORIZED', timestamp: '2023-11-14T22:13:10.000000', data: { scopes: [] } }
    const verdict = await told('discord', JSON.stringify({ version: 1, application_id: '1', type: 1, event }))
    expect(eventOf(verdict)).toMatchObject({ id: null, type: 'APPLICATION_AUTHORIZED', at, data: { scopes: [] } })
  })
})

describe('a question whether we are there is answered, and is no event', () => {
  test('Slack’s challenge, as text that no browser takes for a page', async () => {
    const challenge = '<script>alert(1)</script>'
    const response = await answerTo('slack', JSON.stringify({ type: 'url_verification', challenge }))
    expect(await response.text()).toBe(challenge)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test.each([['x'.repeat(1_001)], [''], [1], [null]])('but not with what is no challenge', async (challenge) => {
    const body = JSON.stringify({ type: 'url_verification', challenge })
    expect(await told('slack', body)).toMatchObject({ kind: 'unreadable' })
  })

  test('Slack’s look at a certificate', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await answerTo('slack', 'ssl_check=1&token=t', form)).status).toBe(200)
  })

  test('Discord’s PING, of interactions and of webhook events', async () => {
    const pong = await answerTo('discord', '{"type":1,"id":"1","token":"t","version":1}')
    expect([pong.status, await pong.json()]).toEqual([200, { type: 1 }])
    const ready = await answerTo('discord', '{"version":1,"application_id":"1","type":0}')
    expect([ready.status, await ready.text()]).toEqual([204, ''])
  })

  test('by nobody else: an unsigned question is refused', async () => {
    const { make, secret, sign } = providerCase('discord')
    const forged = sign({ secrets: [secret(2)], body: bytes('{"type":1}'), timestamp: `${SECONDS}`, id: 'm' })
    expect(await make({ secrets: secret(1) }).verify(forged, NOW)).toMatchObject({ reason: 'signature-mismatch' })
  })
})

describe('a genuine body that nothing can be made of is said to be unreadable', () => {
  const UNREADABLE: readonly (readonly [what: string, body: string])[] = [
    ['no JSON', '{"a":'],
    ['empty', ''],
    ['a list', '[]'],
    ['a number', '1'],
    ['null', 'null'],
    ['too deep', '['.repeat(100_000)],
    ['a key twice', '{"type":"a","type":"b"}'],
    ['a name that JavaScript gives a meaning', '{"type":"a","__proto__":{"admin":true}}'],
    ['no type', '{"id":"evt_1"}'],
    ['a type that no database takes', '{"id":"evt_1","event_id":"e","type":"a\\u0000b","event_type":"a\\u0000b"}'],
  ]
  const names = ['stripe', 'standard-webhooks', 'openai', 'slack', 'paddle', 'discord']

  test.each(names.flatMap((name) => UNREADABLE.map(([what, body]) => [name, what, body] as const)))(
    '%s: %s',
    async (name, _what, body) => {
      const verdict = await told(name, body)
      expect(verdict).toMatchObject({ kind: 'unreadable', reason: expect.any(String) })
    },
  )

  test('or is none of a type that its header names', async () => {
    expect(await told('github', '{}', { 'x-github-event': '' })).toMatchObject({ kind: 'unreadable' })
    expect(await told('shopify', '{}', { 'x-shopify-topic': '' })).toMatchObject({ kind: 'unreadable' })
  })
})

describe('Ed25519 of Standard Webhooks', () => {
  const secrets = `whpk_${publicBytes(1).toString('base64')}`
  const body = bytes('{"type":"a","data":{}}')
  const signed = (version: string, by = 1) =>
    delivery(body, {
      'webhook-id': 'msg_1',
      'webhook-timestamp': `${SECONDS}`,
      'webhook-signature': `${version},${ed25519(privateKey(by), 'base64', `msg_1.${SECONDS}.`, body)}`,
    })

  test('is believed under its own label, and no other', async () => {
    const signer = standardWebhooks({ secrets })
    expect(await signer.verify(signed('v1a'), NOW)).toMatchObject({ kind: 'events' })
    expect(await signer.verify(signed('v1'), NOW)).toMatchObject({ reason: 'signature-malformed' })
    expect(await signer.verify(signed('v2'), NOW)).toMatchObject({ reason: 'signature-malformed' })
    expect(await signer.verify(signed('v1a', 2), NOW)).toMatchObject({ reason: 'signature-mismatch' })
  })

  test('a public key is no secret: what is signed by it as one is refused', async () => {
    const forged = mac('sha256', publicBytes(1), 'base64', `msg_1.${SECONDS}.`, body)
    const signer = standardWebhooks({ secrets })
    expect(await signer.verify(withHeaders(signed('v1a'), { 'webhook-signature': `v1,${forged}` }), NOW)).toMatchObject(
      {
        reason: 'signature-mismatch',
      },
    )
  })

  test('a private key is not taken', () => {
    expect(() => standardWebhooks({ secrets: secrets.replace('whpk', 'whsk') })).toThrow(/private key/)
  })
})

describe('an id of Standard Webhooks', () => {
  test.each([['a.1700000000'], ['a b'], ['é'], ['x'.repeat(256)]])('%s is none, though it was signed', async (id) => {
    const { make, secret, sign } = providerCase('standard-webhooks')
    const signed = sign({ secrets: [secret(1)], body: bytes('{"type":"a"}'), timestamp: `${SECONDS}`, id })
    expect(await make({ secrets: secret(1) }).verify(signed, NOW)).toMatchObject({ reason: 'id-malformed' })
  })

  test('comes from the same headers as the signature: others are not looked at', async () => {
    expect(eventOf(await told('svix', '{"type":"a"}', { 'webhook-id': 'msg_forged' }))).toMatchObject({ id: 'msg_1' })
  })
})

describe('secrets as providers show them', () => {
  const { secret, sign } = providerCase('standard-webhooks')
  const signed = sign({ secrets: [secret(1)], body: bytes('{"type":"a"}'), timestamp: `${SECONDS}`, id: 'm' })
  const bare = secret(1).slice('whsec_'.length)

  test.each<[what: string, signer: (options: { secrets: string }) => Signer, secrets: string]>([
    ['base64 alone', standardWebhooks, bare],
    ['without its padding', standardWebhooks, secret(1).replace(/=+$/, '')],
    ['of Supabase', supabase, `v1,${secret(1)}`],
    ['of Supabase, several in one', supabase, `v1,${secret(2)}|v1,${secret(1)}`],
  ])('%s', async (_what, signer, secrets) => {
    expect(await signer({ secrets }).verify(signed, NOW)).toMatchObject({ kind: 'events' })
  })

  test.each([['whsec_'], ['whsec_===='], ['whsec_not base64!'], ['whsec_AAAA*AAAAAAAAAAAAAAAAAAAAAAAAAAA=']])(
    '%s is none',
    (secrets) => {
      expect(() => standardWebhooks({ secrets })).toThrow(TypeError)
    },
  )
})

describe('a secret that can be guessed', () => {
  const fifteen = 'x'.repeat(15)

  test.each([['stripe'], ['github'], ['slack'], ['shopify'], ['paddle'], ['twilio'], ['polar']])(
    'is refused by %s, unless a warning is enough',
    async (name) => {
      const { make, sign, body } = providerCase(name)
      expect(() => make({ secrets: fifteen })).toThrow(/fewer than 16 bytes/)
      const warnings: string[] = []
      const signer = make({ secrets: fifteen, shortSecrets: 'warn', warn: ({ code }) => void warnings.push(code) })
      expect(warnings).toEqual(['POSTERN_SECRET_SHORT'])
      const signed = sign({ secrets: [fifteen], body: bytes(body), timestamp: `${SECONDS}`, id: 'm' })
      expect(await signer.verify(signed, NOW)).toMatchObject({ kind: 'events' })
    },
  )

  test('is counted by the bytes that it stands for', () => {
    expect(() => standardWebhooks({ secrets: `whsec_${Buffer.alloc(15, 1).toString('base64')}` })).toThrow(
      /fewer than 16/,
    )
    expect(() => standardWebhooks({ secrets: `whsec_${Buffer.alloc(16, 1).toString('base64')}` })).not.toThrow()
  })

  test('is heard of where Node.js is heard', async () => {
    const heard = new Promise<Error>((resolve) => process.once('warning', resolve))
    stripe({ secrets: `${'x'.repeat(16)}\n` })
    expect(await heard).toMatchObject({ name: 'PosternWarning', code: 'POSTERN_SECRET_TRIMMED' })
  })
})

describe('two times in one header', () => {
  test.each([
    ['stripe', 'stripe-signature', 't=1,'],
    ['paddle', 'paddle-signature', 'ts=1;'],
  ])('are none, whichever of %s was signed', async (name, header, other) => {
    const { make, secret, sign, body } = providerCase(name)
    const signed = sign({ secrets: [secret(1)], body: bytes(body), timestamp: `${SECONDS}`, id: 'm' })
    const twice = withHeaders(signed, { [header]: `${other}${signed.headers.get(header)}` })
    expect(await make({ secrets: secret(1) }).verify(twice, NOW)).toMatchObject({ reason: 'timestamp-malformed' })
  })
})

describe('Twilio', () => {
  const token = '1'.repeat(32)
  const signer = twilio({ secrets: token })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const sent = (signedUrl: string, url: string, fields = '', body = '', headers: object = form): Delivery =>
    delivery(bytes(body), { ...headers, 'x-twilio-signature': mac('sha1', token, 'base64', signedUrl, fields) }, url)

  test.each([
    ['https://app.example/sms', 'https://app.example:443/sms'],
    ['https://app.example:443/sms?a=1', 'https://app.example/sms?a=1'],
    ['https://app.example/sms', 'https://app.example:8443/sms'],
    ['http://app.example:80/sms', 'http://app.example/sms'],
    ['https://app.example/sms?a=1&b=%27x%27', "https://app.example/sms?a=1&b='x'"],
    ["https://app.example/sms?b='x'", 'https://app.example/sms?b=%27x%27'],
  ])('signs %s, called as %s', async (signedUrl, url) => {
    expect(await signer.verify(sent(signedUrl, url), NOW)).toMatchObject({ kind: 'events' })
    expect(await signer.verify(sent(signedUrl, `${url}x`), NOW)).toMatchObject({ reason: 'signature-mismatch' })
    expect(await signer.verify(sent(signedUrl, url.replace('app.', 'evil.')), NOW)).toMatchObject({ kind: 'refused' })
  })

  test('signs JSON by its hash in the address', async () => {
    const body =
      '[{"id":"EZ1","type":"com.twilio.a","time":"2023-11-14T22:13:10Z","data":{}},{"id":"EZ2","type":"com.twilio.b"}]'
    const url = `${URL}?bodySHA256=${createHash('sha256').update(body).digest('hex')}`
    const json = { 'content-type': 'application/json' }
    expect(await signer.verify(sent(url, url, '', body, json), NOW)).toMatchObject({
      kind: 'events',
      events: [
        { id: 'EZ1', type: 'com.twilio.a', at },
        { id: 'EZ2', type: 'com.twilio.b' },
      ],
    })
    expect(await signer.verify(sent(url, url, '', `${body} `, json), NOW)).toMatchObject({
      reason: 'signature-mismatch',
    })
    // Without the hash nothing of the body is signed.
    expect(await signer.verify(sent(URL, URL, '', body, json), NOW)).toMatchObject({ reason: 'body-unsigned' })
  })

  test('has no more fields than a form of its own', async () => {
    const body = 'a=1&'.repeat(1_001)
    expect(await signer.verify(sent(URL, URL, 'a1', body), NOW)).toMatchObject({ reason: 'body-malformed' })
    expect(await signer.verify(sent('x', 'x'), NOW)).toMatchObject({ reason: 'url-malformed' })
  })

  test('with its fields split anew is the same event', async () => {
    const first = eventOf(await signer.verify(sent(URL, URL, 'CallSidCA1Digits1', 'CallSid=CA1&Digits=1'), NOW))
    const anew = eventOf(await signer.verify(sent(URL, URL, 'CallSidCA1Digits1', 'CallSid=CA1Digits1'), NOW))
    expect(first).toMatchObject({ id: expect.stringMatching(/^sha256:/) })
    expect(anew).toMatchObject({ id: (first as { id: string }).id })
  })
})

describe('types', () => {
  test('Stripe’s own union types the object of each event', () => {
    type Events = StripeEvents<Stripe.Event>
    expectTypeOf<Events['checkout.session.completed']>().toEqualTypeOf<Stripe.Checkout.Session>()
    expectTypeOf(stripe<Stripe.Event>).returns.toEqualTypeOf<Signer<Events>>()
  })

  test('the types of events that are proposed are those of the provider’s SDK', () => {
    expectTypeOf<StripeEventType>().toEqualTypeOf<Stripe.Event['type']>()
    expectTypeOf<PaddleEventType>().toEqualTypeOf<IEventName>()
    expectTypeOf<OpenAIEventType>().toEqualTypeOf<UnwrapWebhookEvent['type']>()
    expectTypeOf<PolarEventType>().toEqualTypeOf<(typeof PolarEvents)[keyof typeof PolarEvents]>()
  })
})
