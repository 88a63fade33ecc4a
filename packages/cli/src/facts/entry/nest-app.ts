import type { ClassValue, LibraryValue, Spot, Value } from '../trace/model.js'
import { callValue } from '../trace/call.js'
import { memberOf } from '../trace/member.js'
import { looksLikeGuard } from '../trace/guard-name.js'
import { propertyOf, textOf } from '../catalog/library.js'
import { NEST_CONSUMER } from '../catalog/nest.js'
import { tokenOf } from '../catalog/nest-injection.js'
import { UNKNOWN } from '../trace/value.js'
import { type Meanings, Walker } from '../trace/walker.js'
import { decoratorsOf } from './decorators.js'
import type { Registration } from './registry.js'

/** What stands in front of all routes of one app of NestJS. */
export interface NestApp {
  /** Where it is made; `null` for what belongs to none that was found. */
  readonly file: string | null
  readonly prefix: string
  /** What a version is in the path: `v1`; nothing where versions are elsewhere. */
  readonly version: { readonly prefix: string; readonly byDefault: string | null } | null
  readonly guards: readonly Value[]
  readonly pipes: readonly Value[]
  readonly interceptors: readonly Value[]
  readonly middleware: readonly NestMiddleware[]
  /** Something may stand in front of it that could not be followed. */
  readonly isUnsure: boolean
}

/** Functions and classes that see a request before its guards do. */
export interface NestMiddleware {
  readonly handlers: readonly Value[]
  readonly excluded: readonly Value[]
  readonly routes: readonly Value[]
  readonly spot: Spot
}

/** What a module brings to the app that it is part of. */
export interface NestModule extends Pick<NestApp, 'guards' | 'pipes' | 'interceptors' | 'middleware' | 'isUnsure'> {
  readonly file: string
}

/** The apps that code has made, each with what the modules near to it provide for all. */
export function nestApps(modules: readonly NestModule[], meanings: Meanings): NestApp[] {
  const { registry } = meanings
  const made = registry.apps.filter((app) => app.package.startsWith('@nestjs/core')).map((app) => registry.of(app))
  const says = (wanted: string) => made.filter((said) => said.some(({ path }) => path === wanted))
  // A script that fills a database, or writes a schema, makes an app, too, and never listens.
  const [told = []] = [says('listen'), says('init'), made]
    .filter(({ length }) => length > 0)
    .map((one) => one.map(toldApp))
  const apps = told.length === 0 ? [NOBODYS] : told
  return apps.map((app) => {
    const own = modules.filter((module) => nearestApps(apps, module.file).includes(app))
    return {
      ...app,
      guards: [...app.guards, ...own.flatMap(({ guards }) => guards)],
      pipes: [...app.pipes, ...own.flatMap(({ pipes }) => pipes)],
      interceptors: [...app.interceptors, ...own.flatMap(({ interceptors }) => interceptors)],
      middleware: [...app.middleware, ...own.flatMap(({ middleware }) => middleware)],
      isUnsure: app.isUnsure || own.some(({ isUnsure }) => isUnsure),
    }
  })
}

const NOBODYS: NestApp = {
  file: null,
  prefix: '',
  version: null,
  guards: [],
  pipes: [],
  interceptors: [],
  middleware: [],
  isUnsure: true,
}

/** The apps whose folder is shared for longest: a library of the workspace may belong to more than one. */
export function nearestApps(apps: readonly NestApp[], path: string): NestApp[] {
  const shared = ({ file }: NestApp) => {
    const [mine, theirs] = [path.split('/'), (file ?? '').split('/')]
    const at = mine.findIndex((part, index) => part !== theirs[index])
    return at === -1 ? mine.length : at
  }
  const longest = Math.max(...apps.map(shared))
  return apps.filter((app) => shared(app) === longest)
}

function toldApp(said: readonly Registration[]): NestApp {
  const of = (name: string) => said.filter(({ path }) => path === name).flatMap(({ handlers }) => handlers)
  const versioning = said.find(({ path }) => path === 'enableVersioning')?.handlers[0]
  return {
    file: said[0]?.spot.file.path ?? null,
    prefix: textOf(of('setGlobalPrefix')[0]) ?? '',
    version: said.some(({ path }) => path === 'enableVersioning') ? versionOf(versioning) : null,
    guards: of('useGlobalGuards'),
    pipes: of('useGlobalPipes'),
    interceptors: of('useGlobalInterceptors'),
    middleware: said
      .filter(({ path }) => path === 'use')
      .map(({ handlers, spot }) => ({ handlers, excluded: [], routes: [], spot })),
    isUnsure: false,
  }
}

/** Unless it says otherwise, the version is the first part of the path. */
function versionOf(options: Value | undefined): NestApp['version'] {
  const type = propertyOf(options, 'type')
  const isInPath = type === undefined || (type.kind === 'library' && type.path.at(-1)?.name === 'URI')
  if (!isInPath) return null
  const byDefault = textOf(propertyOf(options, 'defaultVersion')) ?? null
  return { prefix: textOf(propertyOf(options, 'prefix')) ?? 'v', byDefault }
}

const APP_TOKENS = { APP_GUARD: 'guards', APP_PIPE: 'pipes', APP_INTERCEPTOR: 'interceptors' } as const

/** What a class with `@Module` provides, for all routes and for whoever asks for a token. */
export function nestModule(of: ClassValue, meanings: Meanings): NestModule | undefined {
  const said = decoratorsOf(of.node.decorators, of, meanings).find(({ name }) => name === 'Module')
  const dynamic = dynamicModules(of, meanings)
  if (said === undefined && dynamic.length === 0) return undefined
  const all = [...(said?.args.slice(0, 1) ?? []), ...dynamic]
  const listed = (name: string) => all.flatMap((one) => itemsOf(propertyOf(one, name)))
  const found: Record<'guards' | 'pipes' | 'interceptors', Value[]> = { guards: [], pipes: [], interceptors: [] }
  for (const provider of listed('providers')) {
    const token = propertyOf(provider, 'provide')
    const kept = appToken(token)
    if (kept !== undefined) found[kept].push(providedFor(provider, of, meanings))
    else if (token !== undefined) {
      const key = tokenOf(token)
      if (key !== undefined)
        meanings.registry.provided.set(key, [...(meanings.registry.provided.get(key) ?? []), provider])
    }
  }
  const { path, text } = of.module.file
  const isMissed = /\bAPP_GUARD\b/.test(text) && found.guards.length === 0
  return {
    file: path,
    ...found,
    middleware: middlewareOf(of, meanings),
    isUnsure: isMissed || listed('imports').some(mayGuard),
  }
}

function itemsOf(value: Value | undefined): Value[] {
  if (value?.kind === 'list') return value.items.flatMap((item) => (item.kind === 'list' ? item.items : [item]))
  return value?.kind === 'either' ? value.cases.flatMap((one) => itemsOf(one.value)) : []
}

function appToken(token: Value | undefined): (typeof APP_TOKENS)[keyof typeof APP_TOKENS] | undefined {
  const name = token?.kind === 'library' && token.package.startsWith('@nestjs/') ? token.path.at(-1)?.name : undefined
  return name !== undefined && name in APP_TOKENS ? APP_TOKENS[name as keyof typeof APP_TOKENS] : undefined
}

/** `useClass`, `useExisting`, `useValue`, or what a factory makes. */
function providedFor(provider: Value, of: ClassValue, meanings: Meanings): Value {
  const factory = propertyOf(provider, 'useFactory')
  if (factory !== undefined) return callValue(new Walker(meanings), factory, [], { spot: spotOf(of) })
  const names = ['useClass', 'useExisting', 'useValue']
  return names.map((name) => propertyOf(provider, name)).find((one) => one !== undefined) ?? UNKNOWN
}

/** `static forRoot() { return { module, providers } }`. */
function dynamicModules(of: ClassValue, meanings: Meanings): Value[] {
  return of.node.body.body.flatMap((member) => {
    if (member.type !== 'MethodDefinition' || !member.static || member.key.type !== 'Identifier') return []
    if (!/^(?:for|register)/.test(member.key.name)) return []
    const walker = new Walker(meanings)
    const method = memberOf(walker, of, member.key.name, { isOptional: true, spot: null })
    const made = callValue(
      walker,
      method,
      member.value.params.map(() => UNKNOWN),
      { spot: spotOf(of) },
    )
    return made.kind === 'object' ? [made] : []
  })
}

/** A module of a package that guards may bring a guard for all routes with it. */
function mayGuard(value: Value): boolean {
  if (value.kind !== 'library' || value.package.startsWith('@nestjs/')) return false
  return looksLikeGuard({ library: value.package, name: '' })
}

/** What `configure(consumer)` puts in front of routes. */
function middlewareOf(of: ClassValue, meanings: Meanings): NestMiddleware[] {
  const isConfigured = of.node.body.body.some(
    (member) => member.type === 'MethodDefinition' && (member.key as { name?: string }).name === 'configure',
  )
  if (!isConfigured) return []
  const walker = new Walker(meanings)
  const consumer: LibraryValue = NEST_CONSUMER()
  const instance = meanings.instance(of, spotOf(of)) ?? UNKNOWN
  const configure = memberOf(walker, instance, 'configure', { isOptional: true, spot: null })
  callValue(walker, configure, [consumer], { spot: spotOf(of) })
  return meanings.registry.of(consumer).map(({ handlers: [applied, excluded, routes], spot }) => ({
    handlers: itemsOf(applied),
    excluded: itemsOf(excluded),
    routes: itemsOf(routes),
    spot,
  }))
}

export function spotOf({ module, node }: ClassValue): Spot {
  return { file: module.file, node: node.id ?? node }
}
