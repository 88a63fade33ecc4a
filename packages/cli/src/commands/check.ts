import { existsSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { audit } from '../audit.js'
import { changedFiles } from '../changed-files.js'
import { UsageError } from '../errors.js'
import type { Inquiry } from '../facts/read-project.js'
import { readTree, type Tree } from '../facts/source/read-tree.js'
import { fix } from '../fix.js'
import type { Finding, Report } from '../finding.js'
import { nearest } from '../nearest.js'
import type { Context } from '../project/context.js'
import { readBaseline, writeBaseline } from '../baseline.js'
import { checklistOf, checklistText } from '../report/checklist.js'
import { findingsAgent } from '../report/findings-agent.js'
import { findingsGithub } from '../report/findings-github.js'
import { findingsSarif } from '../report/findings-sarif.js'
import { findingsText } from '../report/findings-text.js'
import type { BookedRule } from '../rules/rule.js'
import { RULEBOOK } from '../rules/rulebook.js'
import { VERSION } from '../version.js'
import { writeAtomically } from '../write-atomically.js'

export interface CheckOptions {
  readonly format?: string
  readonly json?: boolean
  readonly changed?: boolean
  readonly rule?: readonly string[]
  readonly baseline?: string
  readonly writeBaseline?: string
  readonly checklist?: boolean
  readonly fix?: boolean
  readonly failOn?: string
}

const FORMATS = ['text', 'json', 'sarif', 'github', 'agent'] as const
type Format = (typeof FORMATS)[number]

/**
 * `postern check`: audits any TypeScript backend. It reads, and runs nothing of what it reads; it needs no project of ours.
 * Ends with 1 where something is found that is shown by the code alone.
 */
export async function check(context: Context, paths: readonly string[], options: CheckOptions): Promise<number> {
  const format = formatOf(options)
  const failing = failsOn(options.failOn)
  const rules = rulesOf(options.rule ?? [])
  const { terminal, cwd } = context
  assertDirectory(cwd)
  const wanted = paths.map((path) => pathInside(cwd, path))
  // Git looks while the tree is read.
  const changed = options.changed === true ? changedFiles(cwd) : undefined
  terminal.progress(`Reading ${cwd}`)
  // What is mended changes between two readings, and a survey does not.
  const survey = changed !== undefined && options.fix !== true ? context.surveyed?.(cwd) : undefined
  const tree = survey?.tree ?? readTree(cwd)
  wanted.push(...((await changed) ?? []))
  const known = options.baseline === undefined ? new Set() : await readBaseline(resolve(cwd, options.baseline))
  const isTold = within(wanted)
  // What is told at a route may be wrong in a helper: whoever asks for the helper is told too.
  const isWanted = ({ file, trace }: Finding) => [file, ...trace.map((call) => call.file)].some(isTold)
  const isLimited = paths.length > 0 || options.changed === true
  const inquiry = context.watch === undefined ? {} : { watch: context.watch }
  const isAsked = (finding: Finding) => !isLimited || isWanted(finding)
  const whole =
    options.fix === true
      ? await mend(tree, rules, (finding) => isAsked(finding) && !known.has(finding.fingerprint), inquiry)
      : await audit(tree, rules, isLimited ? { ...inquiry, isTold, survey } : inquiry)
  const asked = whole.findings.filter(isAsked)
  const suppressed = isLimited ? whole.suppressed.filter(isWanted) : whole.suppressed
  if (options.writeBaseline !== undefined) await writeBaseline(resolve(cwd, options.writeBaseline), asked)
  const report = { ...whole, suppressed, findings: asked.filter(({ fingerprint }) => !known.has(fingerprint)) }
  const textOf = (file: string) => {
    const read = tree.read(file)
    return 'text' in read ? read.text : undefined
  }
  if (options.checklist === true) {
    const lines = checklistOf(
      report.findings,
      rules.map(({ id }) => id),
    )
    terminal.print(
      format === 'json'
        ? JSON.stringify({ version: 1, checklist: lines }, null, 2)
        : checklistText(lines, terminal).join('\n'),
    )
  } else for (const line of written(report, format, textOf, context)) terminal.print(line)
  if (report.faults.length > 0) {
    terminal.note(`${report.faults.length} rules broke: that is our fault, and none of yours`)
    return 2
  }
  return options.writeBaseline === undefined && report.findings.some(failing) ? 1 : 0
}

/** Mends what is certain, writes it, and tells of what is left. */
async function mend(
  tree: Tree,
  rules: readonly BookedRule[],
  isMeant: (finding: Finding) => boolean,
  inquiry: Inquiry,
): Promise<Report> {
  const { report, texts, fixes } = await fix(tree, rules, isMeant, inquiry)
  for (const [path, text] of texts) {
    const before = tree.read(path)
    if ('text' in before) await writeAtomically(join(tree.root, path), before.text, text)
  }
  return { ...report, fixes }
}

const CONFIDENCES = ['high', 'medium', 'low'] as const

/** What ends the command with 1. What rests on a name or a guess fails nothing, unless somebody asks for it; what is only told never does. */
function failsOn(level = 'high'): (finding: Finding) => boolean {
  if (level === 'never') return () => false
  const least = CONFIDENCES.findIndex((one) => one === level)
  if (least === -1)
    throw new UsageError(`--fail-on knows no ${JSON.stringify(level)}`, `Take one of ${CONFIDENCES.join(', ')}, never`)
  return ({ confidence, severity }) => severity !== 'info' && CONFIDENCES.indexOf(confidence) <= least
}

function written(
  report: Report,
  format: Format,
  textOf: (file: string) => string | undefined,
  { terminal }: Context,
): string[] {
  switch (format) {
    case 'json':
      return [JSON.stringify(report, null, 2)]
    case 'sarif':
      return [JSON.stringify(findingsSarif(report, RULEBOOK, VERSION), null, 2)]
    case 'github':
      return findingsGithub(report.findings)
    case 'agent':
      return [findingsAgent(report.findings)]
    case 'text':
      return findingsText(report, textOf, terminal)
  }
}

function formatOf({ format, json }: CheckOptions): Format {
  if (format === undefined) return json === true ? 'json' : 'text'
  const known = FORMATS.find((one) => one === format)
  if (known !== undefined) return known
  throw new UsageError(`There is no format ${JSON.stringify(format)}`, `Take one of ${FORMATS.join(', ')}`)
}

function rulesOf(ids: readonly string[]): typeof RULEBOOK extends readonly (infer R)[] ? readonly R[] : never {
  if (ids.length === 0) return RULEBOOK
  return ids.map((id) => ruleNamed(id))
}

/** A rule of the rulebook. Throws a `UsageError` with the nearest name. */
export function ruleNamed(id: string): (typeof RULEBOOK)[number] {
  const found = RULEBOOK.find((one) => one.id === id)
  if (found !== undefined) return found
  const near = nearest(
    id,
    RULEBOOK.map((one) => one.id),
  )
  throw new UsageError(
    `There is no rule ${JSON.stringify(id)}`,
    near === undefined ? 'postern rules lists them' : `Did you mean ${near}? postern rules lists them all`,
  )
}

function assertDirectory(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return
  throw new UsageError(`${path} is no directory`, 'Name one that is there with --cwd')
}

/** Paths are told from the root, with `/`. */
function pathInside(cwd: string, path: string): string {
  const full = resolve(cwd, path)
  if (!existsSync(full)) throw new UsageError(`${path} is not there`, 'Name files or directories of the project')
  const inside = relative(cwd, full)
  if (inside.startsWith('..') || isAbsolute(inside))
    throw new UsageError(`${path} lies outside ${cwd}`, 'Name the directory to audit with --cwd')
  return inside.replaceAll('\\', '/')
}

/** Whether a path is one of these files, or stands below one of these directories; `''` is the root. */
function within(wanted: readonly string[]): (path: string) => boolean {
  const all = new Set(wanted)
  const isRoot = all.has('')
  return (path) => {
    if (isRoot || all.has(path)) return true
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      if (all.has(path.slice(0, at))) return true
    return false
  }
}
