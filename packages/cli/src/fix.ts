import { examine } from './audit.js'
import { SourceFile } from './facts/source/source-file.js'
import { isCode, type Tree } from './facts/source/read-tree.js'
import type { Inquiry } from './facts/read-project.js'
import type { Finding, Fix, Report } from './finding.js'
import type { BookedRule, Edit } from './rules/rule.js'

/** What mending has come to: nothing is written yet. */
export interface Mended {
  /** Of the tree as it would be. */
  readonly report: Report
  /** The new texts of files, by their paths. */
  readonly texts: ReadonlyMap<string, string>
  readonly fixes: readonly Fix[]
}

/**
 * Mends what is certain of the findings that are meant. Each fix is tried on a copy in memory, which is audited again: it is kept
 * only where its file parses, its finding is gone and nothing new is found.
 */
export async function fix(
  tree: Tree,
  rules: readonly BookedRule[],
  isMeant: (finding: Finding) => boolean,
  inquiry?: Inquiry,
): Promise<Mended> {
  const before = await examine(tree, rules, inquiry)
  const dropped: Fix[] = []
  const drop = (one: Candidate, reason: string) => void dropped.push(toFix(one, reason))
  let kept = apart(candidatesOf(before.report.findings.filter(isMeant), before.edits), drop)
  let { report } = before
  let texts: ReadonlyMap<string, string> = new Map()
  // Each round drops at least one, or is the last.
  while (kept.length > 0) {
    texts = textsOf(kept)
    const broken = new Set(
      [...texts]
        .filter(([path, text]) => isCode(path) && new SourceFile(path, text).fault !== undefined)
        .map(([path]) => path),
    )
    const after = broken.size > 0 ? undefined : (await examine(overlaid(tree, texts), rules, inquiry)).report
    const reasonOf = after === undefined ? parsing(broken) : worsening(before.report, after, kept)
    if (reasonOf === undefined && after !== undefined) {
      report = after
      break
    }
    kept = kept.filter((one) => {
      const reason = reasonOf?.(one)
      if (reason !== undefined) drop(one, reason)
      return reason === undefined
    })
  }
  if (kept.length === 0) texts = new Map()
  return { report, texts, fixes: [...kept.map((one) => toFix(one, null)), ...dropped] }
}

interface Candidate {
  readonly finding: Finding
  readonly edits: readonly Edit[]
}

function candidatesOf(
  findings: readonly Finding[],
  editsOf: ReadonlyMap<string, () => readonly Edit[] | undefined>,
): Candidate[] {
  return findings.flatMap((finding) => {
    const edits = editsOf.get(finding.fingerprint)?.()
    return edits === undefined || edits.length === 0 ? [] : [{ finding, edits }]
  })
}

/** Without those that would change what another changes; the same change twice is one. */
function apart(candidates: readonly Candidate[], drop: (one: Candidate, reason: string) => void): Candidate[] {
  const taken: Edit[] = []
  return candidates.filter((one) => {
    if (one.edits.some((edit) => taken.some((other) => isInTheWay(edit, other)))) {
      drop(one, 'another fix changes the same place: run it again')
      return false
    }
    taken.push(...one.edits)
    return true
  })
}

function isInTheWay(a: Edit, b: Edit): boolean {
  if (a.file !== b.file || isSame(a, b)) return false
  // Two that only insert at one place would have an order that nobody has said.
  const areInsertions = a.start === a.end && b.start === b.end
  return areInsertions ? a.start === b.start : a.start < b.end && b.start < a.end
}

const isSame = (a: Edit, b: Edit) => a.start === b.start && a.end === b.end && a.text === b.text

function textsOf(candidates: readonly Candidate[]): Map<string, string> {
  const byFile = new Map<SourceFile, Edit[]>()
  for (const edit of candidates.flatMap(({ edits }) => edits)) {
    const others = byFile.get(edit.file) ?? []
    if (!others.some((other) => isSame(edit, other))) byFile.set(edit.file, [...others, edit])
  }
  return new Map([...byFile].map(([file, edits]) => [file.path, edited(file.text, edits)]))
}

function edited(text: string, edits: readonly Edit[]): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  // From the end, so that places before stay where they are; what is inserted stands before what is replaced there.
  const inOrder = edits.toSorted((a, b) => b.start - a.start || b.end - a.end)
  return inOrder.reduce(
    (all, { start, end, text: said }) => all.slice(0, start) + said.replaceAll(/\r?\n/g, newline) + all.slice(end),
    text,
  )
}

function overlaid(tree: Tree, texts: ReadonlyMap<string, string>): Tree {
  return {
    ...tree,
    read: (path) => {
      const text = texts.get(path)
      return text === undefined ? tree.read(path) : { text }
    },
  }
}

type Reason = (one: Candidate) => string | undefined

function parsing(broken: ReadonlySet<string>): Reason {
  return ({ edits }) => (edits.some(({ file }) => broken.has(file.path)) ? 'its file would not parse' : undefined)
}

/** Why some of them are not kept; `undefined` where all may be. */
function worsening(before: Report, after: Report, kept: readonly Candidate[]): Reason | undefined {
  const there = counted(before.findings)
  for (const { finding } of kept) there.set(keyOf(finding), (there.get(keyOf(finding)) ?? 0) - 1)
  const more = [...counted(after.findings)].filter(([key, count]) => count > (there.get(key) ?? 0))
  if (more.length === 0 && after.faults.length <= before.faults.length) return undefined
  const stays = new Set(more.map(([key]) => key))
  const owners = kept.filter(({ finding }) => stays.has(keyOf(finding)))
  if (owners.length > 0) return (one) => (owners.includes(one) ? 'its finding would still be there' : undefined)
  const news = more.map(([key]) => JSON.parse(key) as [rule: string, file: string, symbol: string | null])
  const causes = kept.filter(({ finding, edits }) =>
    news.some(([, file]) => file === finding.file || edits.some((edit) => edit.file.path === file)),
  )
  const reason = `${[...new Set(news.map(([rule]) => rule))].join(' and ')} would be found then`
  return (one) => (causes.length === 0 || causes.includes(one) ? reason : undefined)
}

/** By what lines that move and texts that change leave as it was. */
function keyOf({ rule, file, symbol }: Finding): string {
  return JSON.stringify([rule, file, symbol])
}

function counted(findings: readonly Finding[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const finding of findings) counts.set(keyOf(finding), (counts.get(keyOf(finding)) ?? 0) + 1)
  return counts
}

function toFix({ finding: { rule, file, line, fingerprint } }: Candidate, reason: string | null): Fix {
  return { rule, file, line, fingerprint, isFixed: reason === null, reason }
}
