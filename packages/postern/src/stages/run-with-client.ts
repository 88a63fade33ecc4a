import type { Call, Outcome } from '../call.js'
import { problemOfDatabaseError } from '../database/errors.js'
import { isConnectionLost } from '../database/foreign-errors.js'
import type { ForeignDatabase } from '../foreign-database.js'
import { isSafeMethod } from '../http/cross-site.js'
import { logOf } from '../log.js'
import { type Problem, problem } from '../problems.js'
import { orSteered } from './or-steered.js'
import { loadResource } from './own.js'
import { allowedValue, responseIn } from './respond-with.js'

/**
 * Stage 4 with a client of another library, or without any: the function is called when every check has passed, and whether
 * its statements stand or fall together is its own affair. There is no transaction here that could be taken back.
 */
export async function runWithClient(call: Call, { client }: ForeignDatabase): Promise<Outcome> {
  const { plan, principal, request, requestId, events, deadline } = call
  if (plan.does.kind !== 'function') throw new TypeError('A paved operation needs a database made by database()')
  const given = client === undefined ? {} : { db: client }
  const owned = plan.ownership?.by === 'function' ? { resource: await loadResource(plan.ownership, call, given) } : {}
  deadline.throwIfAborted()
  events.emit({ type: 'function.called', requestId })
  const context = {
    ...call.input,
    ...call.gives,
    ...owned,
    ...given,
    principal,
    log: logOf(events, requestId),
    request,
    get signal() {
      return deadline.signal
    },
    requestId,
  }
  const { run } = plan.does
  const done = await orSteered(call, () => orUnknown(call, async () => run(context as never)))
  if ('thrown' in done) return { kind: 'steered', thrown: done.thrown }
  const { value } = done
  const response = responseIn(plan, value)
  if (response !== undefined) return { kind: 'response', response }
  if (value === undefined || value === null) return { kind: 'empty' }
  return { kind: 'json', json: await allowedValue(plan, value), created: false }
}

/**
 * What the function comes to. Where it writes, and the time is up or the connection was lost under it, nobody knows whether
 * it did: "did not happen" and "try again" may both be lies.
 */
async function orUnknown({ request, deadline }: Call, run: () => Promise<unknown>): Promise<unknown> {
  if (isSafeMethod(request.method)) return run()
  let giveUp: (() => void) | undefined
  const interrupted = new Promise<never>((_, reject) => {
    giveUp = () => reject(unknown(deadline.reason))
    deadline.addEventListener('abort', giveUp)
  })
  try {
    return await Promise.race([run(), interrupted])
  } catch (error) {
    const isLost = problemOfDatabaseError(error)?.code === 'unavailable' && isConnectionLost(error)
    throw isLost ? unknown(error) : error
  } finally {
    if (giveUp !== undefined) deadline.removeEventListener('abort', giveUp)
  }
}

function unknown(cause: unknown): Problem {
  return problem('outcome-unknown', undefined, { cause })
}
