import type { LibraryValue, Step, Value } from '../trace/model.js'
import { callValue } from '../trace/call.js'
import { memberOf } from '../trace/member.js'
import { literal, object, UNDEFINED, UNKNOWN } from '../trace/value.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { log } from './loggers.js'

/** The decorators that make a method a route, and what it is called by. */
export const NEST_ROUTES: Readonly<Record<string, string>> = {
  Get: 'GET',
  Post: 'POST',
  Put: 'PUT',
  Patch: 'PATCH',
  Delete: 'DELETE',
  Head: 'HEAD',
  Options: 'OPTIONS',
  All: 'ALL',
  Sse: 'GET',
}

/** The decorators of a parameter that is a part of the request. */
export const NEST_PARTS: Readonly<Record<string, 'body' | 'query' | 'params' | 'headers' | 'argument'>> = {
  Body: 'body',
  RawBody: 'body',
  Query: 'query',
  Param: 'params',
  Headers: 'headers',
  Args: 'argument',
}

/** Files that an interceptor has taken out of the request; their bytes have no schema. */
export const NEST_FILES = new Set(['UploadedFile', 'UploadedFiles'])

/** Pipes that let through what they have made of one value, and nothing else. */
export const NEST_PARSERS = /^Parse(?:Int|Float|Bool|UUID|Enum|Array|Date)Pipe$/

/** What is built in and answers a status of its own. */
const EXCEPTIONS: Readonly<Record<string, number>> = {
  BadRequestException: 400,
  UnauthorizedException: 401,
  ForbiddenException: 403,
  NotFoundException: 404,
  MethodNotAllowedException: 405,
  NotAcceptableException: 406,
  RequestTimeoutException: 408,
  ConflictException: 409,
  GoneException: 410,
  PreconditionFailedException: 412,
  PayloadTooLargeException: 413,
  UnsupportedMediaTypeException: 415,
  ImATeapotException: 418,
  MisdirectedException: 421,
  UnprocessableEntityException: 422,
  InternalServerErrorException: 500,
  NotImplementedException: 501,
  BadGatewayException: 502,
  ServiceUnavailableException: 503,
  GatewayTimeoutException: 504,
  HttpVersionNotSupportedException: 505,
}

/** What an exception is made with is what the client is answered when it is thrown. */
const refuses =
  (status?: number): Meaning =>
  ({ value, args, walker, spot }) => {
    const said = status === undefined ? (args[1] ?? UNKNOWN) : literal(status)
    walker.note(spot, { fact: 'answer', status: said, body: args[0] ?? UNDEFINED })
    return value
  }

/** What an app is told before it listens: kept for the routes that it serves. */
const tells: Meaning = ({ value, args, step, spot, walker }) => {
  walker.meanings.registry.register(value, { method: null, path: step.name, handlers: args, spot })
  return undefined
}

/** `app.get(UsersService)`: what the container holds. */
const held: Meaning = ({ args: [token], walker, spot }) => {
  if (token?.kind === 'class') return walker.meanings.instance(token, spot)
  return token?.kind === 'library' && token.path.at(-1)?.args === undefined
    ? callValue(walker, token, [], { spot })
    : undefined
}

const TELLS =
  'setGlobalPrefix enableVersioning useGlobalGuards useGlobalPipes useGlobalInterceptors useGlobalFilters use listen init'

const itself: Meaning = ({ value }) => value

const tokens = new WeakMap<Step, string>()
let last = 0

/** The name that metadata is kept by: a text, or the decorator that keeps it (`Reflector.createDecorator()`). */
export function metadataKey(key: Value | undefined): string | undefined {
  if (key?.kind !== 'library') return textOf(key)
  const made = key.path.find(({ args }) => args !== undefined)
  if (made === undefined) return undefined
  const known = tokens.get(made) ?? `#${(last += 1)}`
  tokens.set(made, known)
  return known
}

/** What decorators have said of a route and its class: both are objects of what was said, by its key. */
const reads =
  (isMerged: boolean): Meaning =>
  ({ args: [key, targets] }) => {
    const name = metadataKey(key)
    const asked = targets?.kind === 'list' ? targets.items : targets === undefined ? [] : [targets]
    if (name === undefined || !asked.every(({ kind }) => kind === 'object')) return UNKNOWN
    const found = asked.flatMap((target) => propertyOf(target, name) ?? [])
    if (!isMerged) return found[0] ?? UNDEFINED
    const items = found.flatMap((one) => (one.kind === 'list' ? one.items : [one]))
    return { kind: 'list', items, isWhole: found.every((one) => one.kind !== 'list' || one.isWhole) }
  }

/** What stands in front of the routes of a module. */
const forRoutes: Meaning = ({ value, args, spot, walker }) => {
  const said = (name: string): Value => ({
    kind: 'list',
    items: value.path.flatMap((step) => (step.name === name ? (step.args ?? []) : [])),
    isWhole: true,
  })
  const handlers = [said('apply'), said('exclude'), { kind: 'list' as const, items: args, isWhole: true }]
  walker.meanings.registry.register(value, { method: null, path: 'forRoutes', handlers, spot })
  return { ...value, path: value.path.slice(0, 1) }
}

/** A decorator that somebody calls by hand, in a decorator of their own. */
const applies: Meaning = ({ value, walker }) => {
  walker.meanings.registry.applied.push({ ...value, path: value.path.slice(0, -1) })
  return UNDEFINED
}

const gives = (value: Value): Value => ({ kind: 'native', name: 'get', call: () => value })

const LEVELS = ['log', 'error', 'warn', 'debug', 'verbose', 'fatal']

export const NEST_CONSUMER = (): LibraryValue => ({
  kind: 'library',
  package: '@nestjs/common',
  path: [{ name: 'MiddlewareConsumer', args: [] }],
  origins: [],
})

/** NestJS itself: what it is told, and what it hands over. Its routes are found by their decorators. */
export const nest: Library = {
  packages: ['@nestjs/common', '@nestjs/common/', '@nestjs/core', '@nestjs/core/', '@nestjs/platform-express'],
  calls: {
    'applyDecorators()': ({ args }) => ({ kind: 'list', items: args, isWhole: true }),
    'mixin()': ({ args: [made = UNKNOWN] }) => made,
    'forwardRef()': ({ args: [find], walker, spot }) =>
      find === undefined ? UNKNOWN : callValue(walker, find, [], { spot }),
    'Reflector.createDecorator()': itself,
    'Reflector.createDecorator().()': itself,
    'Reflector().get()': reads(false),
    'Reflector().getAll()': reads(true),
    'Reflector().getAllAndOverride()': reads(false),
    'Reflector().getAllAndMerge()': reads(true),
    ...Object.fromEntries(Object.entries(EXCEPTIONS).map(([name, status]) => [`${name}()`, refuses(status)])),
    'HttpException()': refuses(),
    ...Object.fromEntries(
      LEVELS.flatMap((name) => [`Logger().${name}()`, `Logger.${name}()`].map((one) => [one, log])),
    ),
    'NestFactory.create()': (call) => {
      tells(call)
      return call.value
    },
    ...Object.fromEntries(TELLS.split(' ').map((name) => [`NestFactory.create().${name}()`, tells])),
    'NestFactory.create().get()': held,
    'NestFactory.create().resolve()': held,
    'MiddlewareConsumer().apply().forRoutes()': forRoutes,
    'MiddlewareConsumer().apply().exclude().forRoutes()': forRoutes,
    'createParamDecorator().()': itself,
    'createParamDecorator().().()': applies,
    '*.()': applies,
    // Decorators, and what they are given.
    '*': itself,
  },
}

/** Resolvers hold the request a step further in. */
export const nestGraphql: Library = {
  packages: ['@nestjs/graphql'],
  calls: {
    'GqlExecutionContext.create()': ({ args: [context], walker, spot }) => {
      const http = callValue(walker, propertyOf(context, 'switchToHttp') ?? UNKNOWN, [], { spot })
      const request = callValue(walker, propertyOf(http, 'getRequest') ?? UNKNOWN, [], { spot })
      const given = object({ req: request, request, user: userOf(request) })
      const own = context?.kind === 'object' ? context.properties : new Map<string, Value>()
      const properties = new Map([
        ...own,
        ['getContext', gives(given)],
        ['getArgs', gives(UNKNOWN)],
        ['getInfo', gives(UNKNOWN)],
      ])
      return { kind: 'object', properties, others: [] }

      function userOf(of: Value): Value {
        return memberOf(walker, of, 'user', { isOptional: true, spot })
      }
    },
    '*': itself,
  },
}

/** Limits and caches: they refuse nobody for who they are. */
export const nestNeutral: Library = {
  packages: [
    '@nestjs/throttler',
    '@nestjs/cache-manager',
    '@nestjs/swagger',
    '@nestjs/mapped-types',
    '@nestjs/terminus',
  ],
  calls: { '**.canActivate()': () => literal(true), '*': itself },
}
