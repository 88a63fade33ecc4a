import { afterAll, beforeAll, expect, test } from 'vitest'
import { inboxPlace, type InboxPlace } from './model/inbox-place.js'
import { type Ran, runSchedule, sumOf } from './model/schedule.js'

let place: InboxPlace
beforeAll(async () => {
  place = await inboxPlace()
})
afterAll(() => place.close())

/** A difference with what led to it. */
const told = ({ seed, differences, steps }: Ran) =>
  differences.length === 0 ? [] : [`INBOX_MODEL_SEED=${seed}: ${differences[0]}`, ...steps.slice(-40)]

test('random schedules of deliveries, copies, workers, failures, kills, leaps of the clock, replays and prunes show nothing that the model does not allow', async () => {
  const said = process.env['INBOX_MODEL_SEED']
  const first = said === undefined ? Math.floor(Math.random() * 1e9) : Number(said)
  const most = said === undefined ? 10_000 : 1
  const until = performance.now() + Number(process.env['INBOX_MODEL_SECONDS'] ?? 8) * 1_000
  const ran: Ran[] = []
  for (let seed = first; seed < first + most && performance.now() < until; seed += 1) {
    ran.push(await runSchedule(place, seed))
    expect(told(ran.at(-1)!)).toEqual([])
  }
  const sum = sumOf(ran)
  process.stdout.write(
    `seed ${first}: ${ran.length} schedules, ${JSON.stringify(sum)}; differences 0 (95 %: below ${(300 / ran.length).toFixed(1)} % of schedules)\n`,
  )
  // Schedules in which nothing happens would find nothing.
  expect(sum.effects).toBeGreaterThan(said === undefined ? ran.length / 2 : -1)
})

/** What happened, but for the ids, which are PostgreSQL’s and others each time. */
const stepsOf = ({ steps }: Ran) => steps.map((step) => step.replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, 'id'))

test('a seed is a schedule: the same again', async () => {
  const [one, again] = [await runSchedule(place, 7), await runSchedule(place, 7)]
  expect(stepsOf(again)).toEqual(stepsOf(one))
})
