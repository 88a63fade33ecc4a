import { commentsIn } from './comments-in.js'
import type { SourceFile } from './facts/source/source-file.js'
import type { Finding, Suppressed } from './finding.js'
import type { IdleComment } from './rules/rule.js'

/** A comment that takes findings away: `// postern-ignore auth-missing: a public price list`. */
interface Suppression {
  readonly at: IdleComment['at']
  readonly line: number
  /** Where the comment ends: a block of several lines stands above what follows its last. */
  readonly lastLine: number
  readonly rules: readonly string[]
  readonly reason: string
}

const WORD = 'postern-ignore'
const SAID = /^postern-ignore\s+([\w-]+(?:\s*,\s*[\w-]+)*)\s*(?::([^]*))?/

/**
 * Takes away what a comment on the line, or on the one above, says is meant so. It needs a reason; one that has none, or takes
 * nothing away, is a finding itself: what is left over hides the next defect.
 */
export function suppress(
  findings: readonly Finding[],
  sources: readonly SourceFile[],
): {
  readonly findings: readonly Finding[]
  readonly suppressed: readonly Suppressed[]
  readonly unused: readonly IdleComment[]
} {
  const byFile = new Map(sources.map((source) => [source.path, suppressionsIn(source)]))
  const used = new Set<string>()
  const suppressed: Suppressed[] = []
  const kept = findings.filter((finding) => {
    const beside = (byFile.get(finding.file) ?? []).filter(
      (one) => one.reason !== '' && one.rules.includes(finding.rule) && isBeside(one, finding),
    )
    const [by] = beside
    if (by === undefined) return true
    used.add(keyOf(by, finding.rule))
    suppressed.push({ ...finding, reason: by.reason })
    return false
  })
  const unused = [...byFile.values()]
    .flat()
    .flatMap((one) =>
      one.rules
        .filter((rule) => !used.has(keyOf(one, rule)))
        .map((rule) => ({ at: one.at, rule, hasReason: one.reason !== '' })),
    )
  return { findings: kept, suppressed, unused }
}

const keyOf = ({ at: { file, node } }: Suppression, rule: string) => `${file.path}:${node.start}:${rule}`

/** On the line itself or on the one above, of the place or of what can be called. */
function isBeside({ line, lastLine }: Suppression, finding: Finding): boolean {
  return [finding.line, finding.symbolLine].some((at) => line <= at && at <= lastLine + 1)
}

function suppressionsIn(source: SourceFile): Suppression[] {
  // Most files have none, and are not parsed for it.
  if (!source.text.includes(WORD)) return []
  return commentsIn(source).flatMap((comment) => {
    const said = SAID.exec(comment.text.replace(/^[\s*]+/, ''))
    if (said === null) return []
    const { line } = source.placeOf(comment.start)
    const at = { file: source, node: { start: comment.start, end: comment.end } }
    const rules = [...new Set(said[1]!.split(',').map((rule) => rule.trim()))]
    const reason = (said[2] ?? '').replace(/\s+\**\s*/g, ' ').trim()
    return [{ at, line, lastLine: source.placeOf(comment.end).line, rules, reason }]
  })
}
