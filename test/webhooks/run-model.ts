import { campaignOptions, SEED, seedOf, wholeNumber } from '../support/campaign-options.js'
import { withCampaignServers } from '../support/campaign-servers.js'
import { execute } from '../support/postgres.js'
import { provided } from '../support/provided.js'
import { inboxPlace } from './model/inbox-place.js'
import { type Ran, runSchedule, sumOf } from './model/schedule.js'

/** `npm run campaign:inbox`: the schedules of the test, as many as one has time for. Ends with 1 at a difference from the model. */
const values = campaignOptions('inbox', {
  schedules: { type: 'string', default: '10000', says: 'how many, each with the next seed' },
  'at-once': { type: 'string', default: '4', says: 'in how many databases at the same time' },
  seed: SEED,
})
const schedules = wholeNumber('inbox', 'schedules', values.schedules, 1)
const atOnce = wholeNumber('inbox', 'at-once', values['at-once'], 1)
const first = seedOf('inbox', values.seed)

await withCampaignServers(async () => {
  const [version] = await execute(String(provided.get('postgresUrl')), 'show server_version')
  const ran: Ran[] = []
  let next = first
  let found = false
  const lane = async () => {
    const place = await inboxPlace()
    while (!found && next < first + schedules) {
      const seed = next
      next += 1
      const one = await runSchedule(place, seed)
      ran.push({ ...one, steps: one.differences.length === 0 ? [] : one.steps })
      found ||= one.differences.length > 0
      tell(ran.length)
    }
    await place.close()
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  process.stderr.write(process.stderr.isTTY ? '\r\x1b[K' : '')
  const differing = ran.filter(({ differences }) => differences.length > 0)
  const lines = [
    `schedules ${ran.length} · seeds from ${first} · PostgreSQL ${String(version!['server_version'])}`,
    JSON.stringify(sumOf(ran)),
    `differences from the model ${differing.length} · 95 % upper bound ${(3 / ran.length).toExponential(1)} a schedule (3/n)`,
    ...differing.flatMap(({ seed, differences, steps }) => [`seed ${seed}: ${differences.join('; ')}`, ...steps]),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  process.exitCode = differing.length > 0 ? 1 : 0
})
// What was killed in a schedule waits for its end in timers, for a minute.
process.exit()

function tell(done: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${schedules}`)
}
