import type { Catch, Fact } from '../trace/model.js'

/** The `catch` that deals with what goes wrong there; `null` where it flies out of the entry point. */
export function handlerOf({ caughtBy, inCatch }: Fact): Catch | null {
  let at = inCatch === null ? caughtBy : inCatch.outer
  while (at !== null && at.alwaysThrows) at = at.outer
  return at
}
