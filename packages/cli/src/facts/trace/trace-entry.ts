import type { EntryPoint } from '../entry/entry-point.js'
import type { TracedEntry } from './traced-entry.js'
import { type Meanings, Walker } from './walker.js'

/** Follows an entry point from its call to its last answer. */
export function traceEntry(entry: EntryPoint, meanings: Meanings): TracedEntry {
  const walker = new Walker(meanings)
  // What an action returns goes to the client, as does what a handler of Fastify returns.
  if (entry.kind === 'action' || entry.framework === 'fastify') walker.returnsAnswers()
  let isCut = false
  try {
    entry.follow(walker)
  } catch (error) {
    // Code that nests deeper than the stack: what was found out until there stands, and is told as a part.
    if (!(error instanceof RangeError)) throw error
    isCut = true
  }
  isCut ||= walker.isSpent
  // Of a catch that was not read to its end nothing can be said to be missing in it.
  const catches = isCut ? [] : walker.catches
  const isFollowed = !walker.isPartial && !isCut
  return { entry, facts: walker.facts, catches, isFollowed, isWhole: isFollowed && !walker.isGuardUnsure }
}
