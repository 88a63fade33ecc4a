import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { campaignOptions, refuse } from '../support/campaign-options.js'
import { openBench, type Verdict } from './find-out.js'
import type { Sabotage } from './sabotage.js'
import { PAGES, sabotages } from './sabotages.js'
import { MODEL, type Row, rowStart, sabotagesPage } from './sabotages-page.js'

/**
 * `npm run campaign:sabotage`: each broken build meets its test. Ends with 1 if one is not caught. `--write` writes what came out
 * into the pages, `--missing` tries those alone that they have no row of.
 */
const values = campaignOptions('sabotage', {
  always: { type: 'boolean', default: false, says: 'those alone that each npm test tries' },
  missing: { type: 'boolean', default: false, says: 'those alone that the pages in docs have no row of' },
  only: { type: 'string', value: 'TEXT', says: 'those alone whose file or description holds this' },
  write: { type: 'boolean', default: false, says: 'write what came out into the pages in docs' },
  json: { type: 'boolean', default: false, says: 'print the result for machines' },
})
const root = process.cwd()
const CLEAR = '\r\x1b[K'
const { only } = values
const pages = await Promise.all(
  PAGES.map(async (page) => ({ ...page, known: await readFile(join(root, page.file), 'utf8') })),
)
const known = pages.map((page) => page.known).join('\n')
const chosen = sabotages.filter(
  (one) =>
    (!values.always || one.always) &&
    (!values.missing || !known.includes(rowStart(one))) &&
    (only === undefined || `${one.file} ${one.sabotage}`.includes(only)),
)
if (chosen.length === 0) refuse('sabotage', 'there is no such sabotage')

// Longer than in `npm test`: what it must find here may need two processes to meet at one of a hundred moments.
process.env['INBOX_MODEL_SECONDS'] ??= '45'
const bench = await openBench(root)
let stopped = false
process.once('SIGINT', () => {
  stopped = true
  void bench.close().finally(() => process.exit(130))
})
const rows: Row[] = []
try {
  for (const [test, broken] of byTest(chosen)) {
    tell(`the control of ${test}`)
    await bench.control(test)
    for (const sabotage of broken) {
      tell(sabotage.sabotage)
      const row = rowOf(sabotage, await bench.findOut(sabotage, test))
      if (process.stderr.isTTY) process.stderr.write(CLEAR)
      if (!values.json) process.stdout.write(`${line(row, test)}\n`)
    }
    // After each file: an interrupted run has not been for nothing.
    for (const page of values.write ? pages : []) {
      await writeFile(join(root, page.file), sabotagesPage(page.title, page.list, rows, page.known))
    }
  }
} finally {
  if (!stopped) await bench.close()
}
if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`)
const missed = rows.filter(({ verdict }) => verdict.is !== 'caught')
if (!values.json) process.stdout.write(`${rows.length - missed.length} of ${rows.length} sabotages caught\n`)
process.exit(missed.length > 0 ? 1 : 0)

function byTest(list: readonly Sabotage[]): Map<string, Sabotage[]> {
  const groups = new Map<string, Sabotage[]>()
  for (const sabotage of list) groups.set(sabotage.test, [...(groups.get(sabotage.test) ?? []), sabotage])
  const also = values.always ? [] : list.filter((one) => one.also)
  return also.length === 0 ? groups : groups.set(MODEL, also)
}

/** What both say of it, where two must find it: caught is what each has caught. */
function rowOf(sabotage: Sabotage, verdict: Verdict): Row {
  const index = rows.findIndex((row) => row.sabotage === sabotage)
  if (index === -1) rows.push({ sabotage, verdict })
  else rows[index] = { sabotage, verdict: bothOf(rows[index]!.verdict, verdict) }
  return { sabotage, verdict }
}

function bothOf(one: Verdict, other: Verdict): Verdict {
  if (one.is !== 'caught') return one
  return other.is === 'caught' ? { is: 'caught', by: [...one.by, ...other.by] } : other
}

function line({ sabotage, verdict }: Row, test: string): string {
  const what = `${sabotage.file}: ${sabotage.sabotage}`
  if (verdict.is === 'caught') return `caught  ${what} (${verdict.by.length} in ${test})`
  return verdict.is === 'missed' ? `MISSED  ${what} by ${test}` : `VOID    ${what}: ${verdict.why}`
}

function tell(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${CLEAR}${rows.length} of ${chosen.length}: ${what}`)
}
