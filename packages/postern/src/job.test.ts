import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { schema } from '../test/working.js'
import { createBackend } from './backend.js'
import { database } from './database/index.js'
import type { Scope, ServiceScope } from './database/scope-types.js'
import { nextTick } from './jobs/cron.js'
import type { Principal } from './principal.js'

const backend = () => createBackend({ database: database({ schema, directory: 'memory://never' }), auth: () => null })
const nothing = () => {}

describe('a job that can’t be meant is refused where it is defined', () => {
  test.each([
    ['/api/jobs', 'small letters, digits and hyphens'],
    ['https://app.example/x', 'small letters, digits and hyphens'],
    ['Send', 'small letters, digits and hyphens'],
    ['', 'small letters, digits and hyphens'],
  ])('by the name %j', (name, why) => {
    expect(() => backend().job({ name }, nothing)).toThrow(why)
  })

  test('by a name that is taken', () => {
    const { job } = backend()
    job({ name: 'twice' }, nothing)
    expect(() => job({ name: 'twice' }, nothing)).toThrow('There are two jobs named twice')
  })

  test.each([
    ['0 3 * *', 'needs five fields'],
    ['* * * * * *', 'needs five fields'],
    ['', 'needs five fields'],
    ['61 3 * * *', 'no such minute'],
    ['0 3 * * noday', 'no such day of the week'],
    ['*/0 * * * *', 'no such minute'],
    ['0 3-x * * *', 'no such hour'],
  ])('by the schedule %j', (schedule, why) => {
    expect(() => backend().job({ name: 'daily', schedule }, nothing)).toThrow(why)
  })

  test('by a time zone that there isn’t, by numbers, and by an input that nobody gives', () => {
    const { job } = backend()
    expect(() => job({ name: 'a', schedule: { cron: '0 3 * * *', timeZone: 'Mars/Olympus' } }, nothing)).toThrow(
      'Mars/Olympus',
    )
    expect(() => job({ name: 'b', attempts: 0 }, nothing)).toThrow('attempts')
    expect(() => job({ name: 'c', timeoutMs: 86_400_000 }, nothing)).toThrow('timeoutMs')
    const slots = { name: 'd', input: z.object({}), schedule: '0 3 * * *' }
    expect(() => job(slots as never, nothing)).toThrow('nobody gives it an input')
    expect(() => job({ name: 'e' }, undefined as never)).toThrow('needs a function')
  })

  test('without a database of ours, in whose transaction it could be stored', () => {
    const { job } = createBackend({ database: { a: 'client' }, auth: () => null })
    expect(() => job({ name: 'a' }, nothing)).toThrow('job() needs database()')
  })
})

test('what a job is given is typed by its slots, and what is enqueued by its schema', () => {
  const { job, endpoint } = backend()
  const input = z.object({ at: z.coerce.date(), n: z.number().optional() })
  const dated = job({ name: 'dated', input }, (context) => {
    expectTypeOf(context.input.at).toEqualTypeOf<Date>()
    if (context.principal === null) expectTypeOf(context.db).toEqualTypeOf<ServiceScope<typeof schema>>()
    else {
      expectTypeOf(context.principal).toEqualTypeOf<Principal>()
      expectTypeOf(context.db).toEqualTypeOf<Scope<typeof schema>>()
    }
  })
  const nightly = job({ name: 'nightly', schedule: '0 3 * * *' }, ({ db, principal, scheduledFor }) => {
    expectTypeOf(db).toEqualTypeOf<ServiceScope<typeof schema>>()
    expectTypeOf(principal).toEqualTypeOf<null>()
    expectTypeOf(scheduledFor).toEqualTypeOf<Date>()
  })
  endpoint({}, async ({ db, defer }) => {
    await db.enqueue(nightly)
    await defer(dated, { at: '2026-01-01' }, { startAfter: 1_000 })
    // @ts-expect-error its schema asks for `at`
    await db.enqueue(dated, {})
    // @ts-expect-error it takes no input
    await defer(nightly, { at: 1 })
  })
  expect([dated.name, nightly.name]).toEqual(['dated', 'nightly'])
})

const next = async (cron: string, timeZone: string, after: string) =>
  (await nextTick({ cron, timeZone }, new Date(after))).toISOString()

describe('the next tick of a schedule', () => {
  test.each([
    ['in UTC', '0 3 * * *', 'UTC', '2026-01-01T03:00:00Z', '2026-01-02T03:00:00.000Z'],
    ['where the clock hangs', '0 3 * * *', 'Europe/Zurich', '2026-01-01T00:00:00Z', '2026-01-01T02:00:00.000Z'],
    ['in summer', '0 3 * * *', 'Europe/Zurich', '2026-07-01T00:00:00Z', '2026-07-01T01:00:00.000Z'],
    ['of a month that has no such day', '0 0 31 * *', 'UTC', '2026-02-01T00:00:00Z', '2026-03-31T00:00:00.000Z'],
    ['on weekdays', '*/15 9-17 * * 1-5', 'UTC', '2026-01-02T17:45:00Z', '2026-01-05T09:00:00.000Z'],
  ])('%s', async (_name, cron, timeZone, after, tick) => {
    expect(await next(cron, timeZone, after)).toBe(tick)
  })
})
