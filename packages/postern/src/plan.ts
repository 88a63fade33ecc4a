import type { StandardSchemaV1 } from '@standard-schema/spec'
import { jsonRow } from './database/paved/json-row.js'
import type { EndpointFacts } from './handler.js'
import { listedTable } from './database/paved/list-query.js'
import type { Operation, OperationPlan } from './operations.js'
import { isResponseColumns, type ResponseColumns } from './response-columns.js'
import { factsOf, type TableFacts } from './schema/facts.js'
import { isServiceWritten } from './schema/owner.js'
import type { AuthSlot, Awaitable, OwnershipQuestion, TransactionSlot } from './slots.js'

/** Whose row the path names, and how that is decided. */
export type Ownership =
  | { readonly demand: 'owns' | 'sees'; readonly by: 'table'; readonly facts: TableFacts; readonly param: string }
  | {
      readonly demand: 'owns' | 'sees'
      readonly by: 'function'
      readonly load: (question: OwnershipQuestion) => Awaitable<unknown>
    }

/** An endpoint, read and checked when it is defined: nothing about its shape is decided while a request waits. */
export interface Plan {
  readonly publicReason: string | null
  readonly auth: AuthSlot | null
  readonly ownership: Ownership | null
  readonly unowned: string | null
  readonly schemas: Readonly<Partial<Record<'params' | 'query' | 'body', StandardSchemaV1>>>
  readonly columns: ResponseColumns<unknown> | null
  readonly response: StandardSchemaV1 | null
  readonly status: number | null
  readonly transaction: TransactionSlot | null
  readonly does: OperationPlan | { readonly kind: 'function'; readonly run: (context: never) => unknown }
}

/** Slots as they come: types have checked them where there are types, so this must not rely on it. */
export interface RawSlots {
  readonly public?: unknown
  readonly auth?: unknown
  readonly owns?: unknown
  readonly sees?: unknown
  readonly unowned?: unknown
  readonly params?: unknown
  readonly query?: unknown
  readonly body?: unknown
  readonly response?: unknown
  readonly status?: unknown
  readonly transaction?: unknown
}

const SLOTS = [
  'public',
  'auth',
  'owns',
  'sees',
  'unowned',
  'params',
  'query',
  'body',
  'response',
  'status',
  'transaction',
]

/** Reads the slots. Throws a `TypeError` whose sentence says what is wrong and what to write. */
export function planOf(slots: RawSlots, does: Operation<never> | ((context: never) => unknown)): Plan {
  const unknown = Object.keys(slots).find((name) => !SLOTS.includes(name))
  if (unknown !== undefined) throw new TypeError(`endpoint() has no slot "${unknown}"; it has ${SLOTS.join(', ')}`)
  const said = (['owns', 'sees', 'unowned'] as const).filter((name) => slots[name] !== undefined)
  if (said.length > 1) throw new TypeError(`Say only one of owns, sees, unowned; this says ${said.join(' and ')}`)
  if (slots.params !== undefined && said.length === 0)
    throw new TypeError('Say one of owns, sees, unowned: there are params')
  if (slots.public !== undefined && (slots.owns !== undefined || slots.auth !== undefined)) {
    throw new TypeError('public goes with neither owns nor auth: nobody owns anything, and nobody has a role')
  }
  const plan: Plan = {
    publicReason: reason('public', slots.public),
    auth: authOf(slots.auth),
    ownership: ownershipOf(slots),
    unowned: reason('unowned', slots.unowned),
    schemas: schemasOf(slots),
    columns: isResponseColumns(slots.response) ? slots.response : null,
    response:
      slots.response === undefined || isResponseColumns(slots.response) ? null : schemaOf('response', slots.response),
    status: statusOf(slots.status),
    transaction: transactionOf(slots.transaction),
    does: doesOf(does),
  }
  assertOwnable(plan.ownership)
  assertOperationFits(plan)
  return plan
}

/** What the inventory says of it. */
export function factsOfPlan(plan: Plan): EndpointFacts {
  const named = (demand: 'owns' | 'sees') =>
    plan.ownership?.demand !== demand ? null : plan.ownership.by === 'table' ? plan.ownership.facts.name : 'function'
  return {
    kind: 'endpoint',
    auth: plan.publicReason !== null ? 'public' : (plan.auth ?? 'user'),
    publicReason: plan.publicReason,
    params: plan.schemas.params !== undefined || plan.ownership !== null || plan.unowned !== null,
    query: plan.schemas.query !== undefined,
    body: plan.schemas.body !== undefined,
    owns: named('owns'),
    sees: named('sees'),
    unowned: plan.unowned,
    paginated: plan.does.kind === 'page' || listedTable(plan.schemas.query) !== undefined,
    response: plan.columns !== null || plan.response !== null,
  }
}

function reason(name: string, value: unknown): string | null {
  if (value === undefined) return null
  if (typeof value === 'string' && value.trim() !== '') return value
  throw new TypeError(`${name} needs a reason: a sentence that the inventory can show`)
}

function authOf(value: unknown): AuthSlot | null {
  if (value === undefined) return null
  const { role, scope } = (value ?? {}) as { role?: unknown; scope?: unknown }
  const asked = [role, scope].filter((name) => typeof name === 'string' && name !== '')
  if (asked.length !== 1) throw new TypeError("auth takes { role: 'name' } or { scope: 'name' }")
  return value as AuthSlot
}

function ownershipOf({ owns, sees }: RawSlots): Ownership | null {
  const demand = owns === undefined ? 'sees' : 'owns'
  const value = owns === undefined ? sees : owns
  if (value === undefined) return null
  if (typeof value === 'function') return { demand, by: 'function', load: value as never }
  const own = factsOf(value)
  if (own !== undefined) return { demand, by: 'table', facts: own, param: 'id' }
  const { table, param } = (value ?? {}) as { table?: unknown; param?: unknown }
  const facts = factsOf(table)
  if (facts === undefined || typeof param !== 'string' || param === '')
    throw new TypeError(`${demand} takes a table made by table(), { table, param: 'name' }, or a function`)
  return { demand, by: 'table', facts, param }
}

function schemasOf(slots: RawSlots): Plan['schemas'] {
  const names = (['params', 'query', 'body'] as const).filter((name) => slots[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, schemaOf(name, slots[name])]))
}

function schemaOf(name: string, value: unknown): StandardSchemaV1 {
  if ((typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value) {
    return value as StandardSchemaV1
  }
  throw new TypeError(`${name} takes a schema (zod, valibot, arktype: anything with Standard Schema)`)
}

function statusOf(value: unknown): number | null {
  if (value === undefined) return null
  if (Number.isInteger(value) && (value as number) >= 200 && (value as number) < 300) return value as number
  throw new TypeError('status is that of success: a whole number from 200 to 299')
}

const TRANSACTIONS: readonly unknown[] = ['request', 'statement', 'snapshot'] satisfies TransactionSlot[]

function transactionOf(value: unknown): TransactionSlot | null {
  if (value === undefined) return null
  if (TRANSACTIONS.includes(value)) return value as TransactionSlot
  throw new TypeError("transaction is 'request', 'statement' or 'snapshot'")
}

function doesOf(does: unknown): Plan['does'] {
  if (typeof does === 'function') return { kind: 'function', run: does as (context: never) => unknown }
  const plan = (does as Partial<Operation<never>> | null | undefined)?.plan
  if (plan !== undefined) return plan
  throw new TypeError('endpoint() needs what it does: a paved operation such as page(table), or a function')
}

/** A paved operation that its slots can't feed is refused when it is defined, not when it is first called. */
function assertOwnable(ownership: Ownership | null): void {
  if (ownership?.by !== 'table' || ownership.demand === 'sees' || !isServiceWritten(ownership.facts.ownership)) return
  const { name } = ownership.facts
  throw new TypeError(
    `owns: ${name} can never pass: only the service writes its rows. Say sees, and write by db.asService(reason)`,
  )
}

function assertOperationFits({ does, ownership, schemas, publicReason, columns }: Plan): void {
  if (does.kind === 'function') return
  const table = ownership?.by === 'table' ? ownership.facts : undefined
  const shown = 'facts' in does ? does.facts : table
  if (columns !== null && shown !== undefined && columns.facts !== shown) {
    throw new TypeError(`response: columns(${columns.facts.name}) does not fit an operation on ${shown.name}`)
  }
  if (does.kind === 'page') {
    const lists = listedTable(schemas.query)
    if (lists === undefined) throw new TypeError('page() needs query: listQuery(table)')
    if (lists !== does.facts.name)
      throw new TypeError(`page() of ${does.facts.name} needs listQuery() of the same table, and this is of ${lists}`)
    jsonRow(does.facts, 't', does.shape)
  } else if (does.kind === 'create') {
    if (isServiceWritten(does.facts.ownership))
      throw new TypeError(`create() of ${does.facts.name} has no owner: write a function, and db.asService(reason)`)
    if (schemas.body === undefined) throw new TypeError('create() needs body: a schema')
    if (publicReason !== null)
      throw new TypeError('create() needs an owner, and a public endpoint has none: write a function')
  } else {
    if (table === undefined) throw new TypeError(`${does.kind}() needs owns or sees with a table`)
    if (does.kind === 'row') jsonRow(table, 't', does.shape)
    else if (ownership?.demand !== 'owns')
      throw new TypeError(`${does.kind}() needs owns: seeing a row is not enough to write it`)
    if (does.kind === 'update' && schemas.body === undefined)
      throw new TypeError('update() needs body: patchOf(Schema)')
  }
  if ((does.kind === 'page' || does.kind === 'create') && does.under !== undefined) {
    if (table === undefined) throw new TypeError('under needs owns or sees with the table that the rows hang on')
    if (does.facts.relations[does.under]?.target() !== table) {
      throw new TypeError(`${does.facts.name} has no relation "${does.under}" to ${table.name}`)
    }
  }
}
