import type { Catch, Fact } from './model.js'
import type { EntryPoint } from '../entry/entry-point.js'

/** An entry point, and what it does in the order in which it does it. */
export interface TracedEntry {
  readonly entry: EntryPoint
  readonly facts: readonly Fact[]
  readonly catches: readonly Catch[]
  /** Whether all of it could be followed. */
  readonly isWhole: boolean
}
