import type { LibraryCall } from '../trace/walker.js'
import { callValue } from '../trace/call.js'
import type { Value } from '../trace/model.js'
import { memberOf } from '../trace/member.js'
import { assignTo } from '../trace/assign.js'
import { conditionsOf } from '../trace/truth.js'
import { casesOf, either, from, isNullish, literal, NULL, originsOf, UNKNOWN } from '../trace/value.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { environment } from './globals.js'
import { maybeSomeone, someone } from './meaning.js'

/**
 * A guard of passport's: where its strategy finds nobody it throws, unless the class has a `handleRequest` of its own, which then says
 * what becomes of it. Whom it found is on the request for whatever comes after.
 */
const canActivate: Meaning = (call) => {
  const { args, walker, spot } = call
  const who = handledBy(call) ?? (isForAnybody(call) ? maybeSomeone(call, 'passport') : someone(call, 'passport'))
  const http = callValue(walker, propertyOf(args[0], 'switchToHttp') ?? UNKNOWN, [], { spot })
  const request = callValue(walker, propertyOf(http, 'getRequest') ?? UNKNOWN, [], { spot })
  assignTo(walker, request, 'user', who)
  return walker.state.isReached ? literal(true) : UNKNOWN
}

/** By a `handleRequest(error, user, info)` that the class has itself. */
function handledBy(call: LibraryCall): Value | undefined {
  const { self, walker, spot, args } = call
  if (self?.kind !== 'object' || self.of === undefined) return undefined
  const own = memberOf(walker, self, 'handleRequest', { isOptional: true, spot: null })
  if (own.kind !== 'function') return undefined
  return callValue(walker, own, [NULL, maybeSomeone(call, 'passport'), UNKNOWN, args[0] ?? UNKNOWN], { spot })
}

/** `AuthGuard(['jwt', 'anonymous'])`. */
function isForAnybody({ value: { path } }: LibraryCall): boolean {
  const said = path.flatMap(({ args }) => args ?? []).flatMap((one) => (one.kind === 'list' ? one.items : [one]))
  return said.some((one) => textOf(one) === 'anonymous')
}

export const nestPassport: Library = {
  packages: ['@nestjs/passport'],
  calls: {
    '**.canActivate()': canActivate,
    // Without somebody it throws.
    '**.handleRequest()': ({ args: [, user = UNKNOWN], walker, spot }) => {
      walker.learn(spot, conditionsOf(user).holds)
      return either(casesOf(user).filter(({ value }) => !isNullish(value)))
    },
    '*': ({ value }) => value,
  },
}

const reads: Meaning = ({ args }) => from(...args.flatMap((arg) => originsOf(arg)))

export const nestJwt: Library = {
  packages: ['@nestjs/jwt'],
  calls: {
    'JwtService().verify()': (call) => someone(call, 'jwt'),
    'JwtService().verifyAsync()': (call) => someone(call, 'jwt'),
    'JwtService().decode()': reads,
    'JwtService().sign()': reads,
    'JwtService().signAsync()': reads,
  },
}

export const nestConfig: Library = {
  packages: ['@nestjs/config'],
  calls: {
    '**.get()': ({ args }) => environment(textOf(args[0]) ?? '*'),
    '**.getOrThrow()': ({ args }) => environment(textOf(args[0]) ?? '*'),
    '*': ({ value }) => value,
  },
}
