import { describe, expect, test } from 'vitest'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { bank } from '../test/bank.js'
import { addTo } from '../test/bank-schema.js'
import { twilio } from './signers/twilio/twilio.js'

// Twilio signs the address that it calls. Behind proxies that is another than the one that comes here.

const TOKEN = 'a-token-of-tests-0123456789abcdef'
const CALLED = 'https://app.example/sms'

const at = (said: { trustProxy?: number; url?: string }) =>
  bank(
    ({ webhook }) => ({
      '/sms': webhook({
        name: 'twilio',
        from: twilio({ secrets: TOKEN }),
        ...(said.url === undefined ? {} : { url: said.url }),
        on: { 'message.received': async ({ db }) => addTo(db, 'texts', 1) },
      }),
    }),
    { on: 'embedded', backend: said.trustProxy === undefined ? {} : { trustProxy: said.trustProxy } },
  )

let number = 0
/** As Twilio’s own library signs it, for an address; then sent to another. */
function text(signedFor: string, headers: Record<string, string> = {}, to = 'http://10.0.0.7:3000/sms'): Request {
  number += 1
  const fields = { MessageSid: `SM${String(number).padStart(32, '0')}`, SmsStatus: 'received', Body: 'hello' }
  const signature = getExpectedTwilioSignature(TOKEN, signedFor, fields)
  return new Request(to, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signature,
      ...headers,
    },
    body: new URLSearchParams(fields),
  })
}
const FORWARDED = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'app.example' }

describe('without a proxy', () => {
  const it = at({})
  test('the address is the request’s own, and nothing that a header says of it', async () => {
    expect((await it.app.fetch(text('http://10.0.0.7:3000/sms'))).status).toBe(200)
    expect((await it.app.fetch(text(CALLED, FORWARDED))).status).toBe(401)
    expect((await it.app.fetch(text('http://10.0.0.7:3000/sms', FORWARDED))).status).toBe(200)
  })
})

describe('behind one proxy that is believed', () => {
  const it = at({ trustProxy: 1 })
  test('the address is the one that it was asked for', async () => {
    expect((await it.app.fetch(text(CALLED, FORWARDED))).status).toBe(200)
    const query = `${CALLED}?account=1&b=%20x`
    const to = 'http://10.0.0.7:3000/sms?account=1&b=%20x'
    expect((await it.app.fetch(text(query, FORWARDED, to))).status).toBe(200)
    expect(
      (
        await it.app.fetch(
          text('https://app.example:8443/sms', { ...FORWARDED, 'x-forwarded-host': 'app.example:8443' }),
        )
      ).status,
    ).toBe(200)
  })

  test('what the client wrote before it does not count, and what is no name neither', async () => {
    const spoofed = { 'x-forwarded-proto': 'http, https', 'x-forwarded-host': 'evil.example, app.example' }
    expect((await it.app.fetch(text(CALLED, spoofed))).status).toBe(200)
    expect((await it.app.fetch(text('https://evil.example/sms', spoofed))).status).toBe(401)
    const strange = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example/x?' }
    expect((await it.app.fetch(text('https://evil.example/x?/sms', strange))).status).toBe(401)
  })
})

describe('behind two', () => {
  const it = at({ trustProxy: 2 })
  test('the one that the outer was asked for', async () => {
    const chain = { 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'app.example, inner.local' }
    expect((await it.app.fetch(text(CALLED, chain))).status).toBe(200)
  })
})

describe('where the address is said', () => {
  const it = at({ url: CALLED })
  test('it is that one, with the query of the request, and no header changes it', async () => {
    expect((await it.app.fetch(text(CALLED))).status).toBe(200)
    expect((await it.app.fetch(text(`${CALLED}?account=1`, {}, 'http://10.0.0.7:3000/sms?account=1'))).status).toBe(200)
    const spoofed = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' }
    expect((await it.app.fetch(text(CALLED, spoofed))).status).toBe(200)
    expect((await it.app.fetch(text('https://evil.example/sms', spoofed))).status).toBe(401)
    expect(await it.balance('texts')).toBe(3)
  })
})
