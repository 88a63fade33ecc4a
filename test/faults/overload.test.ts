import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../support/postgres.js'
import { boardDatabase } from './board-database.js'
import { type Overload, overload } from './overload.js'
import { tokenOf } from './noticeboard.js'
import type { SabotageName } from './server-sabotages.js'
import { startProcess } from './start-process.js'

let place: TestDatabase
beforeAll(async () => {
  place = await boardDatabase()
})
afterAll(() => place.drop())

/** Statements that wait and four connections: the peak is the pool's, not that of a machine which others use too. */
async function overloaded(sabotage?: SabotageName): Promise<Overload> {
  const board = { url: place.url, database: { poolSize: 4 } }
  const server = await startProcess({ board, ...(sabotage ? { sabotage } : {}) })
  try {
    return await overload({ server, token: await tokenOf('alice'), path: '/slow/20', seconds: 4, looks: 1 })
  } finally {
    await server.stop()
  }
}

/** Only what holds on a machine that is busy with other things: the figures are the campaign's. */
function wrongsOf({ statuses, refusedWithoutRetryAfter, refusedLaterMs, recoveryMs }: Overload): string[] {
  const others = Object.keys(statuses).filter((status) => status !== '200' && status !== '503')
  return [
    ...others.map((status) => `${statuses[status]} answers ${status}`),
    ...(statuses['503'] === undefined ? ['nobody was refused'] : []),
    ...(refusedWithoutRetryAfter > 0 ? [`${refusedWithoutRetryAfter} without Retry-After`] : []),
    // Half of what the pool lets wait: a refusal that comes then comes from the pool, and too late.
    ...(refusedLaterMs.p50 > 500 ? [`half of the refusals took more than ${refusedLaterMs.p50} ms`] : []),
    ...(recoveryMs > 10_000 ? [`well again only after ${recoveryMs} ms`] : []),
  ]
}

test('three times what the server can do: the excess is told at once to come back, and then all is well', async () => {
  const run = await overloaded()
  expect(wrongsOf(run)).toEqual([])
  expect(run.goodput).toBeGreaterThan(run.peak / 3)
})

test('the control: a server that lets everybody in is seen to keep them waiting', async () => {
  expect(wrongsOf(await overloaded('shedding off'))).not.toEqual([])
})
