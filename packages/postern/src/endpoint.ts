import type { Call, Outcome, RouteParams } from './call.js'
import { identityOf } from './database/identity.js'
import type { Schema } from './database/scope-types.js'
import { Deadline } from './deadline.js'
import type { Events } from './events.js'
import { formOf } from './form/form-slot.js'
import { assertDatabaseFits } from './foreign-fits.js'
import { ENDPOINT_FACTS, type Handler, type RouteContext } from './handler.js'
import { arrivalOf } from './http/arrival.js'
import { applyCors } from './http/cors.js'
import { isSafeMethod } from './http/cross-site.js'
import { idempotencyKeyOf } from './http/idempotency-key.js'
import { pathnameOf } from './http/pathname.js'
import { requestIdOf } from './http/request-id.js'
import type { OperationRefusal } from './operation-refusal.js'
import type { Operation } from './operations.js'
import { factsOfPlan, type Plan } from './plan.js'
import { planOf } from './plan-of.js'
import type { Principal } from './principal.js'
import { isProblem, type Problem, type ProblemCode, problem } from './problems.js'
import { type EndpointOptions, RUNTIME } from './runtime.js'
import type { Context, Demands, Given } from './slots.js'
import { authenticate } from './stages/authenticate.js'
import { execute } from './stages/execute.js'
import { refusalOf, respond, respondToProblem } from './stages/respond.js'
import { limitRate } from './stages/limit-rate.js'
import { organizationNamed, validate } from './stages/validate.js'
import { versionAsked } from './stages/version-asked.js'

/**
 * Makes the handler of one method on one path. First the slots (who may call, what comes in, whose row it is), then what
 * is done: a paved operation or a function, which is called only when every check has passed.
 *
 * @example
 * export const PATCH = endpoint({ owns: invoices, body: patchOf(InvoiceInput) }, update())
 * export const POST = endpoint({ owns: invoices, body: SendInput }, ({ db, resource }) => db.invoices.update(resource.id, { status: 'sent' }))
 */
export interface Endpoint<D extends Schema> {
  <const S, N = 'function'>(slots: Demands<S, D> & Given<S, D>, does: Does<S, N, D>): Handler
}

/** A paved operation that the slots can feed, or a function. What does not go together is refused by a sentence. */
export type Does<S, N, D extends Schema> = [N] extends ['function']
  ? (context: Context<S, D>) => unknown
  : [OperationRefusal<N, S, D>] extends [never]
    ? Operation<N>
    : OperationRefusal<N, S, D>

/** The constructor of endpoints for one backend. */
export function endpointOf<D extends Schema>(options: EndpointOptions): Endpoint<D> {
  return ((slots: object, does: Operation<never> | ((context: never) => unknown)) => {
    const plan = planOf(slots, does)
    assertDatabaseFits(plan, options.database)
    const handler: Handler = (request, context) => answer(plan, request, context, options)
    Object.assign(handler, { [ENDPOINT_FACTS]: factsOfPlan(plan) })
    return Object.defineProperty(handler, RUNTIME, { value: options })
  }) as Endpoint<D>
}

/** One request from its arrival to its answer: it never throws, and both ends of it are told. */
async function answer(
  plan: Plan,
  request: Request,
  context: RouteContext | undefined,
  options: EndpointOptions,
): Promise<Response> {
  const { events, trustProxy } = options
  const requestId = requestIdOf(request, { trustProxy })
  const tellAnswered = events.areHeard ? tellReceived(request, requestId, trustProxy, events) : undefined
  const caller: Caller = { principal: null, sends: false, fields: NO_FIELDS }
  const deadline = new Deadline(options.requestTimeoutMs, request)
  let response: Response
  let code: ProblemCode | null = null
  try {
    const outcome = await deadline.limit(runStages({ plan, request, requestId, deadline }, context, caller, options))
    response = respond(outcome, plan, { request, requestId, trustProxy, principal: caller.principal })
  } catch (thrown) {
    const error = caller.sends && isTimeout(thrown) ? problem('request-timeout') : thrown
    const isAbandoned = deadline.abandoned
    // Nobody reads this answer; the log must not call it a fault of ours.
    const refusal = isAbandoned ? problem('unavailable') : refusalOf(error)
    if (isAbandoned) events.emit({ type: 'request.abandoned', requestId })
    else report(refusal, error, requestId, caller, events)
    code = refusal.code
    response = respondToProblem(refusal, { request, requestId, trustProxy })
  }
  if (options.cors !== null) applyCors(response.headers, request, options.cors)
  for (const [name, value] of caller.fields) response.headers.set(name, value)
  sendCookies(response, options.authenticate.setCookies?.(request))
  tellAnswered?.(response.status, caller.principal, code)
  return response
}

/** Tells both ends of a request; the answer tells the second. */
function tellReceived(request: Request, requestId: string, trustProxy: number, events: Events) {
  const seen = { requestId, method: request.method, path: pathnameOf(request.url) }
  const started = performance.now()
  events.emit({ type: 'request.received', ...seen, ...arrivalOf(request, trustProxy) })
  return (status: number, principal: Principal | null, code: ProblemCode | null) => {
    const ms = performance.now() - started
    events.emit({ type: 'request.answered', ...seen, status, ms, principalId: principal?.id ?? null, code })
  }
}

/** Who called, kept outside the stages so that a refusal half-way can still be told with its principal. */
interface Caller {
  principal: Principal | null
  /** The body is being read: what takes too long now is the client’s doing, and no failure of ours: 408, not 504. */
  sends: boolean
  /** What every answer carries, whatever becomes of the request. */
  fields: readonly (readonly [string, string])[]
}

const NO_FIELDS: Caller['fields'] = []

type Arrived = Pick<Call, 'plan' | 'request' | 'requestId' | 'deadline'>

/** The stages, in the only order there is: nothing of a stage runs before the one above it has passed. */
async function runStages(
  arrived: Arrived,
  context: RouteContext | undefined,
  caller: Caller,
  options: EndpointOptions,
): Promise<Outcome> {
  const { plan, request, requestId, deadline } = arrived
  const params: RouteParams = (await context?.params) ?? {}
  refuseUnguarded(plan, params)
  const principal = await authenticate(request, plan, options)
  caller.principal = principal
  if (plan.rateLimit !== null) {
    const { trustProxy } = options
    caller.fields = await limitRate(plan.rateLimit, { request, params, principal, deadline, trustProxy })
  }
  const ifMatch = versionAsked(request, plan)
  caller.sends = plan.schemas.body !== undefined || plan.idempotent !== null
  const idempotency = await idempotencyOf(request, plan, options)
  const input = await validate(request, params, plan, options.maxBodyBytes, options.limits)
  caller.sends = false
  const identity = identityOf(principal, organizationNamed(request))
  const { database, events, strict } = options
  return execute({
    plan,
    request,
    requestId,
    deadline,
    params,
    principal,
    identity,
    input,
    ifMatch,
    idempotency,
    database,
    events,
    strict,
  })
}

/** On what writes: a GET may be repeated anyway. Read before the body is. */
async function idempotencyOf(request: Request, { idempotent, schemas }: Plan, options: EndpointOptions) {
  if (idempotent === null || isSafeMethod(request.method)) return undefined
  const maxBodyBytes = options.maxBodyBytes + (formOf(schemas.body)?.fileBytes ?? 0)
  return idempotencyKeyOf(request, { required: idempotent.required, maxBodyBytes })
}

/** The standalone server refuses this at boot; a host that has no boot finds out on the first request. */
function refuseUnguarded(plan: Plan, params: RouteParams): void {
  if (plan.ownership !== null || plan.unowned !== null || Object.keys(params).length === 0) return
  throw new TypeError(
    `The path has [${Object.keys(params).join('], [')}] and the endpoint says none of owns, sees, unowned`,
  )
}

function isTimeout(error: unknown): boolean {
  return isProblem(error) && error.code === 'timeout'
}

function report(refusal: Problem, error: unknown, requestId: string, { principal }: Caller, events: Events): void {
  events.emit({ type: 'request.refused', requestId, code: refusal.code, principalId: principal?.id ?? null })
  // What was thrown on purpose is told by its code; anything that had to be translated goes to the log whole.
  if (refusal.code === 'internal' || refusal !== error) events.emit({ type: 'request.failed', requestId, error })
}

/** **Security:** an answer that renews somebody's session must never be kept by a cache and given to the next. */
function sendCookies(response: Response, cookies: readonly string[] | undefined): void {
  if (cookies === undefined || cookies.length === 0) return
  const { headers } = response
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  headers.set('cache-control', 'no-store')
}
