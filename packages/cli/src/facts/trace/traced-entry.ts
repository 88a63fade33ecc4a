import type { Catch, Fact } from './model.js'
import type { EntryPoint } from '../entry/entry-point.js'

/** An entry point, and what it does in the order in which it does it. */
export interface TracedEntry {
  readonly entry: EntryPoint
  readonly facts: readonly Fact[]
  readonly catches: readonly Catch[]
  /** Whether all that it does could be followed. */
  readonly isFollowed: boolean
  /** The same, and all that stands before it and may refuse whoever comes. */
  readonly isWhole: boolean
}
