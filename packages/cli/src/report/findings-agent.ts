import type { Finding } from '../finding.js'

/** What a coding agent reads in one glance; more would be cut off, and the end is where the advice stands. */
const MOST_CHARACTERS = 4000

const ORDER = { error: 0, warning: 1, info: 2 } as const
const SURE = { high: 0, medium: 1, low: 2 } as const

/** Findings for a coding agent: the place first, then what to do, the gravest first, and how many there was no room for. */
export function findingsAgent(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'postern check: nothing found'
  const sorted = findings.toSorted(
    (a, b) => ORDER[a.severity] - ORDER[b.severity] || SURE[a.confidence] - SURE[b.confidence],
  )
  const lines = sorted.map(({ file, line, rule, message, fix }) => `${file}:${line} ${rule}: ${message}. Fix: ${fix}.`)
  let text = ''
  for (const [index, line] of lines.entries()) {
    const room = MOST_CHARACTERS - rest(lines.length).length - 1
    if (text.length + line.length + 1 > room) return `${text}${rest(lines.length - index)}`.slice(0, MOST_CHARACTERS)
    text += `${line}\n`
  }
  return text.trimEnd()
}

function rest(left: number): string {
  return `${left} more: run postern check --format json`
}
