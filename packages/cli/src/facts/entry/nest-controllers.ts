import type { Statement } from 'oxc-parser'
import { textOf } from '../catalog/library.js'
import { NEST_ROUTES } from '../catalog/nest.js'
import { isTestFile } from '../source/code-matches.js'
import { callValue } from '../trace/call.js'
import type { SourceFile } from '../source/source-file.js'
import type { ClassValue, Value } from '../trace/model.js'
import type { Modules } from '../trace/modules.js'
import { UNKNOWN } from '../trace/value.js'
import { type Meanings, Walker } from '../trace/walker.js'
import { decoratorsOf, isNests, type Told } from './decorators.js'
import type { EntryPoint } from './entry-point.js'
import { type NestApp, nearestApps, nestApps, nestModule } from './nest-app.js'
import { followFilter } from './nest-filter.js'
import { followRequest } from './nest-request.js'
import type { NestRoute } from './nest-route.js'

/** The routes of NestJS controllers, each behind the guards and pipes of its app. `run` evaluates a module for what it tells its app. */
export function nestControllers(
  files: readonly SourceFile[],
  modules: Modules,
  meanings: Meanings,
  attempt: (path: string, work: () => readonly EntryPoint[]) => readonly EntryPoint[],
): EntryPoint[] {
  const nest = files.filter(({ path, text }) => DECORATED.test(text) && !isTestFile(path))
  if (!nest.some(({ text }) => text.includes('@nestjs/'))) return []
  const found = nest
    .filter(({ text }) => /@Module\b/.test(text))
    .flatMap(({ path }) => {
      const own: ReturnType<typeof nestModule>[] = []
      attempt(path, () => (own.push(...classesOf(path, modules).map((one) => nestModule(one, meanings))), []))
      return own.flatMap((one) => one ?? [])
    })
  // Bootstraps are evaluated behind the modules, whose providers may be asked for there.
  for (const { path, text } of files)
    if (text.includes('NestFactory') && !isTestFile(path))
      attempt(path, () => (bootstrap(path, text, modules, meanings), []))
  const apps = nestApps(found, meanings)
  return nest.flatMap(({ path, text }) =>
    /@Module\b/.test(text) && !/@\w*(?:Controller|Catch)\b/.test(text)
      ? []
      : attempt(path, () => classesOf(path, modules).flatMap((one) => entriesOf(one, apps, meanings))),
  )
}

const DECORATED = /@(?:\w*Controller|Module|Catch)\b/

/** A module that makes an app, or has a function that does: somewhere else that is called. */
function bootstrap(path: string, text: string, modules: Modules, meanings: Meanings): void {
  modules.run(path)
  const scope = modules.scopeOf(path)
  const isMade = meanings.registry.apps.some((app) => meanings.registry.of(app)[0]?.spot.file === scope?.file)
  if (scope === undefined || isMade || !text.includes('NestFactory.create')) return
  for (const name of modules.exportsOf(path)) {
    const made = modules.exported(path, name)
    const spot = { file: scope.file, node: scope.file.program }
    if (made?.kind === 'function' && made.module === scope)
      callValue(
        new Walker(meanings),
        made,
        made.node.params.map(() => UNKNOWN),
        { spot },
      )
  }
}

function classesOf(path: string, modules: Modules): ClassValue[] {
  const scope = modules.scopeOf(path)
  if (scope === undefined) return []
  return (scope.file.program.body as Statement[]).flatMap((statement) => {
    const isExport = statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
    const node = isExport ? statement.declaration : statement
    return node?.type === 'ClassDeclaration' ? [{ kind: 'class' as const, node, scope, module: scope }] : []
  })
}

function entriesOf(of: ClassValue, apps: readonly NestApp[], meanings: Meanings): EntryPoint[] {
  if (of.node.decorators.length === 0) return []
  const ofClass = decoratorsOf(of.node.decorators, of, meanings)
  const caught = ofClass.find((one) => isNests(one, 'Catch'))
  if (caught !== undefined) return followFilter(of, caught, meanings)
  const said = ofClass.find((one) => isNests(one, 'Controller'))
  if (said === undefined) return []
  const near = nearestApps(apps, of.module.file.path)
  // Of several that it may belong to it is not known what stands in front of it.
  const app = { ...near[0]!, isUnsure: near.length > 1 || near[0]!.isUnsure }
  return routesOf(of, { of, ofClass, said, app, meanings }, new Set())
}

interface Controller {
  readonly of: ClassValue
  readonly ofClass: readonly Told[]
  readonly said: Told
  readonly app: NestApp
  readonly meanings: Meanings
}

/** Its own methods, and those of the classes above it that it has not written anew. */
function routesOf(home: ClassValue, controller: Controller, seen: Set<string>): EntryPoint[] {
  const { meanings, of, ofClass, app } = controller
  const own = home.node.body.body.flatMap((member): EntryPoint[] => {
    if (member.type !== 'MethodDefinition' || member.static || member.key.type !== 'Identifier') return []
    const { name } = member.key
    if (seen.has(name)) return []
    seen.add(name)
    if (member.decorators.length === 0 || member.value.body === null) return []
    const ofMethod = decoratorsOf(member.decorators, home, meanings)
    const route = ofMethod.find((one) => one.name in NEST_ROUTES && one.package.startsWith('@nestjs/common'))
    if (route === undefined) return []
    const method = NEST_ROUTES[route.name]!
    const path = pathOf(controller, route, ofMethod)
    const spot = { file: home.module.file, node: { start: member.key.start, end: member.end } }
    const said: NestRoute = { app, controller: of, ofClass, ofMethod, member, home, name, method, path, spot }
    const symbol = `${of.node.id?.name ?? 'Controller'}.${name}`
    const follow: EntryPoint['follow'] = (walker) => followRequest(walker, said)
    return [{ kind: 'endpoint', framework: 'nest', symbol, method, path, spot, follow }]
  })
  const parent = meanings.parentOf(home)
  return parent?.kind === 'class' && seen.size < 1_000 ? [...own, ...routesOf(parent, controller, seen)] : own
}

function pathOf({ said, app }: Controller, route: Told, ofMethod: readonly Told[]): string {
  const [options] = said.args
  const isNamed = options?.kind === 'object'
  const base = firstText(isNamed ? options.properties.get('path') : options)
  const ofClass = isNamed ? firstText(options.properties.get('version')) : undefined
  const ofRoute = firstText(ofMethod.find((one) => isNests(one, 'Version'))?.args[0])
  const number = ofRoute ?? ofClass ?? app.version?.byDefault ?? undefined
  const version = app.version === null || number === undefined ? '' : `${app.version.prefix}${number}`
  const all = [app.prefix, version, base ?? '', firstText(route.args[0]) ?? ''].join('/')
  return `/${all
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`
}

function firstText(value: Value | undefined): string | undefined {
  return textOf(value?.kind === 'list' ? value.items[0] : value)
}
