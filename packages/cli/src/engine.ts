import type { Spot } from './facts/trace/model.js'
import type { ProjectFacts } from './facts/project-facts.js'
import type { Place } from './facts/source/source-file.js'
import { UNWATCHED, type Watch } from './facts/source/watch.js'
import type { TracedEntry } from './facts/trace/traced-entry.js'
import { isWebhook } from './facts/ask/public-by-nature.js'
import type { Finding, Report, TracedCall } from './finding.js'
import { fingerprints } from './fingerprint.js'
import type { BookedRule, Hit } from './rules/rule.js'

/** What mends a finding, by its fingerprint. */
export type EditsByFinding = ReadonlyMap<string, NonNullable<Hit['edits']>>

/** What the rules say of the facts: every finding, before anybody has taken one away. A rule that throws is our fault, and the others go on. */
export function judge(
  project: ProjectFacts,
  rules: readonly BookedRule[],
  watch: Watch = UNWATCHED,
): Pick<Report, 'findings' | 'faults'> & { readonly edits: EditsByFinding } {
  const found: [Omit<Finding, 'fingerprint'>, Hit][] = []
  const faults: { rule: string; error: string }[] = []
  for (const booked of rules) {
    const attempt = (work: () => void) => {
      try {
        work()
      } catch (error) {
        faults.push({ rule: booked.id, error: String((error as Error).stack ?? error) })
      }
    }
    const work = { of: 'rule', name: booked.id } as const
    const refused = watch.givenUp(work)
    if (refused !== undefined) {
      faults.push({ rule: booked.id, error: refused })
      continue
    }
    watch.during(work, () => {
      for (const traced of project.entries)
        attempt(() => {
          for (const hit of booked.rule.entry?.(traced, project) ?? [])
            found.push([toFinding(hit, booked, traced), hit])
        })
      attempt(() => {
        for (const hit of booked.rule.project?.(project) ?? []) found.push([toFinding(hit, booked, null), hit])
      })
    })
  }
  const distinct = [...new Map(found.map((one) => [keyOf(one[0]), one])).values()]
  distinct.sort(([a], [b]) => byPlace(a, b))
  const unmarked = distinct.map(([finding]) => finding)
  const findings = fingerprints(unmarked, (file) => project.source(file)?.text)
  return {
    findings,
    faults,
    edits: editsOf(
      findings,
      distinct.map(([, hit]) => hit),
    ),
  }
}

/** Of findings, and the hits that they were made of. */
export function editsOf(findings: readonly Finding[], hits: readonly Hit[]): EditsByFinding {
  return new Map(
    findings.flatMap(({ fingerprint }, index) => {
      const edits = hits[index]?.edits
      return edits === undefined ? [] : [[fingerprint, edits] as const]
    }),
  )
}

/** A hit as it is told, but for its mark. */
export function toFinding(
  hit: Hit,
  { id, rule, why }: BookedRule,
  traced: TracedEntry | null,
): Omit<Finding, 'fingerprint'> {
  const subject = hit.subject ?? null
  const declared = subject?.at ?? traced?.entry.spot ?? hit.at
  const door = placeOf(declared)
  const calls = [...(hit.trace ?? []), hit.at]
  // Told where it can be called: whoever reads that file is led to the place by the calls.
  const isHere = ({ file }: Spot) => file === declared.file
  const inside = isHere(hit.at) ? hit.at : calls.find(isHere)
  const here = inside ?? declared
  const { file, line, column } = placeOf(here)
  const { severity } = rule
  const { confidence, message, fix } = hit
  const kind = subject?.kind ?? kindOf(traced)
  const symbol = subject === null ? (traced?.entry.symbol ?? null) : subject.symbol
  // Calls inside one file lead nowhere that one does not see; what a table's finding points at is part of it.
  const trace = !isHere(hit.at) ? calls : traced === null ? (hit.trace ?? []) : []
  return {
    rule: id,
    severity,
    confidence,
    file,
    line,
    column,
    // Of what can be called only the beginning is meant.
    ...(inside === undefined ? {} : endOf(inside)),
    symbol,
    symbolLine: door.line,
    kind,
    message,
    why,
    fix,
    trace: trace.map(toCall),
  }
}

function kindOf(traced: TracedEntry | null): Finding['kind'] {
  if (traced === null) return 'file'
  return traced.entry.kind === 'endpoint' && isWebhook(traced.entry) ? 'webhook' : traced.entry.kind
}

function placeOf({ file, node }: Spot): Place {
  return file.placeOf(node.start)
}

function endOf({ file, node }: Spot): Pick<Finding, 'endLine' | 'endColumn'> {
  if (node.end <= node.start) return {}
  const { line, column } = file.placeOf(node.end)
  return { endLine: line, endColumn: column }
}

function toCall(spot: Spot): TracedCall {
  const text = spot.file.text.slice(spot.node.start, spot.node.end).replace(/\s+/g, ' ')
  return { ...placeOf(spot), text: text.length > 80 ? `${text.slice(0, 79)}…` : text }
}

/** A page and its layout may lead to one place, and so may two methods. */
function keyOf({ rule, file, line, column, symbol }: Omit<Finding, 'fingerprint'>): string {
  return JSON.stringify([rule, file, line, column, symbol])
}

function byPlace(a: Omit<Finding, 'fingerprint'>, b: Omit<Finding, 'fingerprint'>): number {
  return a.file < b.file
    ? -1
    : a.file > b.file
      ? 1
      : a.line - b.line || a.column - b.column || (a.rule < b.rule ? -1 : 1)
}
