import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { requestsCampaign } from './requests-campaign.js'
import { slowClients } from './slow-clients.js'
import { hostileTarget, prepare, type Target } from './target.js'
import { wireCampaign } from './wire-campaign.js'

/** All that is sent follows from it: `SEED=188383 npx vitest run test/hostile`. */
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e6))
const INPUTS = Number(process.env['INPUTS'] ?? 20_000)
const CASES = Number(process.env['RAW'] ?? 5_000)

let place: TestDatabase
beforeAll(async () => {
  place = await createTestDatabase()
  await prepare(place)
})
afterAll(() => place.drop())

async function against<T>(work: (target: Target) => Promise<T>, limits = {}): Promise<T> {
  const target = await hostileTarget(place, limits)
  try {
    return await work(target)
  } finally {
    await target.close()
  }
}

const bound = (done: number) => `95 % upper bound ${(3 / done).toExponential(1)} (3/n)`

test.each([
  { where: 'in process', share: 0.95, more: 0 },
  { where: 'over sockets', share: 0.05, more: 1 },
])(
  'bodies, queries, paths, headers and cookies, $where: no failure, no echo, and no function gets what is refused',
  async ({ where, share, more }) => {
    await against(async ({ send, port, watch }) => {
      const how =
        more === 0 ? { send } : { send: (request: Request) => fetch(request), origin: `http://127.0.0.1:${port}` }
      const inputs = Math.floor(INPUTS * share)
      const result = await requestsCampaign({ seed: seed + more, inputs, watch, ...how })
      const { done, called, mustRefuse, statuses, broken } = result
      process.stdout.write(
        `\n${where}: ${broken.length} mistakes in ${done} requests, ${called} let through; ${bound(done)}; SEED=${seed}; answers ${JSON.stringify(statuses)}\n`,
      )
      expect({ seed, broken, failures: watch.failures, unfit: watch.unfit }).toEqual({
        seed,
        broken: [],
        failures: [],
        unfit: 0,
      })
      // Most are refused; without those that pass, and those that must not, the rest would show little.
      expect(done).toBeGreaterThan(inputs * 0.9)
      expect(called).toBeGreaterThan(inputs * 0.03)
      expect(mustRefuse).toBeGreaterThan(inputs * 0.08)
    })
  },
  600_000,
)

test('mutated bytes on a connection: whole answers, one for each request, and the next one is answered', async () => {
  await against(async ({ port, watch }) => {
    const { done, probed, statuses, broken } = await wireCampaign({ seed, cases: CASES, port, watch })
    process.stdout.write(
      `\nraw: ${broken.length} mistakes on ${done} connections, ${probed} answered a request sent afterwards; ${bound(done)}; SEED=${seed}; answers ${JSON.stringify(statuses)}\n`,
    )
    expect({ seed, broken }).toEqual({ seed, broken: [] })
    expect(probed).toBeGreaterThan(done * 0.15)
  })
}, 600_000)

describe('clients that take their time are let go, and the others are answered meanwhile', () => {
  test.each([
    { kind: 'headers', clients: 200, limits: { headersMs: 2_000, receiveMs: 30_000 }, told: { 408: 200 } },
    { kind: 'bodies', clients: 200, limits: { headersMs: 2_000, receiveMs: 3_000 }, told: { 408: 200 } },
    { kind: 'readers', clients: 20, limits: { unreadMs: 2_000 }, told: { 'cut off': 20 } },
  ] as const)('slow $kind', { timeout: 240_000 }, async ({ kind, clients, limits, told }) => {
    await against(async ({ port }) => {
      const limitMs = Math.max(...Object.values(limits).filter((ms) => ms < 30_000))
      const result = await slowClients({ kind, clients, port, limitMs, patienceMs: 120_000 })
      process.stdout.write(`\nslow ${kind}: ${JSON.stringify(result)}\n`)
      expect(result).toMatchObject({ stillOpen: 0, told, honest: { failed: 0 } })
      expect(result.honest.sent).toBeGreaterThan(10)
    }, limits)
  })
})
