import type { RouteParams } from './call.js'
import type { Schema } from './database/scope-types.js'
import { formOf } from './form/form-slot.js'
import { assertDatabaseFits } from './foreign-fits.js'
import { ENDPOINT_FACTS, type Handler, type HandlerFunction, type RouteContext } from './handler.js'
import { applyCors } from './http/cors.js'
import { isSafeMethod } from './http/cross-site.js'
import { idempotencyKeyOf } from './http/idempotency-key.js'
import type { OperationRefusal } from './operation-refusal.js'
import type { Operation } from './operations.js'
import { factsOfPlan, type Plan } from './plan.js'
import { type Answering, type Arrived, runPipeline } from './pipeline.js'
import { planOf } from './plan-of.js'
import { type EndpointOptions, RUNTIME } from './runtime.js'
import type { Context, Demands, Given } from './slots.js'
import { respond, respondToProblem } from './stages/respond.js'
import { validate } from './stages/validate.js'
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
    const handler: HandlerFunction = (request, context) => answer(plan, request, context, options)
    Object.assign(handler, { [ENDPOINT_FACTS]: factsOfPlan(plan) })
    return Object.defineProperty(handler, RUNTIME, { value: options })
  }) as Endpoint<D>
}

/** One request: it never throws. */
function answer(
  plan: Plan,
  request: Request,
  context: RouteContext | undefined,
  options: EndpointOptions,
): Promise<Response> {
  const { trustProxy } = options
  const complete = (response: Response, { caller }: Arrived) => {
    if (options.cors !== null) applyCors(response.headers, request.headers.get('origin'), options.cors)
    for (const [name, value] of caller.fields) response.headers.set(name, value)
    sendCookies(response, options.authenticate.setCookies?.(request))
    return response
  }
  const answering: Answering<Response> = {
    params: async () => {
      const params: RouteParams = (await context?.params) ?? {}
      refuseUnguarded(plan, params)
      return params
    },
    validate: (arrived, params) => validated(arrived, params, options),
    answer: (outcome, arrived) => {
      const { requestId, caller } = arrived
      const { principal } = caller
      const { knownBy } = options.authenticate
      return complete(respond(outcome, plan, { request, requestId, trustProxy, principal, knownBy }), arrived)
    },
    refuse: (refusal, arrived) =>
      complete(respondToProblem(refusal, { request, requestId: arrived.requestId, trustProxy }), arrived),
    status: ({ status }) => status,
  }
  return runPipeline(plan, request, answering, options)
}

/** Stage 2 for a request: what its headers say of how it is meant, then what it carries. */
async function validated({ plan, request, caller }: Arrived, params: RouteParams, options: EndpointOptions) {
  const ifMatch = versionAsked(request, plan)
  caller.sends = plan.schemas.body !== undefined || plan.idempotent !== null
  const idempotency = await idempotencyOf(request, plan, options)
  const input = await validate(request, params, plan, options.maxBodyBytes, options.limits)
  caller.sends = false
  return { params, ifMatch, idempotency, input }
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

/** **Security:** an answer that renews somebody's session must never be kept by a cache and given to the next. */
function sendCookies(response: Response, cookies: readonly string[] | undefined): void {
  if (cookies === undefined || cookies.length === 0) return
  const { headers } = response
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  headers.set('cache-control', 'no-store')
}
