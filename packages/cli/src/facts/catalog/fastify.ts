import type { LibraryValue, Value } from '../trace/model.js'
import { appOf } from '../entry/registry.js'
import { callValue } from '../trace/call.js'
import { object, UNKNOWN } from '../trace/value.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { handlesErrors, maybeSomeone, partOf, readInput } from './meaning.js'

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'all']

const route =
  (method: string): Meaning =>
  ({ value, args, spot, walker }) => {
    const path = textOf(args[0])
    if (path === undefined) return undefined
    const options = args.length > 2 ? args[1]! : args[1]?.kind === 'object' ? args[1] : undefined
    const handler = args.length > 2 ? args[2]! : (propertyOf(options, 'handler') ?? args[1] ?? UNKNOWN)
    walker.meanings.registry.register(value, {
      method,
      path,
      handlers: [...hooksOf(options), handler],
      spot,
      ...(options === undefined ? {} : { options }),
    })
    return appOf(value)
  }

const whole: Meaning = ({ value, args: [options], spot, walker }) => {
  const method = propertyOf(options, 'method')
  const methods = method?.kind === 'list' ? method.items.map(textOf) : [textOf(method)]
  const path = textOf(propertyOf(options, 'url') ?? propertyOf(options, 'path')) ?? ''
  for (const one of methods)
    walker.meanings.registry.register(value, {
      method: one?.toUpperCase() ?? 'ALL',
      path,
      handlers: [...hooksOf(options), propertyOf(options, 'handler') ?? UNKNOWN],
      spot,
      ...(options === undefined ? {} : { options }),
    })
  return appOf(value)
}

/** What a route says that stands before its handler. */
function hooksOf(options: Value | undefined): Value[] {
  return ['onRequest', 'preParsing', 'preValidation', 'preHandler'].flatMap((name) => {
    const hook = propertyOf(options, name)
    return hook === undefined ? [] : hook.kind === 'list' ? hook.items : [hook]
  })
}

const hook: Meaning = ({ value, args: [name, handler], spot, walker }) => {
  const when = textOf(name)
  if (
    handler === undefined ||
    when === undefined ||
    !['onRequest', 'preParsing', 'preValidation', 'preHandler'].includes(when)
  )
    return appOf(value)
  walker.meanings.registry.register(value, { method: null, path: '', handlers: [handler], spot })
  return appOf(value)
}

/** A plugin is a function that is given an app of its own, which inherits what the outer one has said. */
const plugin: Meaning = ({ value, args: [said, options], spot, walker }) => {
  const prefix = textOf(propertyOf(options, 'prefix')) ?? ''
  const inner: LibraryValue = { kind: 'library', package: 'fastify', path: [{ name: 'plugin', args: [] }], origins: [] }
  if (said?.kind === 'function') {
    callValue(walker, said, [inner, options ?? object({})], { spot })
    walker.meanings.registry.register(value, { method: null, path: prefix, handlers: [inner], spot })
  }
  return appOf(value)
}

export const fastify: Library = {
  packages: ['fastify'],
  calls: {
    ...Object.fromEntries(METHODS.map((method) => [`**.${method}()`, route(method.toUpperCase())])),
    '**.route()': whole,
    '**.addHook()': hook,
    '**.register()': plugin,
    '**.setErrorHandler()': handlesErrors('fastify'),
    '**.withTypeProvider()': ({ value }) => appOf(value),
    '**.after()': ({ value }) => appOf(value),
  },
}

export const fastifyPlugin: Library = {
  packages: ['fastify-plugin'],
  calls: { 'default()': ({ args: [made] }) => made, 'fp()': ({ args: [made] }) => made },
}

export const FASTIFY_REQUEST: LibraryValue = {
  kind: 'library',
  package: 'fastify/request',
  path: [{ name: 'request' }],
  origins: [],
}

const caller: NonNullable<Library['members']>[string] = (_, walker) =>
  walker.here === null ? UNKNOWN : maybeSomeone({ walker, spot: walker.here }, 'fastify')

/** `await request.jwtVerify()` throws where there is no token. */
const verifies: Meaning = ({ walker, spot }) => {
  walker.learn(spot, [{ is: 'authenticated', by: walker.note(spot, { fact: 'identity', library: 'fastify' }) }])
  return UNKNOWN
}

export const fastifyRequest: Library = {
  packages: ['fastify/request'],
  calls: {
    'request.jwtVerify()': verifies,
    'request.file()': ({ walker, spot }) => readInput(walker, spot, 'body'),
    'request.files()': ({ walker, spot }) => readInput(walker, spot, 'body'),
  },
  members: {
    'request.body': partOf('body'),
    'request.query': partOf('query'),
    'request.params': partOf('params'),
    'request.headers': partOf('headers'),
    'request.cookies': partOf('cookies'),
    'request.user': caller,
    'request.session': caller,
  },
}
