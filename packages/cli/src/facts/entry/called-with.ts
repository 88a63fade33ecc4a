import { callValue, follow } from '../trace/call.js'
import type { Spot, Value } from '../trace/model.js'
import type { EntryPoint } from './entry-point.js'

/** A call of a handler with these arguments. A function is followed as itself: nothing called it that has a place. */
export function calledWith(handler: Value, args: readonly Value[], spot: Spot): EntryPoint['follow'] {
  return (walker) =>
    void (handler.kind === 'function'
      ? follow(walker, handler, args, null)
      : callValue(walker, handler, args, { spot }))
}
