import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildProgram, type Program } from '../kills/build-program.js'
import { ROOT } from '../support/markdown.ts'
import { type BankPlace, bankPlace, startBank } from '../webhooks/bank-place.js'
import { boundOf } from '../webhooks/kill-run.js'
import { killAmidJobs } from './job-kills.js'

let place: BankPlace
let program: Program

beforeAll(async () => {
  place = await bankPlace()
  program = await buildProgram(ROOT, undefined, 'test/jobs/served-program.ts')
})
afterAll(async () => {
  await program.remove()
  await place.drop()
})

test('a process that takes orders and ships them dies again and again: each order is shipped once, and nothing that nobody ordered', async () => {
  const seed = Number(process.env['KILLS_SEED'] ?? Math.floor(Math.random() * 1e6))
  const report = await killAmidJobs(place, {
    seed,
    kills: Number(process.env['KILLS'] ?? 8),
    start: () => startBank(program.file, { url: place.url }),
    // As if half a minute had passed: what says no more that it lives has lost what it took.
    onKilled: async () => void (await place.sql('delete from postern.workers')),
  })
  const { kills, sent, acknowledged, lost, doubled, strange } = report
  process.stdout.write(
    `seed ${seed}: ${kills} kills, ${sent.length} orders, ${acknowledged.size} acknowledged; lost ${lost.length}, doubled ${doubled.length} (95 %: ${boundOf(sent.length)} of orders)\n`,
  )
  expect({ seed, lost, doubled, strange }).toEqual({ seed, lost: [], doubled: [], strange: [] })
  expect(acknowledged.size).toBeGreaterThan(kills / 2)
}, 240_000)
