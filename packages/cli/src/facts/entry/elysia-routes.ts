import type { LibraryValue, Spot, Value } from '../trace/model.js'
import { ELYSIA_ANSWER, ELYSIA_CONTEXT, putBy } from '../catalog/elysia-context.js'
import { propertyOf, textOf } from '../catalog/library.js'
import { partOf } from '../catalog/meaning.js'
import { callValue } from '../trace/call.js'
import { looksLikeGuard } from '../trace/guard-name.js'
import { knownWhere } from '../trace/truth.js'
import { casesOf, isNullish, object } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'
import type { EntryPoint } from './entry-point.js'
import { joined, prefixOf, symbolOf } from './mounted-routes.js'
import type { Registration, Registry } from './registry.js'

/** Deeper than this nobody takes apps into apps; one that is taken into itself would go on for ever. */
const DEEPEST = 8

/**
 * The routes of Elysia apps. What an app is told stands before what it is told afterwards, and before all of the apps that it takes in
 * afterwards; it reaches the app that takes this one in where it is `scoped`, and all of them where it is `global`
 * (https://elysiajs.com/essential/plugin#scope).
 */
export function elysiaRoutes(apps: readonly LibraryValue[], registry: Registry): EntryPoint[] {
  return registry.rootsOf(apps).flatMap((app) => routesOf(app, '', [], 0).routes)

  function routesOf(app: LibraryValue, outer: string, around: readonly Hook[], depth: number): Told {
    const prefix = joined(outer, prefixOf(app))
    let own: Hook[] = []
    const routes = registry.of(app).flatMap((one): EntryPoint[] => {
      if (one.method !== null) return [entryOf(one, prefix, [...around, ...own])]
      const inner = one.handlers.filter((other) => registry.isApp(other))
      if (inner.length === 0) {
        const on = textOf(propertyOf(one.options, 'on')) ?? ''
        const reach = reachOf(propertyOf(one.options, 'as'))
        if (on === 'as') own = own.map((hook) => ({ ...hook, reach: Math.max(hook.reach, reach) }))
        else own.push({ on, reach, said: one })
        return []
      }
      return inner.flatMap((other) => {
        if (depth >= DEEPEST) return []
        const told = routesOf(other, prefix, [...around, ...own], depth + 1)
        own.push(...told.leaving)
        return told.routes
      })
    })
    return { routes, leaving: own.filter(({ reach }) => reach > 0).map((hook) => ({ ...hook, reach: hook.reach - 1 })) }
  }
}

/** What stands before routes, and through how many apps that take its own in it still does. */
interface Hook {
  readonly on: string
  readonly reach: number
  readonly said: Registration
}

interface Told {
  readonly routes: EntryPoint[]
  readonly leaving: readonly Hook[]
}

function reachOf(as: Value | undefined): number {
  const said = textOf(as)
  return said === 'global' ? Infinity : said === 'scoped' || said === 'plugin' ? 1 : 0
}

function entryOf(one: Registration, prefix: string, hooks: readonly Hook[]): EntryPoint {
  const { method, spot } = one
  const [path, symbol] = [joined(prefix, one.path), symbolOf(one)]
  const follow = (walker: Walker) => new Call(walker, spot, hooks).run(one)
  return { kind: 'endpoint', framework: 'elysia', symbol, method, path, spot, follow }
}

/** What a schema is said for, and the part of the request that it passes. */
const SCHEMAS = [
  ['body', 'body'],
  ['query', 'query'],
  ['params', 'params'],
  ['headers', 'headers'],
  ['cookie', 'cookies'],
] as const

/** One request, on its way through what stands before the handler. */
class Call {
  readonly #walker: Walker
  readonly #spot: Spot
  readonly #hooks: readonly Hook[]
  readonly #macros = new Map<string, Value>()
  readonly #context = new Map<string, Value>()

  constructor(walker: Walker, spot: Spot, hooks: readonly Hook[]) {
    this.#walker = walker
    this.#spot = spot
    this.#hooks = hooks
  }

  run({ method, handlers, options }: Registration): void {
    for (const { on, said } of this.#hooks) for (const one of said.handlers) this.#stand(on, one)
    if (options !== undefined) this.#stand('guard', options)
    if (method === 'WS') return this.#listen(options)
    const [handler] = handlers
    if (handler === undefined || !this.#walker.state.isReached) return
    this.#walker.returnsAnswers()
    this.#call(handler)
  }

  /** What is done with each message that comes over a socket; `data` is the context that the routes have (https://elysiajs.com/patterns/websocket). */
  #listen(options: Value | undefined): void {
    const socket = object({ data: this.#contextNow() })
    // Whom it does not want it closes, and no message of theirs is heard: that can't be followed.
    const isAsked = propertyOf(options, 'open') !== undefined
    for (const name of ['open', 'message', 'close']) {
      const handler = propertyOf(options, name)
      if (handler === undefined || !this.#walker.state.isReached) continue
      if (isAsked) this.#walker.isGuardUnsure = true
      const message = name === 'message' ? [MESSAGE(ELYSIA_CONTEXT, this.#walker)] : []
      callValue(this.#walker, handler, [socket, ...message], { spot: this.#spot })
    }
  }

  #stand(on: string, said: Value): void {
    if (!this.#walker.state.isReached) return
    switch (on) {
      case 'decorate':
        return this.#put(said)
      case 'derive':
        return this.#put(this.#goOn(this.#call(said), (value) => !isAnswer(value)))
      case 'beforeHandle':
        return void this.#goOn(this.#call(said), (value) => isNullish(value) || value.kind === 'unknown')
      case 'macro':
        if (said.kind === 'object') for (const [name, macro] of said.properties) this.#macros.set(name, macro)
        return
      case 'guard':
        return this.#guard(said)
      case 'plugin':
        return this.#plugIn(said)
    }
  }

  /** The hooks of a route, of a guard, or of what a macro has come to. */
  #guard(said: Value): void {
    for (const [name, part] of SCHEMAS) if (isSchema(propertyOf(said, name))) this.#walker.isValidated.add(part)
    for (const [name, on] of LIFE) for (const one of listed(propertyOf(said, name))) this.#stand(on, one)
    if (said.kind !== 'object') return
    for (const [name, value] of said.properties) {
      const macro = this.#macros.get(name)
      if (macro === undefined || (value.kind === 'literal' && value.value === false)) continue
      this.#guard(macro.kind === 'function' ? callValue(this.#walker, macro, [value], { spot: this.#spot }) : macro)
    }
  }

  #plugIn(plugin: Value): void {
    const put = putBy(plugin, this.#walker)
    if (put !== undefined) return this.#put(put)
    const step = plugin.kind === 'library' ? plugin.path.find(({ args }) => args !== undefined) : undefined
    // Nobody knows what it does: by its name it may well ask who is calling.
    if (plugin.kind !== 'library' || looksLikeGuard({ library: plugin.package, name: step?.name ?? '' }))
      this.#walker.isGuardUnsure = true
  }

  #call(handler: Value): Value {
    if (handler.kind !== 'function' && handler.kind !== 'either') return handler
    return callValue(this.#walker, handler, [this.#contextNow()], { spot: this.#spot })
  }

  #contextNow(): Value {
    return { kind: 'object', properties: new Map(this.#context), others: [ELYSIA_CONTEXT] }
  }

  #put(said: Value): void {
    for (const { value } of casesOf(said))
      if (value.kind === 'object') for (const [name, one] of value.properties) this.#context.set(name, one)
  }

  /** Where what came of a hook does not end it, all is known that was so by then. */
  #goOn(came: Value, goesOn: (value: Value) => boolean): Value {
    if (!this.#walker.state.isReached) return came
    const open = casesOf(came).filter(({ value }) => goesOn(value))
    if (open.length === 0) this.#walker.leave()
    else if (open.length < casesOf(came).length) this.#walker.learn(this.#spot, knownWhere(came, goesOn))
    return { kind: 'either', cases: open }
  }
}

const MESSAGE = partOf('body')

/** In the order in which they run. */
const LIFE = [
  ['derive', 'derive'],
  ['resolve', 'derive'],
  ['beforeHandle', 'beforeHandle'],
] as const

const listed = (value: Value | undefined): readonly Value[] =>
  value === undefined ? [] : value.kind === 'list' ? value.items : [value]

const isAnswer = (value: Value) => value.kind === 'library' && value.package === ELYSIA_ANSWER

/** `t.Any()` passes whatever comes. */
function isSchema(schema: Value | undefined): boolean {
  if (schema === undefined || isNullish(schema)) return false
  return !(schema.kind === 'library' && /^(?:Any|Unknown)$/.test(schema.path.at(-1)?.name ?? ''))
}
