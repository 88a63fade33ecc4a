import type { Asked, Condition, Known, Origin, Step, Truth, Value } from './model.js'
import { inAll, NOTHING, withAll } from './condition.js'
import { testOf } from './origin.js'
import { casesOf, from, isNullish, originsOf, truthOf } from './value.js'

/** What is known where a value is truthy, and where it is not. */
export function conditionsOf(value: Value): Pick<Truth, 'holds' | 'fails'> {
  if (value.kind === 'truth') return value
  if (value.kind === 'unknown' || value.kind === 'library') {
    const judged = judgedBy(value)
    return { holds: [...judged, ...privilegesOf(value), ...kindsOf(value, MADE_TO_BE_TOLD)], fails: judged }
  }
  if (value.kind !== 'either') return { holds: [], fails: [] }
  return {
    holds: knownWhere(value, (one) => truthOf(one) !== false, true),
    fails: knownWhere(value, (one) => truthOf(one) !== true, false),
  }
}

/** What a library says that nobody has described may be the judgement, whichever way it is asked. */
function judgedBy(value: Value): Condition[] {
  if (value.kind === 'library') {
    const step = value.path.findLast(({ args }) => args !== undefined)
    return step === undefined ? [] : [{ is: 'judged', by: askedBy(step, value.package) }]
  }
  return originsOf(value).flatMap((one) => (one.from === 'answered' ? [{ is: 'judged', by: one.source }] : []))
}

/** `count === 0`, and where it is not, something was found; `count === 1`. */
function countOf(rows: Value, number: Value, holds: boolean): Condition[] {
  if (number.kind !== 'literal' || typeof number.value !== 'number' || number.value > 0 !== holds) return []
  return originsOf(rows).flatMap((one) => (one.from === 'row' ? [{ is: 'found', query: one.source }] : []))
}

/** Names of what not everybody has who is signed in. */
const PRIVILEGE = /(?:^|\.)[^.]*(?:role|admin|permission|privilege|staff|moderator|superuser)[^.]*$/i

/** `user.isAdmin`, `user.role`: of the caller as a library tells it, or of a row, of which it is asked elsewhere whose it is. */
export function privilegesOf(value: Value): Condition[] {
  return originsOf(value).flatMap((one): Condition[] => {
    if (!PRIVILEGE.test(one.name)) return []
    if (one.from === 'principal') return [{ is: 'permitted', by: one.source }]
    return one.from === 'row' ? [{ is: 'privileged', query: one.source }] : []
  })
}

/** `RANKS[user.role]`: what a table has under somebody's role says as much of them as the role does. */
export function rankOf(table: Value, key: Value): Value | undefined {
  if (table.kind !== 'object') return undefined
  const roles = originsOf(key).filter((one) => isCallers(one) && PRIVILEGE.test(one.name))
  return roles.length === 0 ? undefined : from(...roles)
}

/** `error.isOperational`, `error.status`: what somebody has put on it, whose errors were made to be told. */
const MADE_TO_BE_TOLD = /(?:^|\.)(?:isOperational|isAppError|isPublic|expose|status|statusCode|errorCode)$/
const NAMED = /(?:^|\.)name$/
const STATUS = /(?:^|\.)(?:status|statusCode|errorCode)$/

function kindsOf(value: Value, by: RegExp): Condition[] {
  return originsOf(value).flatMap((one) =>
    one.from === 'error' && by.test(one.name) ? [{ is: 'error-kind', source: one.source, kind: '*' }] : [],
  )
}

/** `status < 500`: an error that was made to be told. */
export const isBelow = (status: Value) => kindsOf(status, STATUS)

/** `error.name === 'ValidationError'`, `error.status === 404`; of 500 it is told where it is another. */
function errorIn(value: Value, said: Value): { readonly holds: Condition[]; readonly fails: Condition[] } {
  if (said.kind !== 'literal') return { holds: [], fails: [] }
  const [named, status] = [kindsOf(value, NAMED), kindsOf(value, STATUS)]
  return said.value === 500 ? { holds: named, fails: status } : { holds: [...named, ...status], fails: [] }
}

const ENVIRONMENT = /^(?:NODE_ENV|APP_ENV|ENVIRONMENT|ENV|STAGE|VERCEL_ENV|NEXT_PUBLIC_(?:APP_|VERCEL_)?ENV)$/

/** `process.env.NODE_ENV === 'development'`, and where it is not `'production'`. */
function developmentIn(value: Value, said: Value): { readonly holds: Condition[]; readonly fails: Condition[] } {
  const isAsked = originsOf(value).some((one) => one.from === 'environment' && ENVIRONMENT.test(one.name))
  const text = isAsked && said.kind === 'literal' ? String(said.value) : ''
  const known: Condition[] = [{ is: 'in-development' }]
  return { holds: /^(?:dev|local|test)/i.test(text) ? known : [], fails: /^prod/i.test(text) ? known : [] }
}

const asked = new WeakMap<Step, Asked>()

/** A call of a library's: the same step is the same call. */
export function askedBy(step: Step, library: string): Asked {
  const known = asked.get(step) ?? { library, name: step.name, args: step.args ?? [] }
  asked.set(step, known)
  return known
}

/** What is known where a value is `null` or `undefined`, and where it is something. */
export function nullConditionsOf(value: Value): { readonly isNull: Condition[]; readonly isThere: Condition[] } {
  return { isNull: knownWhere(value, maybeNullish), isThere: knownWhere(value, (one) => !isNullish(one)) }
}

function maybeNullish(value: Value): boolean {
  return isNullish(value) || value.kind === 'unknown'
}

/** What all the cases share that may be meant; and whose word it may have been, where it was somebody's in any of them. */
export function knownWhere(value: Value, isMeant: (value: Value) => boolean, truth?: boolean): Condition[] {
  const sets: Known[] = []
  for (const one of casesOf(value)) {
    if (!isMeant(one.value)) continue
    const { holds, fails } = conditionsOf(one.value)
    const more = truth === undefined ? [] : truth ? holds : fails
    sets.push(withAll(NOTHING, [...one.given, ...more]))
  }
  if (sets.length === 0) return []
  const judged = sets.flatMap((set) => [...set.values()].filter(({ is }) => is === 'judged'))
  return [...withAll(inAll(sets), judged).values()]
}

export function not(value: Value): Value {
  const known = truthOf(value)
  if (known !== undefined) return { kind: 'literal', value: !known }
  const { holds, fails } = conditionsOf(value)
  return { kind: 'truth', holds: fails, fails: holds, origins: originsOf(value).map(testOf) }
}

export function both(a: Value, b: Value): Value {
  const [first, second] = [conditionsOf(a), conditionsOf(b)]
  return {
    kind: 'truth',
    holds: [...first.holds, ...second.holds],
    // Of one that always holds it is the other that has failed.
    fails: truthOf(a) === true ? second.fails : truthOf(b) === true ? first.fails : shared(first.fails, second.fails),
    origins: [...originsOf(a), ...originsOf(b)],
  }
}

export function oneOf(a: Value, b: Value): Value {
  const [first, second] = [conditionsOf(a), conditionsOf(b)]
  return {
    kind: 'truth',
    holds: truthOf(a) === false ? second.holds : truthOf(b) === false ? first.holds : shared(first.holds, second.holds),
    fails: [...first.fails, ...second.fails],
    origins: [...originsOf(a), ...originsOf(b)],
  }
}

function shared(a: readonly Condition[], b: readonly Condition[]): Condition[] {
  return [
    ...inAll([withAll(NOTHING, a), withAll(NOTHING, b)]).values(),
    ...unlessPermitted(a, b),
    ...unlessPermitted(b, a),
  ]
}

/** `post.authorId === user.id || user.role === 'admin'`: whoever has no right that others have not goes on only with what is theirs. */
function unlessPermitted(own: readonly Condition[], other: readonly Condition[]): readonly Condition[] {
  if (!other.some(({ is }) => is === 'permitted' || is === 'privileged')) return []
  return own.filter((one) => one.is === 'equal' && (isCallers(one.a) || isCallers(one.b)))
}

const isCallers = (one: Origin) => one.from === 'principal' || one.from === 'row'

/** Of several values of which a test can be decided for each, what is known where it holds and where it does not. */
export function decided(value: Value, test: (one: Value) => boolean | undefined): Truth | undefined {
  if (value.kind !== 'either') return undefined
  const sides: Record<'true' | 'false', Known[]> = { true: [], false: [] }
  for (const one of value.cases) {
    const verdict = test(one.value)
    if (verdict === undefined) return undefined
    sides[`${verdict}`].push(withAll(NOTHING, one.given))
  }
  const [holds, fails] = [sides.true, sides.false].map((sets) => [...inAll(sets).values()])
  return { kind: 'truth', holds: holds!, fails: fails!, origins: originsOf(value).map(testOf) }
}

/** What `a === b` says; for `!==` take `not()` of it. */
export function equality(a: Value, b: Value): Value {
  if (a.kind === 'literal' && b.kind === 'literal') return { kind: 'literal', value: a.value === b.value }
  const told =
    b.kind === 'literal' && !isNullish(b)
      ? decided(a, (one) => (one.kind === 'literal' ? one.value === b.value : undefined))
      : undefined
  if (told !== undefined) return told
  const origins = [...originsOf(a), ...originsOf(b)].map(testOf)
  if (isNullish(a)) return equality(b, a)
  if (isNullish(b)) {
    const { isNull, isThere } = nullConditionsOf(a)
    const judged = a.kind === 'unknown' || a.kind === 'library' ? judgedBy(a) : []
    return { kind: 'truth', holds: [...isNull, ...judged], fails: [...isThere, ...judged], origins }
  }
  // What is the same as a text or a number is there: `session?.user.role === 'admin'`.
  const isThere =
    b.kind === 'literal' ? nullConditionsOf(a).isThere : a.kind === 'literal' ? nullConditionsOf(b).isThere : []
  const judged = [...judgedBy(a), ...judgedBy(b)]
  const privileges = isConstant(b) ? privilegesOf(a) : isConstant(a) ? privilegesOf(b) : []
  const [value, said] = a.kind === 'literal' ? [b, a] : [a, b]
  const development = developmentIn(value, said)
  const error = errorIn(value, said)
  const holds = [
    ...development.holds,
    ...error.holds,
    ...isThere,
    ...sameness(a, b),
    ...judged,
    ...privileges,
    ...countOf(a, b, true),
    ...countOf(b, a, true),
  ]
  return {
    kind: 'truth',
    holds,
    fails: [...development.fails, ...error.fails, ...judged, ...countOf(a, b, false), ...countOf(b, a, false)],
    origins,
  }
}

/** Written out, or a member of somebody's enum: `Role.ADMIN`. */
function isConstant(value: Value): boolean {
  return casesOf(value).every(({ value: one }) => one.kind === 'literal' || isEnumMember(one))
}

function isEnumMember(value: Value): boolean {
  return (
    value.kind === 'library' &&
    value.path.length === 2 &&
    value.path.every(({ name, args }) => args === undefined && /^[A-Z]/.test(name))
  )
}

/** Only what the server was started with is in it. */
function isConfigured(value: Value): boolean {
  const origins = originsOf(value)
  return origins.length > 0 && origins.every((one) => one.from === 'environment')
}

/** What it says that these are the same, as far as somebody asks. */
function sameness(a: Value, b: Value): Condition[] {
  const [left, right] = [originsOf(a), originsOf(b)]
  const conditions: Condition[] = []
  for (const [mine, others, other] of [
    [left, right, b],
    [right, left, a],
  ] as const) {
    const principal = mine.find((origin) => origin.from === 'principal')
    if (principal !== undefined) {
      const isLiteral = casesOf(other).every(({ value }) => value.kind === 'literal' || isConfigured(value))
      if (isLiteral) conditions.push({ is: 'permitted', by: principal.source })
    }
    const mac = mine.find((origin) => origin.from === 'mac')
    if (mac !== undefined && others.some((origin) => origin.from === 'input'))
      conditions.push({ is: 'signature-holds', over: mac.over })
    const isSecret = mine.some((origin) => origin.from === 'environment')
    if (isSecret && others.some((origin) => origin.from === 'input')) conditions.push({ is: 'secret-known' })
  }
  for (const [mine, other] of [
    [left, b],
    [right, a],
  ] as const) {
    if (!casesOf(other).every(({ value }) => value.kind === 'literal')) continue
    for (const one of mine) if (one.from === 'input') conditions.push({ is: 'one-of', origin: one })
  }
  for (const one of left) for (const two of right) if (one !== two) conditions.push({ is: 'equal', a: one, b: two })
  return conditions
}
