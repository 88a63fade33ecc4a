import { beforeEach, describe, expect, test } from 'vitest'
import { bank } from '../test/bank.js'
import { accounts, addTo } from '../test/bank-schema.js'
import { delivery, hmacSigner } from '../test/hmac-signer.js'

// An event is a hint: what counts is asked for before the transaction opens, in which nothing should wait for the outside.

describe.each(['postgres', 'embedded'] as const)('what is prepared for an event on %s', (on) => {
  let newest: (attempt: number) => unknown
  let asked: { id: string | null; attempt: number; key: string }[] = []
  let fails = 0
  beforeEach(() => {
    asked = []
    fails = 0
    newest = () => 7
  })
  const it = bank(
    ({ webhook, endpoint }) => {
      const read = endpoint({ public: 'a test' }, async ({ db }) => db.asService('a test').select().from(accounts))
      return {
        '/acme': webhook({
          name: 'acme',
          from: hmacSigner(),
          deadlineMs: 1_000,
          prepare: async ({ event, idempotencyKey, signal }) => {
            asked.push({ id: event.id, attempt: event.attempt, key: idempotencyKey })
            // With the event's transaction open this would wait for it, on a database with one connection.
            if (!(await read(new Request('http://localhost/'))).ok) throw new Error('No answer')
            return { amount: await newest(event.attempt), signal }
          },
          on: {
            told: async ({ event, db, prepared, idempotencyKey }) => {
              await addTo(db, `${on} ${event.id}`, prepared.amount as number)
              if (idempotencyKey !== asked.at(-1)?.key) throw new Error('Another key')
              if (event.attempt <= fails) throw new Error('Not yet')
            },
          },
        }),
      }
    },
    { on },
  )
  const send = async (id: string) => (await it.app.fetch(delivery('/acme', { id, type: 'told' }))).status

  test('is what the function gets, and is not asked for a copy', async () => {
    expect(await send('once')).toBe(200)
    expect(await send('once')).toBe(200)
    expect([await it.balance(`${on} once`), asked.length]).toEqual([7, 1])
  })

  test('is asked anew with each attempt, under the same key', async () => {
    fails = 1
    newest = (attempt) => attempt * 100
    expect(await send('again')).toBe(503)
    expect(await send('again')).toBe(200)
    expect(asked).toMatchObject([{ attempt: 1 }, { attempt: 2 }])
    expect(asked[0]!.key).toBe(asked[1]!.key)
    expect(await it.balance(`${on} again`)).toBe(200)
  })

  test('fails the attempt where it fails, and the function is not called', async () => {
    newest = () => Promise.reject(new Error('The provider is away'))
    const failed = await it.app.recording(() => send('failing'))
    expect([failed.answer, failed.functions, failed.changed]).toEqual([503, 1, ['postern.webhook_inbox']])
    expect((await it.inbox('acme')).at(-1)).toMatchObject({
      status: 'received',
      error: { message: 'The provider is away' },
    })
    newest = () => 1
    expect(await send('failing')).toBe(200)
    expect(await it.balance(`${on} failing`)).toBe(1)
  })

  test('that never comes is given up in the attempt’s time', async () => {
    newest = () => new Promise(() => {})
    expect(await send('endless')).toBe(503)
    expect((await it.inbox('acme')).at(-1)).toMatchObject({
      status: 'received',
      error: { message: expect.stringContaining('1000 ms') },
    })
  })
})
