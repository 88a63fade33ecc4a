import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../support/postgres.js'
import { boardDatabase } from './board-database.js'
import { tokenOf } from './noticeboard.js'
import { stopUnderLoad } from './sigterm.js'

let place: TestDatabase
let token: string
beforeAll(async () => {
  place = await boardDatabase()
  token = await tokenOf('alice')
})
afterAll(() => place.drop())

test('a server that is stopped under load, five times: each request that it took is answered', async () => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const stop = await stopUnderLoad({ process: { board: { url: place.url } }, token, seed })
    const { lost, code, answeredAfter, refused, statuses } = stop
    expect({ lost, code }).toEqual({ lost: [], code: 0 })
    // 503 is an answer: a busy machine may be too slow for as many.
    expect(Object.keys(statuses).filter((status) => !['200', '201', '503'].includes(status))).toEqual([])
    // The control: there was something to lose, and clients were there until nobody listened.
    expect(answeredAfter).toBeGreaterThan(5)
    expect(refused).toBeGreaterThan(5)
  }
})

test('the control: stops that close connections, whatever they are at, are seen to lose requests', async () => {
  const broken = { board: { url: place.url }, sabotage: 'stop drops requests' } as const
  // Each catches only what is in flight at its moment, which on a quick machine is little.
  let lost = 0
  for (const seed of [1, 2, 3, 4]) lost += (await stopUnderLoad({ process: broken, token, seed })).lost.length
  expect(lost).toBeGreaterThan(3)
})
