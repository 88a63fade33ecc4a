import type { InputPart, LibraryValue, Value } from '../trace/model.js'
import { appOf } from '../entry/registry.js'
import { callValue } from '../trace/call.js'
import { from, literal, object, originsOf, UNDEFINED, UNKNOWN } from '../trace/value.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { d1Calls } from './sqlite.js'
import { handlesErrors, lookUp, maybeSomeone, passed, readInput, someone } from './meaning.js'
import { REQUEST } from './web.js'

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'options', 'all']

const route =
  (method: string | null): Meaning =>
  ({ value, args, spot, walker }) => {
    const [first, ...others] = args
    const path = textOf(first)
    walker.meanings.registry.register(value, {
      method,
      path: path ?? (method === null ? '*' : ''),
      handlers: path === undefined ? args : others,
      spot,
    })
    return appOf(value)
  }

/** `app.route('/posts', posts)` and `app.mount(…)`. */
const mounts: Meaning = ({ value, args: [path, ...others], spot, walker }) => {
  walker.meanings.registry.register(value, { method: null, path: textOf(path) ?? '', handlers: others, spot })
  return appOf(value)
}

/** `app.on('POST', '/path', handler)`. */
const on: Meaning = ({ value, args: [methods, path, ...handlers], spot, walker }) => {
  walker.meanings.registry.register(value, {
    method: textOf(methods)?.toUpperCase() ?? 'ALL',
    path: textOf(path) ?? '',
    handlers,
    spot,
  })
  return appOf(value)
}

/** `app.openapi(createRoute({ method, path, request, middleware }), handler)`: what it describes is validated before. */
const openapi: Meaning = ({ value, args: [said, ...handlers], spot, walker }) => {
  const options = said?.kind === 'library' ? said.path.at(-1)?.args?.[0] : said
  const method = textOf(propertyOf(options, 'method'))?.toUpperCase() ?? 'ALL'
  const before = propertyOf(options, 'middleware')
  const middleware = before === undefined ? [] : before.kind === 'list' ? before.items : [before]
  walker.meanings.registry.register(value, {
    method,
    path: textOf(propertyOf(options, 'path'))?.replace(/\{(\w+)\}/g, ':$1') ?? '',
    handlers: [...middleware, ...handlers],
    spot,
  })
  return appOf(value)
}

export const hono: Library = {
  packages: ['hono', 'hono/tiny', 'hono/quick', '@hono/zod-openapi'],
  calls: {
    ...Object.fromEntries(METHODS.map((method) => [`**.${method}()`, route(method.toUpperCase())])),
    '**.use()': route(null),
    '**.route()': mounts,
    '**.on()': on,
    '**.openapi()': openapi,
    '**.basePath()': ({ value, args }) => ({
      ...value,
      path: [{ name: `basePath ${textOf(args[0]) ?? ''}`, args: [] }],
    }),
    '**.onError()': handlesErrors('hono'),
    '**.notFound()': ({ value }) => appOf(value),
  },
}

export const HONO_CONTEXT: LibraryValue = {
  kind: 'library',
  package: 'hono/context',
  path: [{ name: 'c' }],
  origins: [],
}

const answer: Meaning = ({ walker, spot, args: [body = UNDEFINED, status] }) => {
  walker.note(spot, { fact: 'answer', status: status ?? literal(200), body })
  return object({ status: status ?? literal(200) })
}

const reads =
  (part: Parameters<typeof readInput>[2]): Meaning =>
  ({ walker, spot, args }) =>
    readInput(walker, spot, part, textOf(args[0]) ?? '')

/** What a validator that stands before has passed. */
const valid: Meaning = ({ walker, spot, args }) => passed(readInput(walker, spot, partNamed(args[0])))

/** A part of the request, as validators name it: `json` and `form` are its body. */
export function partNamed(where: Value | undefined): InputPart {
  return PARTS[textOf(where) ?? ''] ?? 'body'
}

const PARTS: Readonly<Record<string, InputPart>> = {
  param: 'params',
  query: 'query',
  header: 'headers',
  cookie: 'cookies',
}

/** Kept for the request by whatever stands before: a guard's word on who is calling, or anything else. */
const kept: Meaning = ({ walker, spot, args }) => {
  const name = textOf(args[0]) ?? '*'
  const known = walker.kept.get(name)
  if (known !== undefined) return known
  return /user|session|auth|account|member|jwt|payload|identity|principal/i.test(name)
    ? maybeSomeone({ walker, spot }, 'hono')
    : UNKNOWN
}

export const honoContext: Library = {
  packages: ['hono/context'],
  calls: {
    // A binding of the worker's: `c.env.DB`.
    ...d1Calls,
    'c.req.json()': reads('body'),
    'c.req.text()': reads('body'),
    'c.req.parseBody()': reads('body'),
    'c.req.formData()': reads('body'),
    'c.req.arrayBuffer()': reads('body'),
    'c.req.param()': reads('params'),
    'c.req.query()': reads('query'),
    'c.req.queries()': reads('query'),
    'c.req.header()': reads('headers'),
    'c.req.valid()': valid,
    'c.get()': kept,
    'c.set()': ({ walker, args }) => {
      const name = textOf(args[0])
      if (name !== undefined && args[1] !== undefined) walker.kept.set(name, args[1])
      return UNDEFINED
    },
    'c.json()': answer,
    'c.text()': answer,
    'c.html()': answer,
    'c.body()': answer,
    'c.newResponse()': answer,
    'c.redirect()': answer,
    'c.notFound()': answer,
  },
  members: {
    'c.req.raw': () => REQUEST,
    'c.var.*': (value, walker) => walker.kept.get(value.path.at(-1)!.name) ?? UNKNOWN,
  },
}

/** Ready-made guards of Hono's: a JWT, a bearer token, a password. */
const guards: Meaning = ({ args: [, next], walker, spot }) => {
  const { who, authenticated } = lookUp({ walker, spot }, 'hono')
  walker.learn(spot, [authenticated])
  walker.kept.set('jwtPayload', who)
  return next === undefined ? UNKNOWN : callValue(walker, next, [], { spot })
}

export const honoMiddleware: Library = {
  packages: ['hono/jwt', 'hono/bearer-auth', 'hono/basic-auth', 'hono/factory'],
  calls: {
    'jwt().()': guards,
    'verify()': (call) => someone(call, 'hono/jwt'),
    'decode()': ({ args }) => from(...args.flatMap((arg) => originsOf(arg))),
    'bearerAuth().()': guards,
    'basicAuth().()': guards,
    'createMiddleware()': ({ args: [handler] }) => handler,
    'createFactory().createMiddleware()': ({ args: [handler] }) => handler,
    'createFactory().createHandlers()': ({ args }) => ({ kind: 'list', items: args, isWhole: true }),
  },
}

const readsCookie =
  (at: number): Meaning =>
  ({ walker, spot, args }) =>
    readInput(walker, spot, 'cookies', textOf(args[at]) ?? '*')

/** What Hono's helpers read of a request, and write of an answer. */
export const honoHelpers: Library = {
  packages: ['hono/cookie', 'hono/conninfo', 'hono/bun', 'hono/cloudflare-workers', '@hono/node-server/conninfo'],
  calls: {
    'getCookie()': readsCookie(1),
    'getSignedCookie()': readsCookie(2),
    'setCookie()': () => UNDEFINED,
    'setSignedCookie()': () => UNDEFINED,
    'deleteCookie()': () => UNDEFINED,
    'getConnInfo()': () => UNKNOWN,
  },
}
