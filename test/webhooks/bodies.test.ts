import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHmac } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { pay } from '../../packages/postern/test/bank-schema.js'
import { hmacSigner, SECRET } from '../../packages/postern/test/hmac-signer.js'
import { listDeliveries, showDelivery } from '../../packages/postern/src/inbox/deliveries.js'
import type { Handler } from '../../packages/postern/src/handler.js'
import { stripe } from '../../packages/postern/src/signers/stripe/stripe.js'
import { github } from '../../packages/postern/src/signers/github/github.js'
import { type BankPlace, bankPlace, payment } from './bank-place.js'
import { headOf, rawClient } from './raw-client.js'
import { type ServedBank, servedBank } from './served-bank.js'

let place: BankPlace
let bank: ServedBank
let acme: Handler
const lines: string[] = []

beforeAll(async () => {
  place = await bankPlace()
  const logs = { destination: { write: (line: string) => void lines.push(line) }, pretty: false }
  bank = await servedBank(
    place.url,
    ({ webhook }) => {
      const on = { 'payment.made': pay }
      acme = webhook({ name: 'acme', from: hmacSigner(), on })
      return {
        '/acme': acme,
        '/large': webhook({ name: 'large', from: hmacSigner({ maxBodyBytes: 25_000_000 }), on }),
        '/stripe': webhook({ name: 'stripe', from: stripe({ secrets: SECRET }), on: { tick: () => {} } }),
        '/github': webhook({ name: 'github', from: github({ secrets: SECRET }), on: { push: () => {} } }),
      }
    },
    { logs, backend: { limits: { receiveMs: 1_500 } }, limits: { receiveMs: 60_000 } },
  )
})
afterAll(async () => {
  await bank.close()
  await place.drop()
})
beforeEach(async () => {
  lines.length = 0
  await place.sql('delete from postern.webhook_inbox')
})

const bytesOf = (body: object | string) => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
const signed = (bytes: Uint8Array) => ({
  'content-type': 'application/json',
  'x-acme-signature': createHmac('sha256', SECRET).update(bytes).digest('hex'),
})
const stripeSigned = (bytes: Uint8Array) => {
  const at = Math.floor(Date.now() / 1_000)
  const v1 = createHmac('sha256', SECRET).update(`${at}.`).update(bytes).digest('hex')
  return { 'stripe-signature': `t=${at},v1=${v1}` }
}
const githubSigned = (bytes: Uint8Array) => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(bytes).digest('hex')}`,
  'x-github-event': 'push',
  'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  'content-type': 'application/json',
})
async function post(path: string, bytes: Uint8Array, headers: Record<string, string>) {
  const response = await fetch(bank.url + path, { method: 'POST', headers, body: new Uint8Array(bytes) })
  return { status: response.status, body: (await response.json()) as { status?: string; code?: string } }
}
const rows = () => place.sql('select endpoint, event_type, status from postern.webhook_inbox order by seq')
const held = () => process.memoryUsage().arrayBuffers
const failures = () => bank.events.flatMap((event) => (event.type === 'request.failed' ? [event.error] : []))

describe('a body of 10 MB', () => {
  const LARGE = 10_000_000

  test('is refused with 413 by what it says of itself, before a byte of it is there', async () => {
    const client = await rawClient(bank.port)
    client.write(headOf('/acme', { ...signed(Buffer.alloc(0)), 'content-length': LARGE }))
    const { status, text } = await client.answer()
    client.destroy()
    expect([status, text]).toEqual([413, expect.stringContaining('too-large')])
    expect(await rows()).toEqual([])
  })

  test('that says nothing of itself is refused once it is too long, and not at its end', async () => {
    const client = await rawClient(bank.port)
    client.write(headOf('/acme', { ...signed(Buffer.alloc(0)), 'transfer-encoding': 'chunked' }))
    // A little more than a webhook takes; the end never comes.
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    for (let sent = 0; sent < 1_050_000; sent += 65_536) client.write(chunk)
    const { status } = await client.answer()
    client.destroy()
    expect(status).toBe(413)
    expect(await rows()).toEqual([])
  })

  test('two hundred times at once costs no memory', async () => {
    const before = held()
    const clients = await Promise.all(Array.from({ length: 200 }, () => rawClient(bank.port)))
    for (const client of clients) {
      client.write(headOf('/acme', { ...signed(Buffer.alloc(0)), 'content-length': LARGE }))
      client.write(Buffer.alloc(65_536))
    }
    const answers = await Promise.all(clients.map((client) => client.answer()))
    const most = held() - before
    for (const client of clients) client.destroy()
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([413]))
    // Held whole they would be 2 GB. What was sent of them, here and there, is 26 MB.
    expect(most).toBeLessThan(200_000_000)
  }, 60_000)

  test('is taken where the provider sends as much', async () => {
    const body = bytesOf(payment('large', { filler: 'x'.repeat(LARGE) }))
    expect(await post('/large', body, signed(body))).toEqual({ status: 200, body: { status: 'processed' } })
  })
})

describe('a length that is not the body’s', () => {
  const body = bytesOf(payment('length'))

  test('shorter: what is read is not what was signed', async () => {
    const client = await rawClient(bank.port)
    client.write(headOf('/acme', { ...signed(body), 'content-length': 10 }))
    client.write(body)
    expect((await client.answer()).status).toBe(401)
    client.destroy()
    expect(await rows()).toEqual([])
  })

  test('longer, and the client ends', async () => {
    const client = await rawClient(bank.port)
    client.write(headOf('/acme', { ...signed(body), 'content-length': body.length + 100 }))
    client.write(body)
    client.end()
    const { status } = await client.answer()
    // 400 where it can still be told so.
    expect([0, 400]).toContain(status)
    expect(await rows()).toEqual([])
  })

  test('longer, and the client waits: its time is up', async () => {
    const client = await rawClient(bank.port)
    client.write(headOf('/acme', { ...signed(body), 'content-length': body.length + 100 }))
    client.write(body)
    expect((await client.answer()).status).toBe(408)
    client.destroy()
    expect(await rows()).toEqual([])
  })

  test('a client that hangs up in the middle leaves nothing, and others are served', async () => {
    const client = await rawClient(bank.port)
    client.write(headOf('/acme', { ...signed(body), 'content-length': body.length }))
    client.write(body.subarray(0, 20))
    client.destroy()
    const other = bytesOf(payment('after-it'))
    expect((await post('/acme', other, signed(other))).status).toBe(200)
    expect(await place.sql('select dedupe_key from postern.webhook_inbox')).toEqual([{ dedupe_key: 'id:after-it' }])
  })

  test('however a genuine one is cut into pieces, its bytes are what was signed', async () => {
    const whole = Buffer.concat([
      Buffer.from(headOf('/acme', { ...signed(body), 'content-length': body.length })),
      body,
    ])
    const client = await rawClient(bank.port)
    for (const byte of whole) {
      client.write(Buffer.of(byte))
      await new Promise(setImmediate)
    }
    expect((await client.answer()).status).toBe(200)
    client.destroy()
    const other = bytesOf(payment('in-chunks'))
    const chunked = await rawClient(bank.port)
    chunked.write(headOf('/acme', { ...signed(other), 'transfer-encoding': 'chunked' }))
    for (const byte of other) chunked.write(Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]))
    chunked.write('0\r\n\r\n')
    expect((await chunked.answer()).status).toBe(200)
    chunked.destroy()
    expect(await place.sql('select status from postern.webhook_inbox')).toEqual([
      { status: 'succeeded' },
      { status: 'succeeded' },
    ])
  })
})

describe('a body that something in front has read', () => {
  const body = bytesOf(payment('consumed'))
  const FIX = /take the body parser or middleware in front of this path away/

  test('of the request itself: 500, and the log says what to do', async () => {
    const request = new Request(`${bank.url}/acme`, {
      method: 'POST',
      headers: signed(body),
      body: new Uint8Array(body),
    })
    await request.text()
    const response = await acme(request)
    expect([response.status, await response.json()]).toEqual([500, expect.objectContaining({ code: 'internal' })])
    expect(lines.join('')).toMatch(FIX)
    expect(await rows()).toEqual([])
  })

  test('of the socket, as a parser of Express or Fastify does', async () => {
    const listener = getRequestListener((request) => acme(request))
    const express = createServer((request, response) => {
      request.resume().once('end', () => void listener(request, response))
    })
    await new Promise<void>((resolve) => express.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(express.address() as AddressInfo).port}/acme`
    const response = await fetch(url, { method: 'POST', headers: signed(body), body: new Uint8Array(body) })
    expect(response.status).toBe(500)
    await new Promise((resolve) => express.close(resolve))
    expect(lines.join('')).toMatch(FIX)
    expect(await rows()).toEqual([])
  })

  test('a copy of the request may be read in front: the bytes are still there', async () => {
    const request = new Request(`${bank.url}/acme`, {
      method: 'POST',
      headers: signed(body),
      body: new Uint8Array(body),
    })
    await request.clone().json()
    expect((await acme(request)).status).toBe(200)
  })
})

const nested = (depth: number) => `{"id":"deep","type":"tick","data":${'['.repeat(depth)}${']'.repeat(depth)}}`

describe('what is signed and can’t be read is kept as dead, with 200: sent again it would be the same', () => {
  test.each([
    ['JSON a hundred thousand levels deep', Buffer.from(nested(100_000))],
    ['objects as deep', Buffer.from(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
    ['what is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['nothing', Buffer.alloc(0)],
    ['no JSON', Buffer.from('id=evt_1&type=tick')],
    ['a key that stands twice', Buffer.from('{"id":"a","id":"b","type":"tick","data":{}}')],
    ['a key that is called __proto__', Buffer.from('{"id":"a","type":"tick","data":{"__proto__":{"admin":true}}}')],
    ['JSON that was compressed', gzipSync('{"id":"evt_1","type":"tick","data":{}}')],
  ])('%s', async (_name, bytes) => {
    const before = failures().length
    for (const [path, headers] of [
      ['/stripe', stripeSigned(bytes)],
      ['/github', githubSigned(bytes)],
    ] as const) {
      expect((await post(path, bytes, headers)).status, path).toBe(200)
      const again = await post(path, bytes, headers)
      expect([again.status, again.body.status]).toEqual([200, 'duplicate'])
    }
    expect((await rows()).map(({ endpoint, event_type: type, status }) => [endpoint, type, status])).toEqual([
      ['stripe', 'unreadable', 'dead'],
      ['github', 'unreadable', 'dead'],
    ])
    expect(failures().slice(before)).toEqual([])
  })

  test.each([1_000, 5_000, 20_000, 100_000])(
    'a signer of one’s own that reads %i levels: kept or dead, and never a failure',
    async (depth) => {
      const bytes = bytesOf(`{"id":"deep-${depth}","type":"other","data":${'['.repeat(depth)}${']'.repeat(depth)}}`)
      expect((await post('/acme', bytes, signed(bytes))).status).toBe(200)
      expect(await rows()).toMatchObject([{ status: expect.stringMatching(/^(?:ignored|dead)$/) }])
    },
  )
})

test('the bytes are kept as they came: spaces, line breaks and numbers that JavaScript can’t hold', async () => {
  const text =
    '\r\n{ "id":"raw",\t"type":"payment.made","data":{"account":"raw","amount":1,"big":9007199254740993} }\r\n'
  const bytes = Buffer.from(text)
  expect((await post('/acme', bytes, signed(bytes))).status).toBe(200)
  const [stored] = await listDeliveries(bank.backend.database)
  expect((await showDelivery(bank.backend.database, stored!.id))!.body?.equals(bytes)).toBe(true)
})

test('an address that no route has is 404 and touches nothing', async () => {
  const body = bytesOf(payment('nowhere'))
  expect((await post('/nowhere', body, signed(body))).status).toBe(404)
  expect(await rows()).toEqual([])
})
