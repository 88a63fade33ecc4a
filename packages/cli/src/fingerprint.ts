import { createHash } from 'node:crypto'
import type { Finding } from './finding.js'

/** Of a longer one, which nobody wrote, the beginning tells enough: it is read for each finding on it. */
const LONGEST_LINE = 2_000

type Unmarked = Omit<Finding, 'fingerprint'>

/**
 * Marks each finding so that it is known again after its lines have moved: by the rule, the file, what can be called, the text of
 * its line, and how many like it stand before.
 */
export function fingerprints(findings: readonly Unmarked[], textOf: (file: string) => string | undefined): Finding[] {
  const times = new Map<string, number>()
  const lines = new Map<string, readonly string[]>()
  return findings.map((finding) => {
    const { rule, file, symbol, line } = finding
    const all = lines.get(file) ?? textOf(file)?.split('\n') ?? []
    lines.set(file, all)
    const text = (all[line - 1] ?? '').slice(0, LONGEST_LINE).replace(/\s+/g, '')
    const key = JSON.stringify([rule, file, symbol, text])
    const nth = times.get(key) ?? 0
    times.set(key, nth + 1)
    return { ...finding, fingerprint: createHash('sha256').update(`${key} ${nth}`).digest('hex').slice(0, 24) }
  })
}
