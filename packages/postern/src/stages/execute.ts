import type { Call, Outcome } from '../call.js'
import { RepeatedStatements } from '../database/repeated-statements.js'
import type { UnitMode } from '../database/unit.js'
import { isForeign } from '../foreign-database.js'
import { isSafeMethod } from '../http/cross-site.js'
import { runFunction } from './run-function.js'
import { runOnce } from './run-once.js'
import { runOperation } from './run-operation.js'
import { runWithClient } from './run-with-client.js'

/**
 * Stage 4: does what the endpoint is for, in the principal's scope, and makes it last only when the answer is known to be
 * fit to leave. What throws leaves nothing behind.
 */
export async function execute(call: Call): Promise<Outcome> {
  // A stage above may have ended after the time was up: what the client has been told did not happen must not begin.
  call.deadline.throwIfAborted()
  const { database } = call
  if (isForeign(database)) return runWithClient(call, database)
  const watch = call.strict ? new RepeatedStatements() : undefined
  const unit = database.unit({ mode: modeOf(call), signal: call.deadline, watch })
  // A function that never returns must not keep its connection: when the time is up, the transaction ends without it.
  const giveUp = () => void unit.close()
  call.deadline.addEventListener('abort', giveUp)
  try {
    const { does } = call.plan
    const run = () => (does.kind === 'function' ? runFunction(call, unit, does.run) : runOperation(call, unit, does))
    const { idempotency } = call
    if (idempotency !== undefined) return await runOnce(call, { unit, idempotency }, run)
    const outcome = await run()
    await unit.commit()
    return outcome
  } finally {
    call.deadline.removeEventListener('abort', giveUp)
    await unit.close()
    if (watch !== undefined) tellRepeated(call, watch)
  }
}

/** At the end of a request and not at its fourth time, because how often it was is what shows the loop. */
function tellRepeated({ events, requestId }: Call, watch: RepeatedStatements): void {
  for (const repeated of watch.found()) events.emit({ type: 'database.repeated', requestId, ...repeated })
}

/**
 * A GET can't write, whatever its slot says: nobody asks where a GET comes from, so a page of another site could make it
 * write. A paved write is one statement, so it is a transaction by itself, in one round trip; unless a schema must judge
 * its answer before it becomes final.
 */
function modeOf({ plan, request, idempotency }: Call): UnitMode {
  if (idempotency !== undefined) return 'request'
  const asked = plan.does.kind === 'function' ? plan.transaction : null
  if (isSafeMethod(request.method)) return asked === 'request' || asked === 'snapshot' ? 'snapshot' : 'read'
  if (asked !== null) return asked
  return plan.does.kind === 'function' || plan.response !== null ? 'request' : 'statement'
}
