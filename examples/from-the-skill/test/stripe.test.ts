import { Client } from 'pg'
import type { Handler } from 'postern'
import { testBackend, type TestBackend } from 'postern/testing'
import { Stripe } from 'stripe'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { schemaSql } from '../../../packages/postern/test/schema-sql.ts'
import { createTestDatabase, execute, type TestDatabase } from '../../../test/support/postgres.ts'
import * as schema from '../after/schema.ts'

/**
 * A webhook of Stripe's by hand and by Postern, on one database, sent the same: signed by Stripe's own library. What
 * docs/from-the-skill-webhooks.md says of the first is shown here, so that nobody has to believe it.
 */
const secret = 'whsec_of_a_test_0123456789'
const library = new Stripe('sk_test_of_a_test')

type Send = (delivery: Request) => Promise<number>

let place: TestDatabase
let app: TestBackend
let pool: (typeof import('../before/wallets.ts'))['pool']
let before: Send
let after: Send
const rows = (text: string) => execute(place.adminUrl, text)

beforeAll(async () => {
  place = await createTestDatabase()
  process.env['DATABASE_URL'] = place.adminUrl
  process.env['STRIPE_SECRET_KEY'] = 'sk_test_of_a_test'
  process.env['STRIPE_WEBHOOK_SECRET'] = secret
  const byPostern = await import('../after/app/api/webhooks/stripe/route.ts')
  const { backend } = await import('../after/backend.ts')
  const tables = await schemaSql(schema)
  app = await testBackend(backend, {
    routes: { '/api/webhooks/stripe': byPostern },
    place: { url: place.url, migrationUrl: place.migrationUrl },
    seed: (owner) => owner.script(tables),
  })
  await rows('create table webhook_events (id text primary key)')
  const byHand = await import('../before/app/api/webhooks/stripe/route.ts')
  pool = (await import('../before/wallets.ts')).pool
  before = async (sent) => {
    // What a handler throws is a 500 of the framework.
    const answer = await (byHand.POST as Handler)(sent, undefined as never).catch(() => null)
    return answer?.status ?? 500
  }
  after = async (sent) => (await app.fetch(sent)).status
})
afterAll(async () => {
  await app.close()
  await pool.end()
  await place.drop()
})
beforeEach(async () => {
  await rows(`delete from postern.webhook_inbox; delete from webhook_events; delete from wallets;
    insert into wallets (id, owner_id) overriding system value values (7, 'alice')`)
})

/** As Stripe sends it; `sent` is what arrives, where that is not what was signed. */
function delivery(id: string, sent: (body: string) => string = (body) => body): Request {
  const object = { client_reference_id: '7', amount_total: 500 }
  const body = JSON.stringify({ id, object: 'event', type: 'checkout.session.completed', data: { object } })
  const signature = library.webhooks.generateTestHeaderString({ payload: body, secret })
  const headers = { 'content-type': 'application/json', 'stripe-signature': signature }
  return new Request('http://localhost/api/webhooks/stripe', { method: 'POST', headers, body: sent(body) })
}
const credits = async () => (await rows('select credits from wallets'))[0]!['credits']
const waiting = async () =>
  (await rows("select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")).length

const both = [
  ['by hand', () => before],
  ['by Postern', () => after],
] as const

describe.each(both)('%s', (_, send) => {
  test('a checkout is worth its credits, and a copy of it that comes later nothing', async () => {
    expect([await send()(delivery('evt_1')), await send()(delivery('evt_1'))]).toEqual([200, 200])
    expect(await credits()).toBe(500)
    expect(await send()(delivery('evt_2'))).toBe(200)
    expect(await credits()).toBe(1_000)
  })

  test('a body that was changed on its way is worth none', async () => {
    const richer = delivery('evt_rich', (body) => body.replace('500', '50000'))
    expect(await send()(richer)).toBe(send() === before ? 400 : 401)
    expect(await credits()).toBe(0)
    expect(await rows('select from webhook_events union all select from postern.webhook_inbox')).toEqual([])
  })
})

/** The wallet is held until as many as can wait for it. Then the provider comes once more. */
async function twoAtOnce(send: Send, wait: number): Promise<unknown[]> {
  await rows('update wallets set credits = 0')
  const other = new Client({ connectionString: place.adminUrl })
  await other.connect()
  await other.query('begin; select from wallets for update')
  const answers = [send(delivery('evt_twice')), send(delivery('evt_twice'))]
  await expect.poll(waiting, { timeout: 30_000 }).toBe(wait)
  // Whoever does not wait is answered meanwhile: no worker runs here, so that Stripe is told to come again.
  const meanwhile = wait === 1 ? await Promise.race(answers) : null
  await other.query('commit')
  await other.end()
  await Promise.all(answers)
  await expect.poll(() => send(delivery('evt_twice')), { timeout: 30_000 }).toBe(200)
  return [meanwhile, await credits()]
}

/** What was answered, the credits then, and the credits when the provider has come again and was heard. */
async function faultBeforeTheMark(send: Send, table: string, on: string, when = ''): Promise<unknown[]> {
  await rows(`update wallets set credits = 0;
    create function fails() returns trigger language plpgsql as $$ begin raise 'no disk'; end $$;
    create trigger fails before ${on} on ${table} for each row ${when} execute function fails()`)
  const first = await send(delivery('evt_fault'))
  const then = await credits()
  await rows('drop function fails cascade')
  await expect.poll(() => send(delivery('evt_fault')), { timeout: 30_000 }).toBe(200)
  return [first, then, await credits()]
}

describe('what the pattern leaves to be thought of', () => {
  test('two deliveries of one event at the same moment', async () => {
    expect(await twoAtOnce(before, 2)).toEqual([null, 1_000])
    expect(await twoAtOnce(after, 1)).toEqual([503, 500])
  })

  test('a fault between the effect and the mark', async () => {
    expect(await faultBeforeTheMark(before, 'webhook_events', 'insert')).toEqual([500, 500, 1_000])
    expect(
      await faultBeforeTheMark(after, 'postern.webhook_inbox', 'update', "when (new.status = 'succeeded')"),
    ).toEqual([503, 0, 500])
  })
})
