import { factsOf, type TableFacts } from '../schema/facts.js'
import { callSite } from './call-site.js'
import { drizzleOver, reroute } from './drizzle.js'
import type { EnqueueOptions, Job } from '../job-type.js'
import type { Principal } from '../principal.js'
import { type Identity, identityOf, SERVICE } from './identity.js'
import { Pending, Unawaited } from './pending.js'
import { RowMarks } from './row-marks.js'
import type { Schema, Scope } from './scope-types.js'
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
  readonly marks?: RowMarks
  /** Told of every step round ownership. */
  readonly onService?: (reason: string) => void
  /** Who the scope belongs to; nobody and the service are `null`. */
  readonly principal?: Principal | null
  /** Puts a job into the queue, in the scope's transaction. */
  readonly enqueue?: EnqueueBy
}

/** What enqueues for a scope. Answers the job's id. */
export type EnqueueBy = (
  by: { readonly unit: Unit; readonly identity: Identity; readonly principal: Principal | null },
  job: Job,
  input: unknown,
  options: EnqueueOptions | undefined,
) => Promise<string>

/** Makes the handle that a function gets as `db`. It costs next to nothing until it is used. */
export function scopeOf<S extends Schema>(options: ScopeOptions<S>): Scope<S> {
  const parts = new ScopeParts(options as unknown as ScopeOptions<Schema>)
  const Handle = handlesOf(options.schema, parts.isService)
  return new Handle(parts) as never
}

/** What one handle is made of; each part is made when it is asked for. */
class ScopeParts {
  readonly #options: ScopeOptions<Schema>
  readonly #context: ScopeContext
  #drizzle: ReturnType<typeof drizzleOver<Schema>> | undefined

  constructor(options: ScopeOptions<Schema>) {
    const { unit, identity } = options
    this.#options = options
    this.#context = {
      unit,
      identity,
      unawaited: options.unawaited ?? new Unawaited(false),
      marks: options.marks ?? new RowMarks(),
    }
  }

  get isService(): boolean {
    return this.#options.identity.role === 'service_role'
  }

  table(facts: TableFacts, key: string): TableOperations {
    return new TableOperations(this.#context, facts, key)
  }

  asService(reason: string): unknown {
    if (reason.trim() === '') throw new TypeError('asService() needs a reason: it goes round ownership')
    this.#options.onService?.(reason)
    return this.#as(SERVICE, null)
  }

  as({ id, roles = [], claims = {}, ...rest }: Pick<Principal, 'id'> & Partial<Principal>): unknown {
    if (id === '') throw new TypeError('as() needs the id of a principal: an empty one is nobody')
    const principal = { id, roles, claims, ...rest }
    return this.#as(identityOf(principal), principal)
  }

  enqueue(job: Job, input: unknown, options: EnqueueOptions | undefined): Promise<string> {
    const { unit, identity, principal = null, enqueue } = this.#options
    const { done } = this.#context.unawaited.add('db.enqueue()')
    return new Pending(async () => {
      if (enqueue === undefined)
        throw new TypeError('There are no jobs here: a job needs a backend made by createBackend()')
      return enqueue({ unit, identity, principal }, job, input, options)
    }, done)
  }

  transaction<T>(work: (db: never) => Promise<T>): Promise<T> {
    const { unit } = this.#options
    return unit.transaction((inner) => work(scopeOf({ ...this.#options, ...this.#context, unit: inner }) as never))
  }

  /** Of a part of Drizzle that is a function. */
  method(name: (typeof DRIZZLE)[number]): (...values: unknown[]) => unknown {
    const method = (...values: unknown[]) => {
      const handle = this.drizzle
      return (handle[name] as (...values: unknown[]) => unknown).apply(handle, values)
    }
    return WRITES.includes(name) ? watchedWrites(`db.${name}()`, method, this.#context.unawaited) : method
  }

  get drizzle(): ReturnType<typeof drizzleOver<Schema>> {
    const { schema, unit, identity } = this.#options
    this.#drizzle ??= drizzleOver(schema, unitRunner(unit, identity))
    // A query runs when it is awaited, and then nobody knows any more which line asked for it.
    return unit.watch === undefined ? this.#drizzle : reroute(this.#drizzle, unitRunner(unit, identity, callSite()))
  }

  #as(identity: Identity, principal: Principal | null): unknown {
    return scopeOf({ ...this.#options, ...this.#context, identity, principal })
  }
}

type HandleClass = new (parts: ScopeParts) => object

/** By schema, the handles of a principal and those of the service. */
const handles = new WeakMap<Schema, { readonly own: HandleClass; readonly service: HandleClass }>()

function handlesOf(schema: Schema, isService: boolean): HandleClass {
  const known = handles.get(schema) ?? { own: handleClass(schema, false), service: handleClass(schema, true) }
  handles.set(schema, known)
  return isService ? known.service : known.own
}

/**
 * The handle's names stand on a class that is made once for a schema: put on each handle, they cost a request more than all
 * that most functions do with them (7 µs).
 */
function handleClass(schema: Schema, isService: boolean): HandleClass {
  class Handle {
    readonly #parts: ScopeParts

    constructor(parts: ScopeParts) {
      this.#parts = parts
    }

    static partsOf(handle: Handle): ScopeParts {
      return handle.#parts
    }
  }
  // Kept once made, so that it is the same each time, and works without its handle: `const { invoices } = db`.
  const keep = (key: string, make: (parts: ScopeParts) => unknown) =>
    Object.defineProperty(Handle.prototype, key, {
      enumerable: true,
      get(this: Handle) {
        const value = make(Handle.partsOf(this))
        Object.defineProperty(this, key, { value, enumerable: true })
        return value
      },
    })
  keep('asService', (parts) => parts.asService.bind(parts))
  // Only the service may become somebody: a principal that could would be anybody.
  if (isService) keep('as', (parts) => parts.as.bind(parts))
  keep('transaction', (parts) => parts.transaction.bind(parts))
  keep('enqueue', (parts) => parts.enqueue.bind(parts))
  Object.defineProperty(Handle.prototype, 'query', {
    enumerable: true,
    get(this: Handle) {
      return Handle.partsOf(this).drizzle.query
    },
  })
  for (const name of DRIZZLE) keep(name, (parts) => parts.method(name))
  for (const [key, table] of Object.entries(schema)) {
    const facts = factsOf(table)
    if (facts !== undefined) keep(key, (parts) => parts.table(facts, key))
  }
  return Handle
}

/** Refuses a schema whose tables would hide what a scope offers. Throws one sentence, naming the table. */
export function assertNamesAreFree(schema: Schema): void {
  for (const [key, table] of Object.entries(schema)) {
    if (factsOf(table) !== undefined && RESERVED.includes(key)) {
      throw new TypeError(`The table exported as "${key}" would hide db.${key}: export it under another name`)
    }
  }
}
