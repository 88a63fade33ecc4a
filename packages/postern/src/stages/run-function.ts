import type { Call, Outcome } from '../call.js'
import { revive } from '../database/paved/revive.js'
import { selectRow } from '../database/paved/select-row.js'
import { Unawaited } from '../database/pending.js'
import { RowMarks } from '../database/row-marks.js'
import { scopeOf } from '../database/scope.js'
import { runInUnit } from '../database/unit-store.js'
import type { Unit } from '../database/unit.js'
import { problem } from '../problems.js'
import { callFunction, outcomeOf } from './call-function.js'
import { loadResource, rowNamed } from './own.js'

/** A function: called when every check has passed and not before, with the row it asked for already loaded. */
export async function runFunction(call: Call, unit: Unit, run: (context: never) => unknown): Promise<Outcome> {
  const { identity, principal, requestId, events } = call
  const unawaited = new Unawaited(call.strict)
  const marks = new RowMarks()
  const onService = (reason: string) => events.emit({ type: 'service.entered', requestId, reason })
  const enqueue = call.enqueue === undefined ? {} : { enqueue: call.enqueue }
  const db = scopeOf({
    schema: call.database.schema,
    unit,
    identity,
    principal,
    unawaited,
    marks,
    onService,
    ...enqueue,
  })
  return runInUnit(unit, async () => {
    const given = { ...(await resourceOf(call, unit, { db, marks })), db, defer: db.enqueue }
    const done = await callFunction(call, given, run)
    refuseForgotten(call, unawaited)
    return outcomeOf(call, done, (row) => {
      const isCreated = marks.isCreated(row)
      const id = isCreated && call.plan.ownership === null ? (row as { id?: string }).id : undefined
      // Only for a later If-Match: the function may have added to the row, so nothing says here that it is unchanged.
      return { created: isCreated, id, version: marks.versionOf(row) }
    })
  })
}

/**
 * `owns` in a transaction that writes locks the row, so that what the function sees stays true until it is done; where
 * nothing can be locked, the write rule is part of the question.
 */
async function resourceOf(
  call: Call,
  unit: Unit,
  { db, marks }: { readonly db: unknown; readonly marks: RowMarks },
): Promise<object> {
  const { ownership } = call.plan
  if (ownership === null) return {}
  if (ownership.by === 'function') return { resource: await loadResource(ownership, call, { db }) }
  const match = rowNamed(ownership, call.params)
  const demand = ownership.demand === 'sees' ? 'see' : unit.mode === 'request' ? 'lock' : 'own'
  const { statement, read } = selectRow(ownership.facts, match, demand)
  const found = read(await unit.run(call.identity, statement))
  if (found === undefined) throw problem('not-found')
  const { ifMatch } = call
  const isAsked =
    ifMatch === null || ifMatch === '*' || (found.version !== undefined && ifMatch.includes(found.version))
  if (!isAsked) throw problem('precondition-failed')
  const resource = revive(ownership.facts, found.json)
  marks.markVersion(resource, found.version)
  return { resource }
}

/** An operation that nobody awaited did not run: a bug to fail on while it is being written, and to hear of later. */
function refuseForgotten({ strict, events, requestId }: Call, unawaited: Unawaited): void {
  const forgotten = unawaited.forgotten()
  if (forgotten.length === 0) return
  if (strict) throw new Error(`${forgotten.join('; ')}. Await it, or return it.`)
  for (const message of forgotten) events.emit({ type: 'log', requestId, level: 'error', message })
}
