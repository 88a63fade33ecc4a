import type { LibraryValue, Value } from '../trace/model.js'
import { appOf } from '../entry/registry.js'
import { literal, object, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { Library, Meaning } from './library.js'
import { textOf } from './library.js'
import { handlesErrors, maybeSomeone, partOf, readInput } from './meaning.js'

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'all']

const route =
  (method: string | null): Meaning =>
  (call) => {
    const { value, args, spot, walker } = call
    const [first, ...others] = args
    const said = value.path.find(({ name }) => name === 'route')?.args?.[0]
    const path = textOf(said ?? first)
    // `app.get('setting')` reads.
    if (method !== null && said === undefined && others.length === 0) return undefined
    const handlers = (said === undefined && path !== undefined ? others : args).flatMap((one) =>
      one.kind === 'list' ? one.items : [one],
    )
    walker.meanings.registry.register(value, { method, path: path ?? '', handlers, spot })
    handlesErrors('express')({ ...call, args: handlers.filter(takesError) })
    return said === undefined ? appOf(value) : { ...value, path: value.path.slice(0, -1) }
  }

/** A handler of errors has four parameters. */
export const takesError = (handler: Value) => handler.kind === 'function' && handler.node.params.length === 4

const routes = Object.fromEntries(METHODS.map((method) => [method, route(method.toUpperCase())]))

/** Apps and routers of Express, and what came before it and after. */
export const express: Library = {
  packages: ['express', 'express-promise-router', '@feathersjs/express'],
  calls: {
    ...Object.fromEntries(METHODS.flatMap((method) => [[`**.${method}()`, routes[method]!]])),
    '**.use()': route(null),
    '**.param()': ({ value }) => appOf(value),
    '**.listen()': () => UNKNOWN,
    'json()': () => UNKNOWN,
    'default.json()': () => UNKNOWN,
    'default.urlencoded()': () => UNKNOWN,
    'default.static()': () => UNKNOWN,
  },
}

export const EXPRESS_REQUEST: LibraryValue = {
  kind: 'library',
  package: 'express/request',
  path: [{ name: 'req' }],
  origins: [],
}
export const EXPRESS_RESPONSE: LibraryValue = {
  kind: 'library',
  package: 'express/response',
  path: [{ name: 'res' }],
  origins: [],
}

const header: Meaning = ({ walker, spot, args }) => readInput(walker, spot, 'headers', textOf(args[0]) ?? '*')

/** What a session or an earlier guard has put on the request; nobody, where none has. */
const caller = (_: LibraryValue, walker: Parameters<NonNullable<Library['members']>[string]>[1]): Value =>
  walker.here === null ? UNKNOWN : maybeSomeone({ walker, spot: walker.here }, 'express')

export const expressRequest: Library = {
  packages: ['express/request'],
  calls: {
    'req.get()': header,
    'req.header()': header,
    'req.param()': ({ walker, spot, args }) => readInput(walker, spot, 'params', textOf(args[0]) ?? '*'),
    'req.isAuthenticated()': (call) => maybeSomeone(call, 'passport'),
  },
  members: {
    'req.body': partOf('body'),
    'req.rawBody': partOf('body'),
    'req.file': partOf('body'),
    'req.files': partOf('body'),
    'req.query': partOf('query'),
    'req.params': partOf('params'),
    'req.headers': partOf('headers'),
    'req.cookies': partOf('cookies'),
    'req.signedCookies': partOf('cookies'),
    'req.user': caller,
    'req.auth': caller,
    'req.session': caller,
  },
}

const answer: Meaning = ({ value, walker, spot, args }) => {
  const status = value.path.find(({ name }) => name === 'status' || name === 'code')?.args?.[0] ?? literal(200)
  walker.note(spot, { fact: 'answer', status, body: args.at(-1) ?? UNDEFINED })
  return object({})
}

const redirect: Meaning = ({ walker, spot }) => {
  walker.note(spot, { fact: 'answer', status: literal(302), body: UNDEFINED })
  return object({})
}

const chains: Meaning = ({ value }) => value

export const expressResponse: Library = {
  packages: ['express/response'],
  // Whoever asks is about to answer.
  members: { 'res.headersSent': () => literal(false) },
  calls: {
    ...Object.fromEntries(['json', 'send', 'end', 'jsonp', 'render', 'write'].map((name) => [`**.${name}()`, answer])),
    '**.sendStatus()': ({ walker, spot, args }) => {
      walker.note(spot, { fact: 'answer', status: args[0] ?? UNKNOWN, body: UNDEFINED })
      return object({})
    },
    '**.redirect()': redirect,
    ...Object.fromEntries(
      [
        'status',
        'set',
        'header',
        'type',
        'cookie',
        'clearCookie',
        'setHeader',
        'vary',
        'append',
        'links',
        'location',
        'code',
      ].map((name) => [`**.${name}()`, chains]),
    ),
  },
}
