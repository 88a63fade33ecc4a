import { campaignOptions, refuse, SEED, seedOf, wholeNumber } from '../support/campaign-options.js'
import { withCampaignServers } from '../support/campaign-servers.js'
import { execute, has, type TestServer } from '../support/postgres.js'
import { provided } from '../support/provided.js'
import { campaign } from './campaign.js'
import { world } from './world.js'

/** `npm run campaign:isolation`: the interleaved requests of the test, as many as one has time for. Ends with 1 if a row went astray. */
const values = campaignOptions('isolation', {
  operations: { type: 'string', default: '1000000', says: 'how many requests' },
  seed: SEED,
  on: { type: 'string', value: 'NAME', default: 'postgres-18', says: 'or postgres-15, pgbouncer' },
})
const operations = wholeNumber('isolation', 'operations', values.operations, 1)
const seed = seedOf('isolation', values.seed)
const on = values.on as TestServer
if (!['postgres-18', 'postgres-15', 'pgbouncer'].includes(on))
  refuse('isolation', '--on takes postgres-18, postgres-15 or pgbouncer')

await withCampaignServers(async () => {
  if (!has(on)) return refuse('isolation', `this machine has no ${on}`)
  const here = await world('postgres', { on, poolSize: 3, statementTimeoutMs: 2_000 })
  const [version] = await execute(String(provided.get('postgresUrl')), 'show server_version')
  const result = await campaign(here, { seed, operations, untilFound: true, onProgress: tell })
  await here.close()
  process.stderr.write(process.stderr.isTTY ? '\r\x1b[K' : '')
  const { foreign, differences, rowsSeen, sharedRowsSeen, statuses } = result
  const bound = (3 / result.operations).toExponential(1)
  const lines = [
    `operations ${result.operations} · seed ${seed} · ${on}, PostgreSQL ${String(version!['server_version'])}`,
    `foreign rows ${foreign.length} · differences from the model ${differences.length} · 95 % upper bound ${bound} an operation (3/n)`,
    `rows seen: ${rowsSeen} of one's own, ${sharedRowsSeen} of one's organizations · answers ${JSON.stringify(statuses)}`,
    ...foreign.slice(0, 20),
    ...differences.slice(0, 20),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  process.exitCode = foreign.length + differences.length > 0 ? 1 : 0
})

function tell(done: number, foreign: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${operations}, ${foreign} foreign rows`)
}
