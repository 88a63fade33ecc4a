import { factsOf } from '../schema/facts.js'
import { callSite } from './call-site.js'
import { drizzleOver, reroute } from './drizzle.js'
import type { Principal } from '../principal.js'
import { type Identity, identityOf, SERVICE } from './identity.js'
import { Unawaited } from './pending.js'
import type { Schema, Scope, ServiceScope } from './scope-types.js'
import { unitRunner } from './service.js'
import { type ScopeContext, TableOperations } from './table-scope.js'
import type { Unit } from './unit.js'
import { watchedWrites } from './watched-writes.js'

/** What of Drizzle a scope hands out. A table of one of these names could not be reached. */
const DRIZZLE = [
  'select',
  'selectDistinct',
  'selectDistinctOn',
  'insert',
  'update',
  'delete',
  'execute',
  '$count',
  '$with',
  'with',
] as const
/** What is lost in silence where it is never awaited. */
const WRITES: readonly string[] = ['insert', 'update', 'delete', 'execute']
const RESERVED: readonly string[] = [...DRIZZLE, 'query', 'transaction', 'asService', 'as', 'enqueue', 'then']

interface ScopeOptions<S extends Schema> {
  readonly schema: S
  readonly unit: Unit
  readonly identity: Identity
  readonly unawaited?: Unawaited
  readonly created?: WeakSet<object>
  readonly versions?: WeakMap<object, string>
  /** Told of every step round ownership. */
  readonly onService?: (reason: string) => void
}

/** Makes the handle that a function gets as `db`. It costs next to nothing until it is used. */
export function scopeOf<S extends Schema>(options: ScopeOptions<S>): Scope<S> {
  const { schema, unit, identity, onService } = options
  const context: ScopeContext = {
    unit,
    identity,
    unawaited: options.unawaited ?? new Unawaited(false),
    created: options.created ?? new WeakSet(),
    versions: options.versions ?? new WeakMap(),
  }
  const scope = {
    asService(reason: string): ServiceScope<S> {
      if (reason.trim() === '') throw new TypeError('asService() needs a reason: it goes round ownership')
      onService?.(reason)
      return scopeOf({ ...options, ...context, identity: SERVICE }) as unknown as ServiceScope<S>
    },
    transaction<T>(work: (db: Scope<S>) => Promise<T>): Promise<T> {
      return unit.transaction((inner) => work(scopeOf({ ...options, ...context, unit: inner })))
    },
  }
  // Only the service may become somebody: a principal that could would be anybody.
  if (identity.role === 'service_role') Object.assign(scope, { as: narrowed })
  function narrowed({ id, roles = [], claims = {}, ...rest }: Pick<Principal, 'id'> & Partial<Principal>): Scope<S> {
    if (id === '') throw new TypeError('as() needs the id of a principal: an empty one is nobody')
    return scopeOf({ ...options, ...context, identity: identityOf({ id, roles, claims, ...rest }) })
  }
  if (unit.watch === undefined) defineLazily(scope, 'query', () => drizzle().query)
  else Object.defineProperty(scope, 'query', { enumerable: true, get: () => drizzleHere().query })
  for (const name of DRIZZLE) {
    defineLazily(scope, name, () => {
      const method = (...values: unknown[]) => {
        const handle = drizzleHere()
        return (handle[name] as (...values: unknown[]) => unknown).apply(handle, values)
      }
      return WRITES.includes(name) ? watchedWrites(`db.${name}()`, method, context.unawaited) : method
    })
  }
  for (const [key, table] of Object.entries(schema)) {
    const facts = factsOf(table)
    if (facts !== undefined) defineLazily(scope, key, () => new TableOperations(context, facts, key))
  }
  let made: ReturnType<typeof drizzleOver<S>> | undefined
  const drizzle = () => (made ??= drizzleOver(schema, unitRunner(unit, identity)))
  // A query runs when it is awaited, and then nobody knows any more which line asked for it.
  const drizzleHere = () =>
    unit.watch === undefined ? drizzle() : reroute(drizzle(), unitRunner(unit, identity, callSite()))
  return scope as never
}

/** Refuses a schema whose tables would hide what a scope offers. Throws one sentence, naming the table. */
export function assertNamesAreFree(schema: Schema): void {
  for (const [key, table] of Object.entries(schema)) {
    if (factsOf(table) !== undefined && RESERVED.includes(key)) {
      throw new TypeError(`The table exported as "${key}" would hide db.${key}: export it under another name`)
    }
  }
}

function defineLazily(target: object, key: string, make: () => unknown): void {
  Object.defineProperty(target, key, {
    configurable: true,
    enumerable: true,
    get() {
      const value = make()
      Object.defineProperty(target, key, { value, enumerable: true })
      return value
    },
  })
}
