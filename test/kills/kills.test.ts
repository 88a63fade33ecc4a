import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildProgram, type Program } from './build-program.js'
import { caughtBy, controls, runControl } from './controls.js'
import { findingsOf, killRun } from './kill-run.js'
import { killTable } from './kill-tables.js'
import { embeddedPlace, postgresPlace } from './place.js'

const root = join(import.meta.dirname, '../..')
const SEED = 20261122
const MINUTES = 60_000
let program: Program

beforeAll(async () => void (program = await buildProgram(root)))
afterAll(() => program.remove())

test.each([
  ['the server on PostgreSQL', 10, 'server', postgresPlace],
  ['PostgreSQL', 10, 'postgres', postgresPlace],
  ['the server with its embedded database', 3, 'server', embeddedPlace],
] as const)(
  '%s is killed %i times under 16 writers: nothing acknowledged is lost, nothing is done twice, every key gets its one answer',
  async (name, kills, dies, open) => {
    const place = await open()
    try {
      const report = await killRun({ place, program: program.file, seed: SEED, kills, dies, writes: 300 })
      process.stdout.write(`\n${killTable([{ name, report }], SEED)}\n`)
      expect(findingsOf(report)).toEqual([])
      // Kills that nobody noticed would prove nothing.
      expect(Object.values(report.unknown).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(kills)
      expect(report.acknowledged).toBeGreaterThanOrEqual(300)
      expect(report.replays).toBeGreaterThan(0)
    } finally {
      await place.remove()
    }
  },
  10 * MINUTES,
)

test.each(controls)(
  'the control: $sabotage, and something is $finds',
  async (control) => {
    const report = await runControl(root, control, SEED)
    expect(caughtBy(control, report)).toBeGreaterThan(0)
  },
  10 * MINUTES,
)
