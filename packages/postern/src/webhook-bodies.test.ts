import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { bank } from '../test/bank.js'
import { eventOf, keptEvent } from './inbox/inbox-row.js'
import { showDelivery, stripe } from './webhooks/index.js'

const SECRET = 'whsec_of_the_bodies_of_webhooks_0123456789'

// Spaced, escaped and numbered as no writer of JSON would do it again.
const body = (id: string) =>
  `{ "id":"${id}",\n  "type" : "invoice.paid", "created": 1795417320, "note":"\\u00e9 ,\\"body\\": é", "big": 12345678901234567890,` +
  ` "data": {"object": {"amount": 1.50}} }\n`

describe.each(['postgres', 'embedded'] as const)('what came, on %s', (on) => {
  const seen: unknown[] = []
  const it = bank(
    ({ webhook }) => ({
      '/stripe': webhook({
        name: 'stripe',
        from: stripe({ secrets: [SECRET] }),
        on: { 'invoice.paid': ({ event }) => void seen.push(event.data, event.payload) },
      }),
    }),
    { on },
  )
  const send = (bytes: Buffer) => {
    const time = Math.floor(Date.now() / 1_000)
    const signature = createHmac('sha256', SECRET).update(`${time}.`).update(bytes).digest('hex')
    const headers = { 'stripe-signature': `t=${time},v1=${signature}` }
    return it.app.fetch(new Request('http://localhost/stripe', { method: 'POST', headers, body: bytes }))
  }
  const shown = async (key: string) => {
    const found = (await it.inbox('stripe')).find((row) => row.key === `id:${key}`)!
    return (await showDelivery(it.backend.database, found.id))!
  }
  const keptTwice = () =>
    it.sql("select count(*) from postern.webhook_inbox where endpoint = 'stripe' and body is not null")

  test('is kept once, and told byte for byte', async () => {
    const bytes = Buffer.from(body('evt_1'))
    expect((await send(bytes)).status).toBe(200)
    expect(seen.splice(0)).toEqual([{ amount: 1.5 }, JSON.parse(bytes.toString())])
    expect((await shown('evt_1')).body).toEqual(bytes)
    expect(await keptTwice()).toEqual([['0']])
  })

  test('is kept beside the event where its bytes are not the event’s: behind a byte order mark', async () => {
    const bytes = Buffer.from(`\uFEFF${body('evt_2')}`)
    expect((await send(bytes)).status).toBe(200)
    expect(seen.splice(0)).toMatchObject([{ amount: 1.5 }, { id: 'evt_2' }])
    expect((await shown('evt_2')).body).toEqual(bytes)
    expect(await keptTwice()).toEqual([['1']])
  })
})

test('an event that is kept in the text of its body is the same as one that is written anew', () => {
  const text = body('evt_3')
  const payload = JSON.parse(text) as { readonly data: { readonly object: object } }
  const event = { id: 'evt_3', type: 'invoice.paid', at: new Date(1795417320000), data: payload.data.object, payload }
  expect(eventOf(keptEvent(event, text))).toEqual(eventOf(keptEvent(event)))
  // Data that is no part of the payload is kept beside it.
  const apart = { ...event, data: { made: ',"body":{}' } }
  expect(eventOf(keptEvent(apart, text))).toEqual(apart)
})
