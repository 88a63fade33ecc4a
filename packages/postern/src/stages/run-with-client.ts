import type { Call, Outcome } from '../call.js'
import { problemOfDatabaseError } from '../database/errors.js'
import { isConnectionLost } from '../database/foreign-errors.js'
import type { ForeignDatabase } from '../foreign-database.js'
import { isSafeMethod } from '../http/cross-site.js'
import { type Problem, problem } from '../problems.js'
import { callFunction, outcomeOf } from './call-function.js'
import { loadResource } from './own.js'

/**
 * Stage 4 with a client of another library, or without any: the function is called when every check has passed, and whether
 * its statements stand or fall together is its own affair. There is no transaction here that could be taken back.
 */
export async function runWithClient(call: Call, { client }: ForeignDatabase): Promise<Outcome> {
  const { ownership, does } = call.plan
  if (does.kind !== 'function') throw new TypeError('A paved operation needs a database made by database()')
  const given = client === undefined ? {} : { db: client }
  const owned = ownership?.by === 'function' ? { resource: await loadResource(ownership, call, given) } : {}
  const run = (context: never) => orUnknown(call, async () => does.run(context))
  return outcomeOf(call, await callFunction(call, { ...owned, ...given }, run))
}

/**
 * What the function comes to. Where it writes, and the time is up or the connection was lost under it, nobody knows whether
 * it did: "did not happen" and "try again" may both be lies.
 */
async function orUnknown({ request, deadline }: Call, run: () => Promise<unknown>): Promise<unknown> {
  if (isSafeMethod(request.method)) return run()
  let giveUp!: () => void
  const interrupted = new Promise<never>((_, reject) => {
    giveUp = () => reject(unknown(deadline.reason))
  })
  deadline.addEventListener('abort', giveUp)
  try {
    return await Promise.race([run(), interrupted])
  } catch (error) {
    const isLost = problemOfDatabaseError(error)?.code === 'unavailable' && isConnectionLost(error)
    throw isLost ? unknown(error) : error
  } finally {
    deadline.removeEventListener('abort', giveUp)
  }
}

function unknown(cause: unknown): Problem {
  return problem('outcome-unknown', undefined, { cause })
}
