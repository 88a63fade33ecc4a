import type { Call, Outcome } from '../call.js'
import { logOf } from '../log.js'
import { orSteered } from './or-steered.js'
import { allowedValue, responseIn } from './respond-with.js'
import { withGetters } from './with-getters.js'

/** What a function came to: it returned, or steered its host and ended well. */
export type FunctionDone = Awaited<ReturnType<typeof orSteered>>

/** Calls the function with what every function gets, and `given`: what only some have. */
export async function callFunction(call: Call, given: object, run: (context: never) => unknown): Promise<FunctionDone> {
  const { principal, request, requestId, events, deadline } = call
  // Loading the row, from another store perhaps, may have taken longer than the request had.
  deadline.throwIfAborted()
  const known = { ...call.input, ...call.gives, ...given, principal, log: logOf(events, requestId), request, requestId }
  const context = withSignal(known, deadline)
  events.emit({ type: 'function.called', requestId })
  return orSteered(call, () => run(context as never))
}

/** Made only for those who look: it costs more than most functions do. */
const withSignal = withGetters<Call['deadline']>({ signal: (deadline) => deadline.signal })

/** What is known of a row that the function returned. */
type Known = Pick<Outcome & { kind: 'json' }, 'created' | 'id' | 'version'>

/** What came of it, of which no more leaves than the response slot allows. */
export async function outcomeOf(
  { plan }: Call,
  done: FunctionDone,
  knownOf: (value: object) => Known = () => ({ created: false }),
): Promise<Outcome> {
  if ('thrown' in done) return { kind: 'steered', thrown: done.thrown }
  const { value } = done
  const response = responseIn(plan, value)
  if (response !== undefined) return { kind: 'response', response }
  if (value === undefined || value === null) return { kind: 'empty' }
  const known = typeof value === 'object' ? knownOf(value) : { created: false }
  return { kind: 'json', json: await allowedValue(plan, value), ...known }
}
