import { looksLikeGuard } from '../trace/guard-name.js'
import { callValue } from '../trace/call.js'
import { memberOf } from '../trace/member.js'
import type { NativeFunction, Value } from '../trace/model.js'
import { madeOf } from '../trace/origin.js'
import { EXPRESS_REQUEST, EXPRESS_RESPONSE } from '../catalog/express.js'
import { from, literal, originsOf, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'
import { Variable } from '../trace/scope.js'
import { followChain } from './chain.js'
import { isNests, type Told } from './decorators.js'
import { nestContext } from './nest-context.js'
import type { NestRoute } from './nest-route.js'
import { followGuard, instanceOf } from './nest-guards.js'
import { standsBefore } from './nest-middleware.js'
import { nestArguments } from './nest-parameters.js'

/** Follows a route as NestJS runs it: middleware, guards, pipes over the parameters, and the method itself. */
export function followRequest(walker: Walker, route: NestRoute): void {
  const { app, ofClass, ofMethod, spot } = route
  walker.handed = new Variable(EXPRESS_REQUEST)
  walker.isGuardUnsure ||= app.isUnsure || [...ofClass, ...ofMethod].some(mayGuard)
  const before = app.middleware
    .filter((one) => standsBefore(one, route))
    .flatMap(({ handlers }) => handlers)
    .filter((one) => !isNeutral(one))
    .map((one) => middlewareOf(walker, one, route))
  const work: NativeFunction = {
    kind: 'native',
    name: route.name,
    call: () => {
      // Nothing of what stood in front is on the way that a finding tells.
      const { frame } = walker
      walker.frame = null
      serve(walker, route)
      walker.frame = frame
      return UNDEFINED
    },
  }
  const request = (): Value => walker.state.get(walker.handed!)
  followChain(walker, [...before, work], [EXPRESS_REQUEST, EXPRESS_RESPONSE], spot, ([, response], next) => [
    request(),
    response!,
    next,
  ])
}

/** Middleware that refuses nobody. */
const NEUTRAL =
  /^(?:helmet|cors|compression|morgan|body-parser|cookie-parser|express-session|cookie-session|express|passport|nocache|hpp|response-time|@nestjs\/.*|@willsoto\/.*|prom-client|nestjs-pino|pino-http|global)$/

function isNeutral(value: Value): boolean {
  return value.kind === 'library' && NEUTRAL.test(value.package)
}

function middlewareOf(walker: Walker, value: Value, { spot }: NestRoute): Value {
  if (value.kind !== 'class') return value
  return memberOf(walker, instanceOf(walker, value, spot), 'use', { isOptional: true, spot: null })
}

function serve(walker: Walker, route: NestRoute): void {
  const { app, ofClass, ofMethod, spot, name, controller } = route
  const context = nestContext(walker, ofMethod, ofClass)
  for (const guard of [...app.guards, ...toldBy(ofClass, 'UseGuards'), ...toldBy(ofMethod, 'UseGuards')]) {
    followGuard(walker, guard, context, spot)
    if (!walker.state.isReached) return
  }
  const interceptors = [
    ...app.interceptors,
    ...toldBy(ofClass, 'UseInterceptors'),
    ...toldBy(ofMethod, 'UseInterceptors'),
  ]
  walker.isGuardUnsure ||= interceptors.some(looksGuarding)
  const isRemade = interceptors.length > 0
  const args = nestArguments(walker, route, context)
  const self = walker.meanings.instance(controller, spot) ?? UNKNOWN
  const handler = memberOf(walker, self, name, { isOptional: true, spot: null })
  const hasResponse = [...ofMethod].some((one) => isNests(one, 'Render') || isNests(one, 'Redirect'))
  const { onAnswer } = walker
  // What an interceptor serializes may be less than what was found.
  walker.onAnswer = (value, at) => {
    if (hasResponse) return
    const body = isRemade ? from(...originsOf(value).map(madeOf)) : value
    walker.note(at, { fact: 'answer', status: literal(200), body })
  }
  callValue(walker, handler.kind === 'function' ? { ...handler, name: route.name } : handler, args, { spot })
  walker.onAnswer = onAnswer
}

function toldBy(said: readonly Told[], name: string): Value[] {
  return said
    .filter((one) => isNests(one, name))
    .flatMap(({ args }) => args)
    .flatMap((one) => (one.kind === 'list' ? one.items : [one]))
}

/** A decorator of a package that nobody has described, called like something that guards. */
function mayGuard({ package: name, name: own, value }: Told): boolean {
  if (name.startsWith('@nestjs/')) return false
  return (
    looksLikeGuard({ library: name, name: own }) ||
    value.path.some((step) => looksLikeGuard({ library: '', name: step.name }))
  )
}

function looksGuarding(value: Value): boolean {
  const name =
    value.kind === 'class' ? value.node.id?.name : value.kind === 'library' ? value.path.at(-1)?.name : undefined
  return name !== undefined && looksLikeGuard({ library: '', name })
}
