import type { Catch, Fact } from '../../facts/trace/model.js'
import { originsOf } from '../../facts/trace/value.js'
import type { Rule } from '../rule.js'
import { rethrowEdits } from './rethrow-edits.js'

/** A redirect is thrown, and the `try` around it catches it. */
export const rule: Rule = {
  title: 'A redirect is caught by the try around it, and leads nowhere',
  severity: 'error',
  references: ['CWE-705', 'CWE-396'],
  *entry({ facts, isFollowed }, project) {
    const told = new Set<Catch>()
    for (const fact of facts) {
      if (fact.fact !== 'steer' || fact.name === 'rethrow') continue
      const by = swallowerOf(fact)
      if (by === null || told.has(by)) continue
      told.add(by)
      yield {
        at: fact,
        confidence: isFollowed ? 'high' : 'medium',
        message: `${fact.name}() throws to do its work, and the catch of line ${by.file.placeOf(by.node.start).line} takes what it throws for an error: it ${fact.name === 'redirect' ? 'leads nowhere' : 'has no effect'}`,
        fix: `Call ${fact.name}() behind the try, or begin the catch with unstable_rethrow(error) of next/navigation`,
        trace: fact.via,
        edits: () => rethrowEdits(by, project),
      }
    }
  },
}

/** The first `catch` that does not throw on what it caught. */
function swallowerOf({ caughtBy, inCatch }: Fact): Catch | null {
  let at = inCatch === null ? caughtBy : inCatch.outer
  while (at !== null && passesOn(at)) at = at.outer
  return at
}

/** On some path, with whatever test before it: `if (isRedirectError(error)) throw error`. A new error in its place is no redirect. */
function passesOn(caught: Catch): boolean {
  return caught.facts.some((fact) => {
    if (fact.fact === 'steer') return fact.name === 'rethrow'
    if (fact.fact !== 'throw' || fact.value.kind === 'object') return false
    return originsOf(fact.value).length === 0 || originsOf(fact.value).some((one) => one.from === 'error')
  })
}
