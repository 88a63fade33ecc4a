import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadedRoute } from '../project/load.js'
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
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** Every method that a project's routes export, in the order of their paths. */
export function inventoryOf(directory: string, routes: readonly LoadedRoute[]): InventoryEntry[] {
  return routes
    .flatMap((route) => {
      const source = readFileSync(join(directory, route.file), 'utf8')
      const methods = METHODS.filter((method) => typeof route.module[method] === 'function')
      return methods.map((method) => ({
        ...describe(route.module[method], route),
        method,
        path: route.pattern,
        file: route.file,
        line: exportLine(source, method),
      }))
    })
    .map(inOrder)
}

type Described = Omit<InventoryEntry, 'method' | 'path' | 'file' | 'line'>

/** What a handler says of itself; a bare function says nothing, and nothing guards it. */
function describe(handler: unknown, route: LoadedRoute): Described {
  const facts = (Reflect.get(Object(handler), Symbol.for('postern.endpoint')) ?? {}) as Readonly<
    Record<string, unknown>
  >
  return {
    kind: textOf(facts.kind) ?? 'unguarded',
    name: textOf(facts.name),
    auth: facts.auth ?? null,
    publicReason: textOf(facts.publicReason),
    params: Boolean(facts.params) || /\/[:*]/.test(route.pattern),
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
