import type { Confidence, Severity } from './rules/rule.js'

/** A defect that a rule has found, as it is told to people and machines. Lines and columns count from 1. */
export interface Finding {
  readonly rule: string
  readonly severity: Severity
  readonly confidence: Confidence
  /** From the root, with `/`. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** Where it ends, behind its last character: there where one place alone is meant. */
  readonly endLine?: number
  readonly endColumn?: number
  /** The exported name or the method of what can be called, or the table's name. */
  readonly symbol: string | null
  /** Where that is declared. */
  readonly symbolLine: number
  readonly kind: 'endpoint' | 'action' | 'page' | 'webhook' | 'table' | 'query' | 'file'
  readonly message: string
  readonly why: string
  readonly fix: string
  /** The same for the same defect, wherever its lines have moved to. */
  readonly fingerprint: string
  /** The way from what can be called to the defect, where it is elsewhere. */
  readonly trace: readonly TracedCall[]
}

export interface TracedCall {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly text: string
}

/** A finding that a comment has taken away, with its reason. */
export interface Suppressed extends Finding {
  readonly reason: string
}

/** What became of a finding that could be mended. */
export interface Fix {
  readonly rule: string
  /** Where the finding was, before. */
  readonly file: string
  readonly line: number
  readonly fingerprint: string
  readonly isFixed: boolean
  /** Why it is not; `null` where it is. */
  readonly reason: string | null
}

/** What one run has found. */
export interface Report {
  readonly version: 1
  readonly root: string
  readonly files: number
  readonly endpoints: number
  readonly ms: number
  readonly findings: readonly Finding[]
  readonly suppressed: readonly Suppressed[]
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[]
  /** Where it was asked to mend what is certain. */
  readonly fixes?: readonly Fix[]
  /** Rules that broke: our fault, and no finding. */
  readonly faults: readonly { readonly rule: string; readonly error: string }[]
}
