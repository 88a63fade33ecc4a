import type { Finding, Report } from '../finding.js'
import type { Terminal } from '../terminal.js'

/** Findings as people read them: by file, each with its line, what is wrong and what to do. `textOf` gives a file's source. */
export function findingsText(
  report: Report,
  textOf: (file: string) => string | undefined,
  { paint }: Pick<Terminal, 'paint'>,
): string[] {
  const lines: string[] = []
  let file: string | null = null
  let code: readonly string[] | undefined
  for (const finding of report.findings) {
    if (finding.file !== file) {
      lines.push(...(file === null ? [] : ['']), paint('underline', finding.file))
      // Read once for all that was found in it.
      code = textOf(finding.file)?.split('\n')
    }
    ;({ file } = finding)
    lines.push(...findingLines(finding, code, paint))
  }
  if (lines.length > 0) lines.push('')
  for (const { rule, file: mended, line, reason } of report.fixes ?? [])
    lines.push(
      reason === null
        ? `${paint('green', 'Fixed')} ${mended}:${line} ${rule}`
        : paint('yellow', `Not fixed ${mended}:${line} ${rule}: ${reason}`),
    )
  for (const { rule, error } of report.faults)
    lines.push(paint('red', `The rule ${rule} broke, which is our fault: ${firstLine(error)}`))
  for (const { file: unread, reason } of report.unreadable)
    lines.push(paint('yellow', `Not read: ${unread} (${reason})`))
  return [...lines, summary(report, paint)]
}

const COLOURS = { error: 'red', warning: 'yellow', info: 'blue' } as const

function findingLines(finding: Finding, lines: readonly string[] | undefined, paint: Terminal['paint']): string[] {
  const { file, line, column, severity, rule, confidence, message, fix, trace } = finding
  const until = finding.endLine === line ? finding.endColumn : undefined
  const sure = confidence === 'high' ? '' : paint('dim', ` (${confidence} confidence)`)
  const code = lines?.[line - 1]
  return [
    `  ${paint('dim', `${file}:${line}:${column}`)} ${paint(COLOURS[severity], severity)} ${paint('bold', rule)}${sure}`,
    `    ${message}.`,
    ...(code === undefined ? [] : frame(code, line, column, until, paint)),
    ...trace.map((call, index) =>
      paint('dim', `    ${index === trace.length - 1 ? 'here' : 'by'} ${call.file}:${call.line} ${call.text}`),
    ),
    `    ${paint('green', 'Fix:')} ${fix}.`,
  ]
}

/** A line that is longer is a bundle's, or data. */
const WIDEST = 120

function frame(
  code: string,
  line: number,
  column: number,
  /** Where it ends, if it ends on this line. */
  until: number | undefined,
  paint: Terminal['paint'],
): string[] {
  const shown = code.length > WIDEST ? `${code.slice(0, WIDEST - 1)}…` : code
  const gutter = `    ${line} │ `
  const at = Math.min(column - 1, shown.length)
  const end = Math.min(until === undefined ? shown.length : until - 1, shown.trimEnd().length)
  const length = Math.max(1, end - at)
  return [paint('dim', gutter) + shown, `${' '.repeat(gutter.length + at)}${paint('red', '~'.repeat(length))}`]
}

function summary({ findings, files, endpoints, ms, suppressed }: Report, paint: Terminal['paint']): string {
  const read = `${files} files and ${endpoints} that can be called, in ${(ms / 1000).toFixed(1)} s`
  const left = suppressed.length === 0 ? '' : `; ${suppressed.length} meant so`
  if (findings.length === 0) return paint('green', `Nothing found in ${read}${left}`)
  const sure = findings.filter(({ confidence }) => confidence === 'high').length
  return `${paint('bold', `${findings.length} found`)}, ${sure} of them with high confidence, in ${read}${left}`
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
