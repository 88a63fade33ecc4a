import { expect, test } from 'vitest'
import { bank } from '../../test/bank.js'
import { addTo } from '../../test/bank-schema.js'
import { github } from '../signers/github/github.js'
import { standardWebhooks } from '../signers/standard-webhooks/standard-webhooks.js'
import { stripe } from '../signers/stripe/stripe.js'
import { svix } from '../signers/svix/svix.js'
import { signedDelivery } from './signed-delivery.js'

const SECRET = 'a-secret-of-tests-that-is-long-enough'
const STANDARD = `whsec_${Buffer.from(SECRET).toString('base64')}`

const it = bank(
  ({ webhook }) => {
    const on = { tick: () => {}, push: () => {} }
    return {
      '/stripe': webhook({ name: 'stripe', from: stripe({ secrets: SECRET }), on }),
      '/github': webhook({ name: 'github', from: github({ secrets: SECRET }), on }),
      '/standard': webhook({ name: 'standard', from: standardWebhooks({ secrets: STANDARD }), on }),
      '/svix': webhook({ name: 'svix', from: svix({ secrets: STANDARD }), on }),
      '/fails': webhook({
        name: 'fails',
        from: stripe({ secrets: SECRET }),
        on: {
          tick: async ({ event, db }) => {
            await addTo(db, 'tested', 1)
            if (event.attempt < 3) throw new Error('Not yet')
          },
        },
      }),
    }
  },
  { on: 'embedded' },
)
const tick = { id: 'evt_1', type: 'tick', data: { object: {} } }

test.each([
  ['stripe', '/stripe', SECRET],
  ['github', '/github', SECRET],
  ['standard-webhooks', '/standard', STANDARD],
  ['svix', '/svix', STANDARD],
] as const)('a delivery of %s is signed as its signer wants it', async (provider, path, secret) => {
  const response = await it.app.fetch(signedDelivery(provider, path, tick, { secret }))
  expect([response.status, await response.json()]).toEqual([200, { status: 'processed' }])
  const old = signedDelivery(provider, path, tick, { secret: SECRET.replace('a', 'b') })
  expect((await it.app.fetch(old)).status).toBe(401)
})

test('work() does what the worker would, whenever it is due', async () => {
  expect((await it.app.fetch(signedDelivery('stripe', '/fails', tick, { secret: SECRET }))).status).toBe(503)
  expect(await it.balance('tested')).toBe(0)
  await it.app.work()
  expect(await it.inbox('fails')).toMatchObject([{ status: 'received', attempts: 2 }])
  await it.app.work()
  expect(await it.inbox('fails')).toMatchObject([{ status: 'succeeded', attempts: 3 }])
  expect(await it.balance('tested')).toBe(1)
})
