import { judge } from './engine.js'
import type { BookedRule } from './rules/rule.js'
import { readProject } from './facts/read-project.js'
import type { Tree } from './facts/source/read-tree.js'
import type { Finding, Report } from './finding.js'
import { fingerprints } from './fingerprint.js'
import { RULEBOOK } from './rules/rulebook.js'
import { hasComments } from './comments-in.js'
import { suppress, type Unused } from './suppress.js'

/** Reads a tree, asks every rule, and leaves out what comments say is meant so. Nothing of the tree is run. */
export async function audit(tree: Tree, rules: readonly BookedRule[]): Promise<Report> {
  const began = performance.now()
  const project = await readProject(tree)
  const { findings, faults } = judge(project, rules)
  const sources = project.files.filter(hasComments).flatMap((path) => project.source(path) ?? [])
  const kept = suppress(findings, sources)
  // Of a rule that was not asked nothing can be said; a name that no rule has takes away nothing, ever.
  const silent = new Set(RULEBOOK.map(({ id }) => String(id)))
  for (const { id } of rules) silent.delete(id)
  const unused = kept.unused.filter(({ rule, hasReason }) => !silent.has(rule) || !hasReason)
  const left = fingerprints(unused.map(toFinding), (file) => project.source(file)?.text)
  return {
    version: 1,
    root: tree.root,
    files: project.files.length,
    endpoints: project.entries.filter(({ entry }) => entry.kind !== 'page').length,
    ms: Math.round(performance.now() - began),
    findings: [...kept.findings, ...left],
    suppressed: kept.suppressed,
    unreadable: project.unreadable,
    faults,
  }
}

function toFinding({ file, line, column, rule, hasReason }: Unused): Omit<Finding, 'fingerprint'> {
  return {
    rule: 'unused-suppression',
    severity: 'warning',
    confidence: 'high',
    file,
    line,
    column,
    symbol: null,
    symbolLine: line,
    kind: 'file',
    message: hasReason
      ? `This comment takes away ${rule}, which is not found here`
      : `This comment takes ${rule} away without a reason`,
    why: 'A comment that is left over hides the next defect at its place',
    fix: hasReason ? 'Remove it' : `Say why, behind a colon: postern-ignore ${rule}: the reason`,
    trace: [],
  }
}
