import type { Call, Outcome, RouteParams } from './call.js'
import { identityOf } from './database/identity.js'
import { Deadline } from './deadline.js'
import type { Events } from './events.js'
import type { Steering } from './host.js'
import { requestIdOf } from './http/request-id.js'
import type { Plan } from './plan.js'
import type { Principal } from './principal.js'
import { isProblem, type Problem, type ProblemCode, problem } from './problems.js'
import type { EndpointOptions } from './runtime.js'
import { authenticate } from './stages/authenticate.js'
import { execute } from './stages/execute.js'
import { limitRate } from './stages/limit-rate.js'
import { refusalOf } from './stages/respond.js'
import { organizationNamed } from './stages/validate.js'
import { tellReceived } from './tell-received.js'

/** Who called, kept outside the stages so that a refusal half-way can still be told with its principal. */
export interface Caller {
  principal: Principal | null
  /** The body is being read: what takes too long now is the client’s doing, and no failure of ours: 408, not 504. */
  sends: boolean
  /** What every answer carries, whatever becomes of the request. */
  fields: readonly (readonly [string, string])[]
}

/** A request that has come, before anything is known of it. */
export interface Arrived extends Pick<Call, 'plan' | 'request' | 'requestId' | 'deadline'> {
  readonly caller: Caller
}

/** What can be called, as far as kinds of it differ: how input is read, and what an answer is. */
export interface Answering<T> {
  /** The path's dynamic segments, before anything else is looked at. */
  readonly params?: () => Promise<RouteParams>
  /** Stage 2, and what of a call it decides. */
  readonly validate: (arrived: Arrived, params: RouteParams) => Promise<Validated>
  readonly answer: (outcome: Outcome, arrived: Arrived) => T | Promise<T>
  readonly refuse: (refusal: Problem, arrived: Arrived) => T
  readonly status: (answer: T) => number
  /** Whether what was thrown is a framework’s control flow, which is no refusal and flies on. */
  readonly steering?: (thrown: unknown) => Promise<Steering | undefined>
}

/** The part of a call that its input decides. */
export type Validated = Pick<Call, 'params' | 'input' | 'ifMatch'> &
  Partial<Pick<Call, 'idempotency' | 'gives' | 'steering'>>

const NO_FIELDS: Caller['fields'] = []

/** One request from its arrival to its answer: what goes wrong becomes a refusal, and both ends of it are told. */
export async function runPipeline<T>(
  plan: Plan,
  request: Request,
  answering: Answering<T>,
  options: EndpointOptions,
): Promise<T> {
  const { events, trustProxy } = options
  const requestId = requestIdOf(request, { trustProxy })
  const tellAnswered = events.areHeard ? tellReceived(request, requestId, trustProxy, events) : undefined
  const caller: Caller = { principal: null, sends: false, fields: NO_FIELDS }
  const deadline = new Deadline(options.requestTimeoutMs, request)
  const arrived: Arrived = { plan, request, requestId, deadline, caller }
  let answer: T
  let code: ProblemCode | null = null
  try {
    answer = await answering.answer(await deadline.limit(runStages(arrived, answering, options)), arrived)
  } catch (thrown) {
    const steering = await answering.steering?.(thrown)
    if (steering !== undefined) {
      tellAnswered?.(steering.status, caller.principal?.id ?? null, null)
      throw steering.thrown
    }
    const refusal = refusalTold(thrown, arrived, events)
    code = refusal.code
    answer = answering.refuse(refusal, arrived)
  }
  tellAnswered?.(answering.status(answer), caller.principal?.id ?? null, code)
  return answer
}

/** The stages, in the only order there is: nothing of a stage runs before the one above it has passed. */
async function runStages(
  arrived: Arrived,
  { params: open, validate }: Pick<Answering<unknown>, 'params' | 'validate'>,
  options: EndpointOptions,
): Promise<Outcome> {
  const { plan, request, requestId, deadline, caller } = arrived
  const params: RouteParams = open === undefined ? {} : await open()
  const principal = await authenticate(request, plan, options)
  caller.principal = principal
  if (plan.rateLimit !== null) {
    const { trustProxy } = options
    caller.fields = await limitRate(plan.rateLimit, { request, params, principal, deadline, trustProxy })
  }
  const validated = await validate(arrived, params)
  const identity = identityOf(principal, organizationNamed(request))
  const { database, events, strict, jobs } = options
  const home = { database, events, strict, enqueue: jobs?.enqueue }
  return execute({ plan, request, requestId, deadline, principal, identity, ...validated, ...home })
}

/** What an error becomes for the client; the log hears all of it. */
function refusalTold(thrown: unknown, { requestId, deadline, caller }: Arrived, events: Events): Problem {
  const error = caller.sends && isTimeout(thrown) ? problem('request-timeout') : thrown
  const isAbandoned = deadline.abandoned
  // Nobody reads this answer; the log must not call it a fault of ours.
  const refusal = isAbandoned ? problem('unavailable') : refusalOf(error)
  if (isAbandoned) events.emit({ type: 'request.abandoned', requestId })
  else report(refusal, error, requestId, caller, events)
  return refusal
}

function isTimeout(error: unknown): boolean {
  return isProblem(error) && error.code === 'timeout'
}

function report(refusal: Problem, error: unknown, requestId: string, { principal }: Caller, events: Events): void {
  events.emit({ type: 'request.refused', requestId, code: refusal.code, principalId: principal?.id ?? null })
  // What was thrown on purpose is told by its code; anything that had to be translated goes to the log whole.
  if (refusal.code === 'internal' || refusal !== error) events.emit({ type: 'request.failed', requestId, error })
}
