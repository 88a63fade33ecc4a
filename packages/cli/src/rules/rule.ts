import type { Spot } from '../facts/trace/model.js'
import type { EntryPoint } from '../facts/entry/entry-point.js'
import type { ProjectFacts } from '../facts/project-facts.js'
import type { SourceFile } from '../facts/source/source-file.js'
import type { TracedEntry } from '../facts/trace/traced-entry.js'

export type Severity = 'error' | 'warning' | 'info'

/** How sure it is. `high` is shown by the code alone; what rests on a name or a guess is less. */
export type Confidence = 'high' | 'medium' | 'low'

/** One rule of the rulebook: the folder's name is its id, and `rule.md` beside it says why, and shows it. */
export interface Rule {
  /** What is wrong where it speaks, in a few words. */
  readonly title: string
  readonly severity: Severity
  /** CWE and OWASP: `CWE-306`, `API2:2023`. */
  readonly references: readonly string[]
  /** Asks what one entry point does. */
  readonly entry?: (traced: TracedEntry, project: ProjectFacts) => Iterable<Hit>
  /** Asks of the whole: its tables and policies, its files. */
  readonly project?: (project: ProjectFacts) => Iterable<Hit>
  /** Asks of a comment that is there to take findings away. */
  readonly comment?: (comment: IdleComment) => Iterable<Hit>
}

/** A comment that takes nothing of one rule away: there is nothing, or it says no reason. */
export interface IdleComment {
  readonly at: Spot
  readonly rule: string
  readonly hasReason: boolean
}

/** A place where a rule speaks. */
export interface Hit {
  readonly at: Spot
  readonly confidence: Confidence
  /** What is wrong here, in one sentence that names what it is about. */
  readonly message: string
  /** What to do, in one sentence. */
  readonly fix: string
  /** The table or the query it is about; without it, it is the entry point's. */
  readonly subject?: Subject
  /** The calls from the entry point to the place. */
  readonly trace?: readonly Spot[]
  /** What mends it, where that is certain without knowing the app. Asked for only where somebody wants it mended. */
  readonly edits?: () => readonly Edit[] | undefined
}

/** A change of a file: what stands from `start` to `end` becomes `text`. */
export interface Edit {
  readonly file: SourceFile
  readonly start: number
  readonly end: number
  readonly text: string
}

export interface Subject {
  readonly kind: 'table' | 'query' | 'file'
  /** The table's name, or nothing where it is a file. */
  readonly symbol: string | null
  readonly at: Spot
}

/** A rule with what its folder says of it. */
export interface BookedRule {
  readonly id: string
  readonly rule: Rule
  readonly why: string
}

export type { EntryPoint }
