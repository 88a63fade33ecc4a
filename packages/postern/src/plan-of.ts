import type { StandardSchemaV1 } from '@standard-schema/spec'
import { bindOf } from './action-input/take-arguments.js'
import { cacheSlotOf } from './cache-slot.js'
import { assertIfMatchFits, ifMatchSlotOf } from './if-match-slot.js'
import { idempotentOf } from './idempotent-slot.js'
import { assertOperationFits, assertOwnable, assertRowIsAsked } from './operation-fits.js'
import { formOf } from './form/form-slot.js'
import type { Operation } from './operations.js'
import type { Ownership, Plan } from './plan.js'
import { revalidationOf } from './host.js'
import { rateLimitOf } from './rate-limit/rate-limit-slot.js'
import { isResponseColumns } from './response-columns.js'
import { factsOf } from './schema/facts.js'
import type { AuthSlot, TransactionSlot } from './slots.js'

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
  readonly input?: unknown
  readonly response?: unknown
  readonly status?: unknown
  readonly transaction?: unknown
  readonly ifMatch?: unknown
  readonly cache?: unknown
  readonly rateLimit?: unknown
  readonly idempotent?: unknown
  readonly bind?: unknown
  readonly name?: unknown
  readonly revalidate?: unknown
}

/** Reads the slots. Throws a `TypeError` whose sentence says what is wrong and what to write. */
export function planOf(
  slots: RawSlots,
  does: Operation<never> | ((context: never) => unknown),
  kind: Plan['kind'] = 'endpoint',
): Plan {
  const names = SLOTS[kind]
  const unknown = Object.keys(slots).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new TypeError(`${kind}() has no slot "${unknown}"; it has ${names.join(', ')}`)
  const said = (['owns', 'sees', 'unowned'] as const).filter((name) => slots[name] !== undefined)
  if (said.length > 1) throw new TypeError(`Say only one of owns, sees, unowned; this says ${said.join(' and ')}`)
  if (slots.params !== undefined && said.length === 0)
    throw new TypeError('Say one of owns, sees, unowned: there are params')
  if (slots.public !== undefined && (slots.owns !== undefined || slots.auth !== undefined)) {
    throw new TypeError('public goes with neither owns nor auth: nobody owns anything, and nobody has a role')
  }
  const what = doesOf(does, kind)
  const schemas = schemasOf(slots)
  const plan: Plan = {
    kind,
    publicReason: reason('public', slots.public),
    auth: authOf(slots.auth),
    ownership: ownershipOf(slots),
    unowned: reason('unowned', slots.unowned),
    schemas,
    columns: isResponseColumns(slots.response) ? slots.response : null,
    response:
      slots.response === undefined || isResponseColumns(slots.response) ? null : schemaOf('response', slots.response),
    status: statusOf(slots.status),
    transaction: transactionOf(slots.transaction),
    ifMatch: ifMatchSlotOf(slots.ifMatch),
    cache: cacheSlotOf(slots.cache, what.kind),
    rateLimit: kind === 'action' ? actionRateLimitOf(slots) : rateLimitOf(slots.rateLimit),
    idempotent: idempotentOf(slots, what),
    name: nameOf(slots.name),
    bind: bindOf(slots.bind, schemas.input),
    revalidate: revalidateOf(slots.revalidate),
    does: what,
  }
  assertOwnable(plan)
  assertOperationFits(plan)
  assertIfMatchFits(plan)
  assertRowIsAsked(plan)
  return plan
}

const OF_ENDPOINTS = [
  'params',
  'query',
  'body',
  'response',
  'status',
  'transaction',
  'ifMatch',
  'cache',
  'rateLimit',
  'idempotent',
]
const OF_ACTIONS = ['input', 'bind', 'name', 'response', 'transaction', 'rateLimit', 'revalidate']
const WHO_AND_WHOSE = ['public', 'auth', 'owns', 'sees', 'unowned']
const SLOTS: Readonly<Record<Plan['kind'], readonly string[]>> = {
  endpoint: [...WHO_AND_WHOSE, ...OF_ENDPOINTS],
  action: [...WHO_AND_WHOSE, ...OF_ACTIONS],
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
  const names = (['params', 'query', 'body', 'input'] as const).filter((name) => slots[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, schemaOf(name, slots[name])]))
}

function schemaOf(name: string, value: unknown): StandardSchemaV1 {
  if (name !== 'body' && name !== 'input' && formOf(value) !== undefined)
    throw new TypeError(`${name} takes no form(): a form is a body`)
  if ((typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value) {
    return value as StandardSchemaV1
  }
  throw new TypeError(`${name} takes a schema (zod, valibot, arktype: anything with Standard Schema)`)
}

function nameOf(value: unknown): string | null {
  if (value === undefined) return null
  if (typeof value === 'string' && /^[\w./-]{1,80}$/.test(value)) return value
  throw new TypeError("name takes letters, digits and - _ . /, at most 80 of them: name: 'create-post'")
}

/** An action has no path of its own, and its caller chooses the page: only a name says what is limited. */
function actionRateLimitOf({ rateLimit, name }: RawSlots): Plan['rateLimit'] {
  const plan = rateLimitOf(rateLimit)
  if (plan === null || plan.name !== null) return plan
  const said = nameOf(name)
  if (said === null) throw new TypeError("rateLimit of an action needs a name: say name: 'create-post' beside it")
  return { ...plan, name: `action ${said}` }
}

function revalidateOf(value: unknown): Plan['revalidate'] {
  if (value === undefined) return null
  return typeof value === 'function' ? (value as never) : revalidationOf(value)
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

function doesOf(does: unknown, kind: Plan['kind']): Plan['does'] {
  if (typeof does === 'function') return { kind: 'function', run: does as (context: never) => unknown }
  const plan = (does as Partial<Operation<never>> | null | undefined)?.plan
  if (plan !== undefined) return plan
  const paved = kind === 'endpoint' ? 'page' : 'create'
  throw new TypeError(`${kind}() needs what it does: a paved operation such as ${paved}(table), or a function`)
}
