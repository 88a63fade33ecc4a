import { type EditsByFinding, editsOf, judge, toFinding } from './engine.js'
import type { BookedRule, Hit, IdleComment } from './rules/rule.js'
import { type Inquiry, readProject } from './facts/read-project.js'
import { isSource, type Tree } from './facts/source/read-tree.js'
import type { Finding, Report } from './finding.js'
import { fingerprints } from './fingerprint.js'
import { RULEBOOK } from './rules/rulebook.js'
import { suppress } from './suppress.js'

/** Reads a tree, asks every rule, and leaves out what comments say is meant so. Nothing of the tree is run. */
export async function audit(tree: Tree, rules: readonly BookedRule[], inquiry?: Inquiry): Promise<Report> {
  return (await examine(tree, rules, inquiry)).report
}

/** The same, with what would mend what was found. */
export async function examine(
  tree: Tree,
  rules: readonly BookedRule[],
  inquiry: Inquiry = {},
): Promise<{ readonly report: Report; readonly edits: EditsByFinding }> {
  const began = performance.now()
  const project = await readProject(tree, inquiry)
  const { findings, faults, edits } = judge(project, rules, inquiry.watch)
  // What can't be read is told of every file; what comments take away, only where something is told or was found.
  const readable = project.files.filter((path) => isSource(path) && project.isReadable(path))
  const found = new Set(findings.map(({ file }) => file))
  const sources = readable.flatMap((path) =>
    project.isTold(path) || found.has(path) ? (project.source(path) ?? []) : [],
  )
  const kept = suppress(findings, sources)
  // Of a rule that was not asked nothing can be said; a name that no rule has takes away nothing, ever.
  const silent = new Set(RULEBOOK.map(({ id }) => String(id)))
  for (const { id } of rules) silent.delete(id)
  const unused = kept.unused.filter(({ rule, hasReason }) => !silent.has(rule) || !hasReason)
  const about = unused.flatMap(aboutComment)
  const left = fingerprints(
    about.map(([finding]) => finding),
    (file) => project.source(file)?.text,
  )
  const report: Report = {
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
  const leftEdits = editsOf(
    left,
    about.map(([, hit]) => hit),
  )
  return { report, edits: new Map([...edits, ...leftEdits]) }
}

const LEFT_OVER = RULEBOOK.filter(({ rule }: BookedRule) => rule.comment !== undefined)

function aboutComment(comment: IdleComment): [Omit<Finding, 'fingerprint'>, Hit][] {
  return LEFT_OVER.flatMap((booked: BookedRule) =>
    [...(booked.rule.comment?.(comment) ?? [])].map((hit): [Omit<Finding, 'fingerprint'>, Hit] => [
      toFinding(hit, booked, null),
      hit,
    ]),
  )
}
