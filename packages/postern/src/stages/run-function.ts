import type { Call, Outcome } from '../call.js'
import { revive } from '../database/paved/revive.js'
import { selectRow } from '../database/paved/select-row.js'
import { Unawaited } from '../database/pending.js'
import { scopeOf } from '../database/scope.js'
import { runInUnit } from '../database/unit-store.js'
import type { Unit } from '../database/unit.js'
import { logOf } from '../log.js'
import { problem } from '../problems.js'
import { loadResource, rowNamed } from './own.js'
import { allowedValue, isResponse } from './respond-with.js'

/** A function: called when every check has passed and not before, with the row it asked for already loaded. */
export async function runFunction(call: Call, unit: Unit, run: (context: never) => unknown): Promise<Outcome> {
  const { identity, requestId, events } = call
  const unawaited = new Unawaited(call.strict)
  const created = new WeakSet<object>()
  const onService = (reason: string) => events.emit({ type: 'service.entered', requestId, reason })
  const db = scopeOf({ schema: call.database.schema, unit, identity, unawaited, created, onService })
  return runInUnit(unit, async () => {
    const context = {
      ...call.input,
      ...(await resourceOf(call, unit)),
      principal: call.principal,
      db,
      log: logOf(events, requestId),
      request: call.request,
      signal: call.signal,
      requestId,
    }
    // Loading the resource from another store may have taken longer than the request had.
    call.signal.throwIfAborted()
    events.emit({ type: 'function.called', requestId })
    const value = await run(context as never)
    refuseForgotten(call, unawaited)
    if (isResponse(value)) return { kind: 'response', response: value }
    if (value === undefined || value === null) return { kind: 'empty' }
    const isCreated = typeof value === 'object' && created.has(value)
    const id = isCreated && call.plan.ownership === null ? (value as { id?: string }).id : undefined
    return { kind: 'json', json: await allowedValue(call.plan, value), created: isCreated, id }
  })
}

/**
 * `owns` in a transaction that writes locks the row, so that what the function sees stays true until it is done; where
 * nothing can be locked, the write rule is part of the question.
 */
async function resourceOf(call: Call, unit: Unit): Promise<{ resource: unknown } | object> {
  const { ownership } = call.plan
  if (ownership === null) return {}
  if (ownership.by === 'function') {
    const { principal, params, request, signal } = call
    return { resource: await loadResource(ownership, { principal, params, request, signal }) }
  }
  const match = rowNamed(ownership, call.params)
  const demand = ownership.demand === 'sees' ? 'see' : unit.mode === 'request' ? 'lock' : 'own'
  const text = (await unit.run(call.identity, selectRow(ownership.facts, match, demand))).rows[0]?.[0]
  if (text == null) throw problem('not-found')
  return { resource: revive(ownership.facts, text) }
}

/** An operation that nobody awaited did not run: a bug to fail on while it is being written, and to hear of later. */
function refuseForgotten({ strict, events, requestId }: Call, unawaited: Unawaited): void {
  const forgotten = unawaited.forgotten()
  if (forgotten.length === 0) return
  if (strict) throw new Error(`${forgotten.join('; ')}. Await it, or return it.`)
  for (const message of forgotten) events.emit({ type: 'log', requestId, level: 'error', message })
}
