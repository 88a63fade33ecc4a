import type { LibraryValue, Value } from '../trace/model.js'
import { appOf } from '../entry/registry.js'
import { callValue } from '../trace/call.js'
import { literal, object, UNKNOWN } from '../trace/value.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { answeringBy } from './elysia-context.js'
import { handlesErrors } from './meaning.js'

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'options', 'head', 'all']

/** `.get('/posts/:id', handler, { params, beforeHandle, isSignedIn: true })`. */
function register({ value, spot, walker }: Parameters<Meaning>[0], method: string, args: readonly Value[]): Value {
  const [path, handler = UNKNOWN, options] = args
  walker.meanings.registry.register(value, {
    method,
    path: textOf(path) ?? '',
    handlers: [handler],
    spot,
    ...(options === undefined ? {} : { options }),
  })
  return appOf(value)
}

/** `.ws('/chat', { open, message, beforeHandle, body })`. */
const listens: Meaning = (call) => register(call, 'WS', [call.args[0] ?? UNKNOWN, UNKNOWN, call.args[1] ?? UNKNOWN])

/** What stands before the routes that come after it: told by what it is, and by how far it reaches. */
function stands(call: Parameters<Meaning>[0], on: string, handlers: readonly Value[], as?: Value): Value {
  const { value, spot, walker } = call
  const options = object({ on: literal(on), as: as ?? literal('local') })
  walker.meanings.registry.register(value, { method: null, path: '', handlers, spot, options })
  return appOf(value)
}

/** `.onBeforeHandle(handler)`, `.derive({ as: 'scoped' }, handler)`. */
const hook =
  (on: string): Meaning =>
  (call) => {
    const [first, second] = call.args
    const isScoped = second !== undefined && first?.kind === 'object'
    return stands(call, on, itemsOf(isScoped ? second : first), isScoped ? propertyOf(first, 'as') : undefined)
  }

function itemsOf(value: Value | undefined): readonly Value[] {
  return value === undefined ? [] : value.kind === 'list' ? value.items : [value]
}

/** `.decorate('db', db)`, `.state({ count: 0 })`. */
const puts: Meaning = (call) => {
  const [first, second] = call.args
  const name = textOf(first)
  const put = name === undefined ? first : object({ [name]: second ?? UNKNOWN })
  // Whatever is there for the whole app is there for whoever takes it in.
  return stands(call, 'decorate', put === undefined ? [] : [put], literal('global'))
}

/** `.macro({ isSignedIn: { resolve } })`, `.macro('isSignedIn', (is: boolean) => ({ beforeHandle }))`. */
const macro: Meaning = (call) => {
  const [first, second] = call.args
  const name = textOf(first)
  const said = name === undefined ? first : object({ [name]: second ?? UNKNOWN })
  return stands(call, 'macro', said === undefined ? [] : [said], literal('global'))
}

/** An app of its own, that is told what stands behind a prefix or behind guards. */
function inner(call: Parameters<Meaning>[0], prefix: string, hooks: Value | undefined, tell: Value): Value {
  const { value, spot, walker } = call
  const app: LibraryValue = { ...value, path: [{ name: `basePath ${prefix}`, args: [] }] }
  if (hooks !== undefined) stands({ ...call, value: app }, 'guard', [hooks])
  callValue(walker, tell, [app], { spot })
  walker.meanings.registry.register(value, { method: null, path: '', handlers: [app], spot })
  return appOf(value)
}

/** `.group('/admin', app => …)`, `.group('/admin', { beforeHandle }, app => …)`. */
const group: Meaning = (call) => {
  const [prefix, ...others] = call.args
  const tell = others.at(-1) ?? UNKNOWN
  return inner(call, textOf(prefix) ?? '', others.length > 1 ? others[0] : undefined, tell)
}

/** `.guard({ beforeHandle })` for what comes after, `.guard({ beforeHandle }, app => …)` for what is in it. */
const guard: Meaning = (call) => {
  const [hooks, tell] = call.args
  if (hooks?.kind === 'function') return inner(call, '', undefined, hooks)
  if (tell !== undefined) return inner(call, '', hooks, tell)
  return hooks === undefined ? appOf(call.value) : stands(call, 'guard', [hooks], propertyOf(hooks, 'as'))
}

/** Another app, a function that is given this one, or a plugin of a package. */
const use: Meaning = (call) => {
  const { value, args, spot, walker } = call
  for (const said of args.flatMap(itemsOf)) {
    const one = laid(said)
    if (one.kind === 'function') {
      const told = callValue(walker, one, [appOf(value)], { spot })
      if (isOther(told, value))
        walker.meanings.registry.register(value, { method: null, path: '', handlers: [told], spot })
    } else if (one.kind === 'library' && one.package === 'elysia')
      walker.meanings.registry.register(value, { method: null, path: '', handlers: [appOf(one)], spot })
    else stands(call, 'plugin', [one], literal('global'))
  }
  return appOf(value)
}

/** What a module gives whoever takes it in as a plugin: `.use(import('./posts'))`. */
function laid(said: Value): Value {
  const told = said.kind === 'object' ? said.properties.get('default') : undefined
  return told ?? said
}

/** An app that a plugin has made, and not the one that it was given. */
function isOther(told: Value, given: LibraryValue): told is LibraryValue {
  return told.kind === 'library' && told.package === 'elysia' && appOf(told).path[0] !== appOf(given).path[0]
}

const same: Meaning = ({ value }) => appOf(value)

/** `new Elysia({ prefix: '/posts' })`. */
const makes: Meaning = ({ value, args }) => ({
  ...value,
  path: [{ name: `basePath ${textOf(propertyOf(args[0], 'prefix')) ?? ''}`, args }],
})

export const elysia: Library = {
  packages: ['elysia'],
  calls: {
    'Elysia()': makes,
    'default()': makes,
    ...Object.fromEntries(
      METHODS.map((name) => [`**.${name}()`, ((call) => register(call, name.toUpperCase(), call.args)) as Meaning]),
    ),
    '**.route()': (call) => register(call, textOf(call.args[0])?.toUpperCase() ?? 'ALL', call.args.slice(1)),
    '**.ws()': listens,
    '**.use()': use,
    '**.group()': group,
    '**.guard()': guard,
    '**.derive()': hook('derive'),
    '**.resolve()': hook('derive'),
    '**.onBeforeHandle()': hook('beforeHandle'),
    '**.onRequest()': hook('beforeHandle'),
    '**.onError()': handlesErrors('elysia'),
    '**.onTransform()': same,
    '**.decorate()': puts,
    '**.state()': same,
    '**.macro()': macro,
    // All that was said to this app reaches so far.
    '**.as()': (call) => stands(call, 'as', [], call.args[0]),
    ...Object.fromEntries(
      'onAfterHandle onAfterResponse mapResponse onParse parser onStart onStop trace model prefix error mount compile listen headers config'
        .split(' ')
        .map((name) => [`**.${name}()`, same]),
    ),
    ...answeringBy(''),
  },
}
