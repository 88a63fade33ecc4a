/**
 * Hears of each piece of work before it begins. A parser that overflows its stack takes the process with it, and one that goes
 * on for ever can't be interrupted from inside: whoever watches from outside must know what it was busy with.
 */
export interface Watch {
  /** Does the work; while it lasts it is what a death would be blamed on. */
  readonly during: <T>(work: Work, run: () => T) => T
  /** Why it is not tried again. */
  readonly givenUp: (work: Work) => string | undefined
  /** Somebody has died more than once: what looks dangerous is not tried at all. */
  readonly isCareful: boolean
}

export interface Work {
  readonly of: 'file' | 'entry' | 'rule'
  /** The path of the file, the path of the entry point's, or the rule's id. */
  readonly name: string
}

/** Nobody watches: tests, and whoever trusts what is read. */
export const UNWATCHED: Watch = { during: (_, run) => run(), givenUp: () => undefined, isCareful: false }
