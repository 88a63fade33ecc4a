import type { ActionError, ActionResult } from './action-result.js'
import type { ActionDemands, ActionDoes, ActionGiven, ActionOf } from './action-slots.js'
import { afterAction, revalidate } from './after-action.js'
import { assertRowNamed } from './action-input/assert-row-named.js'
import { takeArguments } from './action-input/take-arguments.js'
import type { Outcome, RouteParams } from './call.js'
import type { Schema } from './database/scope-types.js'
import { assertDatabaseFits } from './foreign-fits.js'
import { ENDPOINT_FACTS } from './handler.js'
import { type Revalidation, revalidationOf } from './host.js'
import { nameRoute } from './http/arrival.js'
import { requestIdOf } from './http/request-id.js'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Operation } from './operations.js'
import { type Answering, runPipeline } from './pipeline.js'
import { factsOfPlan, type Plan } from './plan.js'
import { planOf } from './plan-of.js'
import { type Problem, problems } from './problems.js'
import { type EndpointOptions, RUNTIME } from './runtime.js'
import { Judging } from './stages/validate.js'

/**
 * Makes a server action. First the slots (who may call, what comes in, whose row it is), then what is done: a paved
 * operation or a function, which is called only when every check has passed. What it wrote is kept where the function returns
 * or redirects; anything else that it throws undoes it.
 *
 * **Security:** whoever knows the page can call its actions with any arguments, bound ones among them.
 *
 * @example
 * export const createPost = action({ input: PostInput, revalidate: '/posts' }, create(posts))
 * export const publish = action({ input: Id, owns: posts }, ({ db, resource }) => db.posts.update(resource.id, { published: true }))
 */
export interface ActionConstructor<D extends Schema> {
  <const S, In, N = 'function', R = unknown>(
    slots: ActionDemands<S, D> & ActionGiven<S, D> & { readonly input?: StandardSchemaV1<In, unknown> },
    does: ActionDoes<S, N, R, D>,
  ): ActionOf<S, In, N, R, D>
}

type Does = Operation<never> | ((context: never) => unknown)

/** The constructor of actions for one backend. */
export function actionOf<D extends Schema>(options: EndpointOptions): ActionConstructor<D> {
  return ((slots: object, does: Does) => {
    const plan = planOf(slots, does, 'action')
    assertDatabaseFits(plan, options.database)
    const { ownership, unowned, schemas } = plan
    const param = ownership?.by === 'table' ? ownership.param : null
    assertRowNamed(schemas.input, { param, isSaid: ownership !== null || unowned !== null })
    const action = async (...args: unknown[]) => perform(plan, args, options)
    Object.assign(action, { [ENDPOINT_FACTS]: factsOfPlan(plan) })
    return Object.defineProperty(action, RUNTIME, { value: options })
  }) as ActionConstructor<D>
}

/** One call of an action: what can be expected to go wrong is answered. */
async function perform(plan: Plan, args: readonly unknown[], options: EndpointOptions): Promise<ActionResult<unknown>> {
  const host = options.host ?? refuseWithoutHost()
  const request = await host.request()
  if (plan.name !== null) nameRoute(request, plan.name)
  const telling = { requestId: requestIdOf(request, options), events: options.events, ms: options.requestTimeoutMs }
  const after = (work: () => Promise<void>) => afterAction(work, telling)
  const noted: Revalidation[] = []
  let input: unknown
  const answering: Answering<ActionResult<unknown>> = {
    validate: async () => {
      const judged = await judgedInput(plan, args, options)
      input = judged.input
      refuseUnguarded(plan, input)
      return {
        params: rowNamedBy(plan, input),
        ifMatch: null,
        input: judged,
        gives: { revalidate: (what: unknown) => void noted.push(revalidationOf(what)) },
        steering: (thrown) => host.steering(thrown),
      }
    },
    answer: async (outcome) => {
      const data = dataOf(outcome)
      await after(() => revalidate(plan, { noted, done: { data, input } }, host, telling))
      if (outcome.kind === 'steered') throw outcome.thrown
      return { data }
    },
    refuse: (refusal, { requestId }) => ({ error: errorOf(refusal, requestId) }),
    status: ({ error }) => (error === undefined ? 200 : problems[error.code].status),
    steering: (thrown) => host.steering(thrown),
  }
  try {
    return await runPipeline(plan, request, answering, options)
  } finally {
    await after(async () => {
      const renewed = options.authenticate.setCookies?.(request) ?? []
      if (renewed.length > 0) await host.setCookies(renewed)
    })
  }
}

function refuseWithoutHost(): never {
  throw new Error(
    'An action was called, and its backend knows no framework: createBackend({ …, host: next() }), with next from postern/next. ' +
      "In a test, call it inside app.as('alice').run(() => …)",
  )
}

/** Stage 2 for an action. */
async function judgedInput({ schemas, bind, does }: Plan, args: readonly unknown[], options: EndpointOptions) {
  const limits = { ...options.limits, maxBytes: options.maxBodyBytes }
  const isChange = does.kind === 'update'
  const value = await takeArguments(args, { schema: schemas.input, bind, isChange, limits })
  const judging = new Judging()
  if (schemas.input !== undefined) await judging.judge('input', schemas.input, value)
  return judging.passed()
}

/** What the schema's looks do not show. There is no boot at which it could be refused: types have asked where there are types. */
function refuseUnguarded({ ownership, unowned }: Plan, input: unknown): void {
  if (ownership !== null || unowned !== null || fieldOf(input, 'id') === undefined) return
  throw new TypeError('The input has an id and the action says none of owns, sees, unowned')
}

/** The row that the input names, as a path would. One that is not named is none that is there. */
function rowNamedBy({ ownership }: Plan, input: unknown): RouteParams {
  if (ownership === null) return {}
  const param = ownership.by === 'table' ? ownership.param : 'id'
  const id = fieldOf(input, param)
  return { [param]: typeof id === 'string' ? id : typeof id === 'number' || typeof id === 'bigint' ? String(id) : '' }
}

function fieldOf(input: unknown, name: string): unknown {
  const has = typeof input === 'object' && input !== null && Object.hasOwn(input, name)
  return has ? (input as Readonly<Record<string, unknown>>)[name] : undefined
}

/** Parsed again, so that nothing leaves but what JSON shows: the same as of an endpoint. */
function dataOf(outcome: Outcome): unknown {
  if (outcome.kind === 'json') return JSON.parse(outcome.json)
  return outcome.kind === 'empty' ? null : undefined
}

function errorOf({ code, detail, errors = [] }: Problem, requestId: string): ActionError {
  // A map, because a client names the fields of a record: an object has a `hasOwnProperty` before anybody gives it one.
  const said = new Map<string, string[]>()
  let message = detail ?? problems[code].title
  for (const error of errors) {
    const field = error.path.startsWith('input.') ? error.path.slice('input.'.length) : null
    if (field === null) message = error.message
    else said.set(field, [...(said.get(field) ?? []), error.message])
  }
  return { code, message, requestId, ...(said.size > 0 ? { fieldErrors: Object.fromEntries(said) } : {}) }
}
