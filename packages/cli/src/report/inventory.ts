import { readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { LoadedActions, LoadedRoute } from '../project/load.js'
import { exportLine } from './export-line.js'

/** One thing that can be called, and what guards it: a line of `postern routes --json`. */
export interface InventoryEntry {
  readonly kind: string
  readonly name: string | null
  readonly method: string
  readonly path: string
  readonly file: string
  readonly line: number
  readonly auth: unknown
  readonly publicReason: string | null
  readonly params: boolean
  readonly query: boolean
  readonly body: boolean
  readonly owns: string | null
  readonly sees: string | null
  readonly unowned: string | null
  readonly paginated: boolean
  readonly response: boolean
  readonly rateLimit: unknown
  readonly idempotent: boolean
  readonly provider: string | null
  /** Of a job that a clock begins. */
  readonly schedule?: unknown
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** Every method that a project's routes export, in the order of their paths. */
export function inventoryOf(directory: string, routes: readonly LoadedRoute[]): InventoryEntry[] {
  return routes
    .flatMap((route) => {
      const source = readFileSync(join(directory, route.file), 'utf8')
      const methods = METHODS.filter((method) => typeof route.module[method] === 'function')
      return methods.map((method) => ({
        ...describe(route.module[method], /\/[:*]/.test(route.pattern)),
        method,
        path: route.pattern,
        file: route.file,
        line: exportLine(source, method),
      }))
    })
    .map(inOrder)
}

/** Every function that a project's server files export, by its name there: a framework makes a POST of each. */
export function actionsOf(directory: string, files: readonly LoadedActions[]): InventoryEntry[] {
  return files
    .flatMap(({ file, module }) => {
      const source = readFileSync(join(directory, file), 'utf8')
      const names = Object.keys(module).filter((name) => typeof module[name] === 'function')
      return names.map((name) => {
        const line = exportLine(source, name)
        return { ...describe(module[name], false), name, method: 'POST', path: '', file, line }
      })
    })
    .toSorted((one, other) => one.file.localeCompare(other.file) || one.line - other.line)
    .map(inOrder)
}

/** Every job that a backend knows: what `backend.workers.ts` and its routes have defined. */
export function jobsOf(directory: string, backend: object): InventoryEntry[] {
  const runtime = Reflect.get(backend, Symbol.for('postern.runtime')) as
    { jobs?: { facts?: object[] } | null } | undefined
  return (runtime?.jobs?.facts ?? []).map((facts) => {
    const { place, schedule } = facts as { readonly place: string | null; readonly schedule: unknown }
    const [, file = '', line = '0'] = /^(.*):(\d+):\d+$/.exec(place ?? '') ?? []
    const where = { file: file === '' ? '' : relative(directory, file).split(sep).join('/'), line: Number(line) }
    const described = describe({ [Symbol.for('postern.endpoint')]: facts }, false)
    return { ...inOrder({ ...described, method: '', path: '', ...where }), schedule: schedule ?? null }
  })
}

type Described = Omit<InventoryEntry, 'method' | 'path' | 'file' | 'line'>

/** What a handler says of itself; a bare function says nothing, and nothing guards it. */
function describe(handler: unknown, hasParams: boolean): Described {
  const facts = (Reflect.get(Object(handler), Symbol.for('postern.endpoint')) ?? {}) as Readonly<
    Record<string, unknown>
  >
  return {
    kind: textOf(facts.kind) ?? 'unguarded',
    name: textOf(facts.name),
    auth: facts.auth ?? null,
    publicReason: textOf(facts.publicReason),
    params: Boolean(facts.params) || hasParams,
    query: Boolean(facts.query),
    body: Boolean(facts.body),
    owns: textOf(facts.owns),
    sees: textOf(facts.sees),
    unowned: textOf(facts.unowned),
    paginated: Boolean(facts.paginated),
    response: Boolean(facts.response),
    rateLimit: facts.rateLimit ?? null,
    idempotent: Boolean(facts.idempotent),
    provider: textOf(facts.provider) ?? (facts.kind === 'foreign' ? textOf(facts.reason) : null),
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null)

function inOrder(entry: Described & Pick<InventoryEntry, 'method' | 'path' | 'file' | 'line'>): InventoryEntry {
  const { kind, name, method, path, file, line, ...rest } = entry
  return { kind, name, method, path, file, line, ...rest }
}
