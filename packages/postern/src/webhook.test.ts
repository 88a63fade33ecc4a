import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { sql } from 'drizzle-orm'
import { bank } from '../test/bank.js'
import { accounts, addTo, entries, pay } from '../test/bank-schema.js'
import { delivery, hmacSigner } from '../test/hmac-signer.js'
import { PermanentError } from './inbox/permanent-error.js'

let fails: () => unknown = () => undefined

const payment = (id: string, account = id) => ({ id, type: 'payment.made', data: { account, amount: 5 } })

describe.each(['postgres', 'embedded'] as const)('a webhook on %s', (on) => {
  const it = bank(
    ({ webhook }) => ({
      '/pay': webhook({
        name: 'acme',
        from: hmacSigner(),
        on: {
          'payment.made': async (context) => {
            await pay(context)
            await fails()
          },
          'refund.made': {
            data: z.object({ account: z.string(), amount: z.number().int() }),
            handle: async ({ event, db }) => addTo(db, event.data.account, -event.data.amount),
          },
        },
      }),
      '/unsigned-ids': webhook({ name: 'unsigned', from: hmacSigner({ signsId: false }), on: { 'payment.made': pay } }),
      '/queued': webhook({ name: 'queued', mode: 'queued', from: hmacSigner(), on: { 'payment.made': pay } }),
      '/once': webhook({
        name: 'once',
        mode: 'one-commit',
        from: hmacSigner(),
        on: {
          'payment.made': async (context) => {
            await pay(context)
            await fails()
          },
          commits: async ({ db }) => {
            await addTo(db, 'once-commits', 1)
            await db.execute(sql`commit`)
          },
        },
      }),
      '/hostile': webhook({
        name: 'hostile',
        attempts: 3,
        from: hmacSigner(),
        on: {
          commits: async ({ db }) => {
            await addTo(db, 'commits', 1)
            await db.execute(sql`commit`)
          },
          breaks: async ({ db }) => {
            await addTo(db, 'breaks', 1)
            await db.execute(sql`select 1/0`).catch(() => {})
          },
          forgets: ({ db }) => {
            void db.accounts.create({ ownerId: 'x', name: 'forgets' })
          },
          never: async ({ db }) => {
            await addTo(db, 'never', 1)
            throw new PermanentError('No such currency')
          },
        },
      }),
      '/as': webhook({
        name: 'as',
        from: hmacSigner(),
        on: {
          'payment.made': async ({ event, db, idempotencyKey }) => {
            const alice = db.as({ id: 'alice' })
            await alice.accounts.create({ name: `as-${event.id}` })
            const seen = await alice.select().from(accounts)
            await db.insert(entries).values({ ownerId: 'service', event: idempotencyKey, amount: seen.length })
            if ((event.data as { fail?: boolean }).fail) throw new Error('undone')
          },
        },
      }),
    }),
    { on },
  )
  const send = (path: string, body: object | string | Uint8Array, headers?: Record<string, string>) =>
    it.app.fetch(delivery(path, body, headers))

  test('has its effect once, and answers 200', async () => {
    const response = await send('/pay', payment('e1'))
    expect([response.status, await response.json()]).toEqual([200, { status: 'processed' }])
    expect(await it.balance('e1')).toBe(5)
    expect((await it.inbox('acme')).at(-1)).toMatchObject({ status: 'succeeded', attempts: 1, key: 'id:e1' })
  })

  test('a duplicate is counted and has none', async () => {
    await send('/pay', payment('e2'))
    const again = await send('/pay', payment('e2'))
    expect([again.status, await again.json(), again.headers.get('x-webhook-duplicate')]).toEqual([
      200,
      { status: 'duplicate' },
      '1',
    ])
    expect(await it.balance('e2')).toBe(5)
    expect((await it.inbox('acme')).at(-1)).toMatchObject({ duplicates: 1, attempts: 1 })
  })

  test('a refused signature touches nothing', async () => {
    const forged = delivery('/pay', payment('forged'), { 'x-acme-signature': '00'.repeat(32) })
    const refused = await it.app.recording(() => it.app.fetch(forged))
    expect(refused.answer.status).toBe(401)
    expect(await refused.answer.json()).toMatchObject({ code: 'signature-invalid' })
    refused.nothing()
  })

  test('a handler that throws leaves no effect, and tells the provider to come again while no worker runs', async () => {
    fails = () => {
      throw new Error('Not today')
    }
    const first = await send('/pay', payment('e3'))
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '30'])
    expect(await it.balance('e3')).toBe(0)
    expect((await it.inbox('acme')).at(-1)).toMatchObject({
      status: 'received',
      attempts: 1,
      error: { message: 'Not today' },
    })
    fails = () => undefined
    expect((await send('/pay', payment('e3'))).status).toBe(200)
    expect(await it.balance('e3')).toBe(5)
    expect((await it.inbox('acme')).at(-1)).toMatchObject({ status: 'succeeded', attempts: 2, error: null })
  })

  test('data that does not pass its schema is dead with 200: the provider can’t mend it', async () => {
    const response = await send('/pay', { id: 'r1', type: 'refund.made', data: { account: 'x', amount: 'much' } })
    expect(response.status).toBe(200)
    expect((await it.inbox('acme')).at(-1)).toMatchObject({
      status: 'dead',
      attempts: 0,
      error: { name: 'DataRefused', issues: [{ path: 'amount' }] },
    })
  })

  test('an unknown type is kept as ignored, what is not JSON as dead', async () => {
    expect((await send('/pay', { id: 'u1', type: 'something.else' })).status).toBe(200)
    expect((await send('/pay', 'not json')).status).toBe(200)
    expect((await it.inbox('acme')).slice(-2)).toMatchObject([
      { status: 'ignored', type: 'something.else' },
      { status: 'dead', type: 'unreadable', error: { message: 'not JSON' } },
    ])
  })

  test('a handshake is answered and stored as nothing', async () => {
    const before = (await it.inbox()).length
    const response = await send('/pay', { challenge: 'abc' })
    expect([response.status, await response.text()]).toEqual([200, 'abc'])
    expect((await it.inbox()).length).toBe(before)
  })

  test('the same bytes under another id that nobody signed are the same event', async () => {
    const body = payment('ignored', 'replayed')
    await send('/unsigned-ids', body, { 'x-acme-id': 'one' })
    const replayed = await send('/unsigned-ids', body, { 'x-acme-id': 'two' })
    expect(await replayed.json()).toEqual({ status: 'duplicate' })
    expect(await it.balance('replayed')).toBe(5)
  })

  test('a batch is a row for each event, and what overlaps with another batch is not repeated', async () => {
    const one = await send('/pay', { events: [payment('b1', 'batch'), payment('b2', 'batch')] })
    expect(one.status).toBe(200)
    await send('/pay', { events: [payment('b2', 'batch'), payment('b3', 'batch')] })
    expect(await it.balance('batch')).toBe(15)
  })

  test('queued: stored, and without a worker not told as well', async () => {
    const response = await send('/queued', payment('q1'))
    expect(response.status).toBe(503)
    expect(await it.balance('q1')).toBe(0)
    expect(await it.inbox('queued')).toMatchObject([{ status: 'received', attempts: 0 }])
  })

  test('one-commit: the event is there with its effect, and what failed is kept all the same', async () => {
    expect(await (await send('/once', payment('o1'))).json()).toEqual({ status: 'processed' })
    expect(await (await send('/once', payment('o1'))).json()).toEqual({ status: 'duplicate' })
    fails = () => {
      throw new Error('Not at once')
    }
    expect((await send('/once', payment('o2'))).status).toBe(503)
    expect(await it.inbox('once')).toMatchObject([
      { status: 'succeeded', attempts: 1, duplicates: 1 },
      { status: 'received', attempts: 1, error: { message: 'Not at once' } },
    ])
    fails = () => undefined
    const second = await send('/once', payment('o2'))
    expect(await second.json()).toEqual({ status: 'processed' })
    expect([await it.balance('o1'), await it.balance('o2')]).toEqual([5, 5])
    const ended = await it.app.recording(() => send('/once', { id: 'o3', type: 'commits' }))
    expect(ended.events.filter(({ type }) => type === 'webhook.failed')).toMatchObject([
      { dead: true, error: { name: 'EndedTransaction' } },
    ])
    expect((await it.inbox('once')).at(-1)).toMatchObject({ error: null, status: 'succeeded' })
  })

  test('a handler that breaks, ends or forgets its transaction is found out', async () => {
    await send('/hostile', { id: 'h1', type: 'breaks' })
    await send('/hostile', { id: 'h2', type: 'forgets' })
    const never = await send('/hostile', { id: 'h3', type: 'never' })
    expect(never.status).toBe(200)
    await send('/hostile', { id: 'h4', type: 'commits' })
    expect(await it.inbox('hostile')).toMatchObject([
      { status: 'received', error: { message: expect.stringContaining('Nothing was saved') } },
      { status: 'received', error: { message: expect.stringContaining('neither awaited nor returned') } },
      { status: 'dead', attempts: 1, error: { name: 'PermanentError', message: 'No such currency' } },
      { status: 'dead', attempts: 1, error: { name: 'EndedTransaction' } },
    ])
    expect([await it.balance('breaks'), await it.balance('never'), await it.balance('commits')]).toEqual([0, 0, 1])
  })

  test('db.as() narrows to one principal inside the same transaction', async () => {
    expect((await send('/as', payment('a1'))).status).toBe(200)
    const [row] = await it.inbox('as')
    // Alice sees her own account only, while those of others are there.
    expect(await it.sql(`select amount from entries where event = '${row!.id}'`)).toEqual([['1']])
    expect(await it.sql(`select owner_id from accounts where name = 'as-a1'`)).toEqual([['alice']])
    await send('/as', { ...payment('a2'), data: { account: 'a2', amount: 1, fail: true } })
    expect(await it.sql(`select owner_id from accounts where name = 'as-a2'`)).toEqual([])
  })
})
