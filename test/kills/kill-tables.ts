import { caughtBy, type Control } from './controls.js'
import type { KillReport } from './kill-run.js'

/** A run, and who was killed in it. */
export interface Named {
  readonly name: string
  readonly report: KillReport
}

/** One row a run, as docs/reliability.md has them. */
export function killTable(runs: readonly Named[], seed: number): string {
  return [
    '| killed | kills | acknowledged | lost | doubled | unresolved | bound (3/n) | replays | recovery: median, p95, longest | seed |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...runs.map(({ name, report }) => row(name, report, seed)),
  ].join('\n')
}

function row(name: string, report: KillReport, seed: number): string {
  const kills = Object.values(report.kills).reduce((sum, count) => sum + count, 0)
  const ways = Object.entries(report.kills).map(([way, count]) => `${count} ${WAYS[way] ?? way}`)
  const bound = `${boundText(kills)} a kill, ${boundText(report.acknowledged)} a write`
  const cells = [
    name,
    ways.length < 2 ? kills : `${kills}: ${ways.join(', ')}`,
    report.acknowledged.toLocaleString('en'),
    report.lost.length,
    report.doubled.length,
    report.unresolved.length,
    bound,
    report.replays.toLocaleString('en'),
    recoveryText(report.recoveries),
    seed,
  ]
  return `| ${cells.join(' | ')} |`
}

/** The rate of failures that none in `n` trials leaves possible, with 95 % confidence. */
function boundText(n: number): string {
  const bound = 3 / Math.max(3, n)
  return bound >= 0.001 ? `${(bound * 100).toFixed(1)} %` : bound.toExponential(1)
}

const WAYS: Readonly<Record<string, string>> = {
  crash: 'of the postmaster and all its processes',
  backend: 'of one session by SIGKILL',
  terminate: 'of sessions by pg_terminate_backend',
}

function recoveryText(sorted: readonly number[]): string {
  if (sorted.length === 0) return '–'
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
  return [at(0.5), at(0.95), sorted.at(-1)!].map((ms) => `${(ms / 1_000).toFixed(1)} s`).join(', ')
}

/** Each broken build with what was found in it: a claim is worth what its control is. */
export function controlTable(rows: readonly (readonly [Control, KillReport])[]): string {
  return [
    '| claim | sabotage | acknowledged | found |',
    '| --- | --- | --- | --- |',
    ...rows.map(([control, report]) => {
      const found = caughtBy(control, report)
      const caught = found > 0 ? `caught: ${found} ${control.finds}` : `**missed**: nothing ${control.finds}`
      return `| ${control.claim} | ${control.sabotage} | ${report.acknowledged} | ${caught} |`
    }),
  ].join('\n')
}
