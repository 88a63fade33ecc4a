import { followCallback } from '../trace/call.js'
import type { FunctionValue, Value } from '../trace/model.js'
import { origin } from '../trace/origin.js'
import { from, object, UNDEFINED, UNKNOWN } from '../trace/value.js'
import { type Meaning, propertyOf } from './library.js'
import { SERVICE_SCOPE } from './postern-scope.js'

/** Its signature is verified over the bytes that came, its event is stored once, then what is for its type is called. */
export const webhook: Meaning = ({ value, walker, spot }) => {
  const [slots] = value.path.findLast(({ name, args }) => name === 'webhook' && args !== undefined)?.args ?? []
  const source = walker.note(spot, { fact: 'verify', library: 'postern', over: 'raw' })
  walker.learn(spot, [{ is: 'signature-holds', over: 'raw' }])
  const event = from(origin({ from: 'signed', name: '', source }))
  const id = { column: 'event', value: event }
  walker.note(spot, {
    fact: 'query',
    library: 'postern',
    does: 'upsert',
    table: 'postern.inbox',
    keys: [id],
    isOpaque: false,
    data: null,
    limit: null,
  })
  const given = object({ event, log: UNKNOWN, signal: UNKNOWN, idempotencyKey: UNKNOWN })
  const prepare = propertyOf(slots, 'prepare')
  const prepared = prepare === undefined ? UNDEFINED : followCallback(walker, prepare, [given], spot)
  const context = object({ ...Object.fromEntries(given.properties), prepared, db: SERVICE_SCOPE })
  for (const handle of handlersIn(propertyOf(slots, 'on'))) followCallback(walker, handle, [context], spot)
  return UNKNOWN
}

function handlersIn(on: Value | undefined): FunctionValue[] {
  if (on?.kind !== 'object') return []
  return [...on.properties.values()].flatMap((one) => {
    const handle = one.kind === 'object' ? propertyOf(one, 'handle') : one
    return handle?.kind === 'function' ? [handle] : []
  })
}
