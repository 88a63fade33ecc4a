import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { has } from '../support/postgres.js'
import { seeded } from '../support/seeded.js'
import { type Campaign, campaign } from './campaign.js'
import { isClaims, sabotagedDatabase, type Tampering } from './sabotaged-database.js'
import { type World, world } from './world.js'

/** Every choice follows from it, though not how the requests interleave: `SEED=188383 npx vitest run test/isolation`. */
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6))

const runs = [
  { name: 'PostgreSQL', kind: 'postgres', operations: Number(process.env['OPERATIONS'] ?? 10_000) },
  // The cancel requests and the claims of a session that others use too must come right behind a pooler as well.
  { name: 'behind PgBouncer', kind: 'postgres', on: 'pgbouncer', operations: 3_000 },
  { name: 'embedded', kind: 'embedded', operations: 1_500 },
] as const

test.each(runs.filter((run) => !('on' in run) || has(run.on)))(
  '$name: no request meets a row of another, whatever ended the one before',
  async ({ name, kind, operations, ...where }) => {
    const here = await world(kind, { poolSize: 3, statementTimeoutMs: 400, ...where })
    try {
      const result = await campaign(here, { seed, operations })
      tell(name, result)
      const { foreign, differences } = result
      expect({ seed, foreign, differences }).toEqual({ seed, foreign: [], differences: [] })
      expect(result.rowsSeen).toBeGreaterThan(operations / 2)
      expect(result.sharedRowsSeen).toBeGreaterThan(operations / 8)
      expect(result.statuses['204']).toBeGreaterThan(operations / 2)
    } finally {
      await here.close()
    }
  },
  300_000,
)

describe('the same campaign finds out a broken build', { timeout: 120_000 }, () => {
  let here: World
  beforeAll(async () => void (here = await world('postgres', { poolSize: 3 })))
  afterAll(() => here.close())

  test.each(Object.keys(builds))('%s', async (build) => {
    const { database, close } = sabotagedDatabase(here, builds[build]!(seeded(seed)))
    try {
      const { foreign, differences, operations } = await campaign(here, {
        seed,
        operations: 1_500,
        database,
        untilFound: true,
      })
      process.stdout.write(`  ${build}: found after ${operations} operations\n`)
      expect({ seed, found: foreign.length + differences.length }).not.toEqual({ seed, found: 0 })
    } finally {
      await close()
      await here.superuser('truncate customers, organizations cascade')
    }
  })
})

const NOTHING = { text: 'select 1', values: [] }

const builds: Record<string, (random: () => number) => Tampering> = {
  'claims that outlive the transaction, and are forgotten now and then': (random) =>
    onClaims((claims) => {
      const { text, values } = claims
      return random() < 0.02 ? NOTHING : { text: text.replaceAll(',true)', ',false)'), values }
    }),
  'claims that are forgotten now and then, so that the service stays': (random) =>
    onClaims((claims) => (random() < 0.1 ? NOTHING : claims)),
  'claims of the request before, now and then': (random) => {
    let last: readonly unknown[] | undefined
    return onClaims((claims) => {
      const values = last !== undefined && random() < 0.02 ? last : claims.values
      last = claims.values
      return { ...claims, values }
    })
  },
  'the organization that a request names is forgotten now and then': (random) =>
    onClaims((claims) => {
      const [role, json, ...rest] = claims.values as [string, string, ...string[]]
      if (random() < 0.8) return claims
      return { ...claims, values: [role, json.replace(/,?"organization_id":"\d+"/, ''), ...rest] }
    }),
  'what a function did before it threw is kept': () => (statement) =>
    statement.text === 'rollback' ? { ...statement, text: 'commit' } : statement,
}

function onClaims(tamper: Tampering): Tampering {
  return (statement) => (isClaims(statement) ? tamper(statement) : statement)
}

function tell(name: string, { operations, foreign, rowsSeen, sharedRowsSeen, statuses }: Campaign): void {
  const bound = (3 / operations).toExponential(1)
  process.stdout.write(
    `\n${name}: ${foreign.length} foreign rows in ${operations} operations (${rowsSeen} own rows and ${sharedRowsSeen} of one's organizations seen); 95% upper bound ${bound} an operation; ` +
      `SEED=${seed}; answers ${JSON.stringify(statuses)}\n`,
  )
}
