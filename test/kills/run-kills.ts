import { campaignOptions, SEED, seedOf, wholeNumber } from '../support/campaign-options.js'
import { buildProgram } from './build-program.js'
import { caughtBy, controls, runControl } from './controls.js'
import { findingsOf, type KillReport, killRun } from './kill-run.js'
import { controlTable, killTable, type Named } from './kill-tables.js'
import { embeddedPlace, postgresPlace } from './place.js'

/** `npm run campaign:kills`: the runs of the test, as many kills as one has time for. Ends with 1 if a promise was broken. */
const values = campaignOptions('kills', {
  server: { type: 'string', default: '200', says: 'how often the server is killed, on PostgreSQL' },
  postgres: { type: 'string', default: '200', says: 'how often PostgreSQL is killed' },
  embedded: { type: 'string', default: '50', says: 'how often the server with its embedded database is killed' },
  writes: { type: 'string', default: '1000000', says: 'how many writes all of them acknowledge together' },
  seed: SEED,
  json: { type: 'boolean', default: false, says: 'print the result for machines' },
  'no-controls': { type: 'boolean', default: false, says: 'leave out the broken builds that must be found' },
})
const root = process.cwd()
const seed = seedOf('kills', values.seed)
const [server, postgres, embedded, writes] = (['server', 'postgres', 'embedded', 'writes'] as const).map((name) =>
  wholeNumber('kills', name, values[name]),
) as [number, number, number, number]

const stop = new AbortController()
// Each run stops what it started, and judges what it did until then.
process.once('SIGINT', () => stop.abort())

/** The embedded database has one connection, and is asked for fewer writes. */
const EMBEDDED_SHARE = 0.05
const plans = [
  { name: 'server, on PostgreSQL', kills: server, dies: 'server', open: postgresPlace, share: 1 - EMBEDDED_SHARE },
  { name: 'PostgreSQL', kills: postgres, dies: 'postgres', open: postgresPlace, share: 1 - EMBEDDED_SHARE },
  {
    name: 'server, with its embedded database',
    kills: embedded,
    dies: 'server',
    open: embeddedPlace,
    share: EMBEDDED_SHARE,
  },
] as const

const reports: Named[] = []
const program = await buildProgram(root)
try {
  for (const { name, kills, dies, open, share } of plans) {
    if (kills === 0 || stop.signal.aborted) continue
    const place = await open()
    try {
      const onProgress = (count: number, acknowledged: number) =>
        tell(`${name}: ${count} of ${kills} kills, ${acknowledged} writes acknowledged`)
      const wanted = share === EMBEDDED_SHARE ? writes * share : (writes * share * kills) / (server + postgres)
      const report = await killRun({
        place,
        program: program.file,
        seed,
        kills,
        dies,
        writes: Math.ceil(wanted),
        onProgress,
        signal: stop.signal,
      })
      reports.push({ name, report })
      tell('')
      for (const finding of findingsOf(report).slice(0, 20)) say(`${name}: ${finding}`)
    } finally {
      await place.remove()
    }
  }
} finally {
  await program.remove()
}
say(killTable(reports, seed))

const judged: { sabotage: string; found: number }[] = []
if (!values['no-controls'] && !stop.signal.aborted) {
  const rows: [(typeof controls)[number], KillReport][] = []
  for (const control of controls) {
    tell(`the control: ${control.sabotage}`)
    rows.push([control, await runControl(root, control, seed)])
  }
  tell('')
  say(controlTable(rows))
  for (const [control, report] of rows) judged.push({ sabotage: control.sabotage, found: caughtBy(control, report) })
}
if (values.json) process.stdout.write(`${JSON.stringify({ version: 1, seed, runs: reports, controls: judged })}\n`)
const isBroken = reports.some(({ report }) => findingsOf(report).length > 0) || judged.some(({ found }) => found === 0)
process.exit(stop.signal.aborted ? 130 : isBroken ? 1 : 0)

function say(text: string): void {
  if (!values.json) process.stdout.write(`${text}\n`)
}

function tell(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`)
}
