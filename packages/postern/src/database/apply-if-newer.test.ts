import { describe, expect, test } from 'vitest'
import { underTest } from '../../test/under-test.js'
import { delivery, hmacSigner } from '../../test/hmac-signer.js'
import { createBackend } from '../backend.js'
import { id, instant, table, text, user } from '../schema/index.js'
import { applyIfNewer, type AppliedIfNewer } from './apply-if-newer.js'
import { database } from './database.js'

const subscriptions = table(
  'subscriptions',
  { id: id(), providerId: text().notNull().unique(), plan: text().notNull(), note: text(), changedAt: instant() },
  { owner: user() },
)
const schema = { subscriptions }

interface Change {
  readonly subscription: string
  readonly plan: string
  readonly note?: string
}

const states = ['trial', 'basic', 'team', 'cancelled'] as const
const at = (version: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, version)).toISOString()
const change = (subscription: string, version: number, more: Partial<Change> = {}) => ({
  id: `${subscription}-${version}-${JSON.stringify(more)}`,
  type: 'subscription.changed',
  at: at(version),
  data: { subscription, plan: states[version - 1], ...more },
})

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length <= 1) return [[...all]]
  return all.flatMap((first, index) => permutations(all.toSpliced(index, 1)).map((rest) => [first, ...rest]))
}

describe.each(['postgres', 'embedded'] as const)('events of one object in any order, on %s', (on) => {
  const db = database({ schema, directory: 'memory://' })
  const backend = createBackend({ database: db, auth: () => null })
  const outcomes: AppliedIfNewer[] = []
  const tested = underTest({
    backend,
    schema,
    on,
    routes: () => ({
      '/changes': {
        POST: backend.webhook({
          name: 'acme',
          from: hmacSigner(),
          on: {
            'subscription.changed': async ({ event, db: scope }) => {
              const { subscription, ...state } = event.data as Change
              const values = { providerId: subscription, ...state, changedAt: event.at, ownerId: 'alice' }
              const by = { key: 'providerId', version: 'changedAt' } as const
              outcomes.push(await applyIfNewer(scope, subscriptions, by, values))
            },
          },
        }),
      },
    }),
  })
  const send = async (body: object) => {
    const { status } = await tested.app.fetch(delivery('/changes', body))
    return status
  }
  const there = (subscription: string) =>
    tested.app.asOwner(async (owner) => {
      const [, result] = await owner.batch([
        { text: "select set_config('role', 'service_role', true)", values: [] },
        { text: `select plan, note, owner_id from subscriptions where provider_id = '${subscription}'`, values: [] },
      ])
      return result!.rows
    })

  test('the newest state stays, whichever of 24 orders four events come in', async () => {
    for (const [index, order] of permutations([1, 2, 3, 4]).entries()) {
      for (const version of order) expect(await send(change(`s${index}`, version))).toBe(200)
      expect([order, await there(`s${index}`)]).toEqual([order, [['cancelled', null, 'alice']]])
    }
  })

  test('nor does it matter that they come at the same time', async () => {
    const orders = permutations([1, 2, 3, 4]).slice(0, 6)
    await Promise.all(orders.flatMap((order, index) => order.map((version) => send(change(`c${index}`, version)))))
    // Some may have met each other, and are told to come again.
    await tested.app.work()
    for (const [index] of orders.entries()) expect(await there(`c${index}`)).toEqual([['cancelled', null, 'alice']])
  })

  test('it says what it found: nothing or older, the same version, newer', async () => {
    outcomes.length = 0
    for (const version of [2, 3, 1]) await send(change('told', version))
    await send(change('told', 3, { plan: 'another', note: 'of the same second' }))
    expect(outcomes).toEqual(['applied', 'applied', 'older', 'same'])
    expect(await there('told')).toEqual([['team', null, 'alice']])
  })

  test('what an event does not bring stays as it is', async () => {
    await send(change('kept', 1, { note: 'by hand' }))
    await send(change('kept', 2))
    expect(await there('kept')).toEqual([['basic', 'by hand', 'alice']])
  })

  test('an event that does not say when it was can’t be newer than anything', async () => {
    const { at: _, ...timeless } = change('timeless', 1)
    expect(await send(timeless)).toBe(503)
    expect(await there('timeless')).toEqual([])
  })
})
