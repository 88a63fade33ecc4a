import type { Condition, Known, Truth, Value } from './model.js'
import { inAll, NOTHING, withAll } from './condition.js'
import { casesOf, isNullish, originsOf, truthOf } from './value.js'

/** What is known where a value is truthy, and where it is not. */
export function conditionsOf(value: Value): Pick<Truth, 'holds' | 'fails'> {
  if (value.kind === 'truth') return value
  if (value.kind !== 'either') return { holds: [], fails: [] }
  return {
    holds: knownIn(value, (one) => truthOf(one) !== false, true),
    fails: knownIn(value, (one) => truthOf(one) !== true, false),
  }
}

/** What is known where a value is `null` or `undefined`, and where it is something. */
export function nullConditionsOf(value: Value): { readonly isNull: Condition[]; readonly isThere: Condition[] } {
  return { isNull: knownIn(value, maybeNullish), isThere: knownIn(value, (one) => !isNullish(one)) }
}

function maybeNullish(value: Value): boolean {
  return isNullish(value) || value.kind === 'unknown'
}

/** What all the cases share that may be meant. */
function knownIn(value: Value, isMeant: (value: Value) => boolean, truth?: boolean): Condition[] {
  const sets: Known[] = []
  for (const one of casesOf(value)) {
    if (!isMeant(one.value)) continue
    const { holds, fails } = one.value.kind === 'truth' ? one.value : { holds: [], fails: [] }
    const more = truth === undefined ? [] : truth ? holds : fails
    sets.push(withAll(NOTHING, [...one.given, ...more]))
  }
  return sets.length === 0 ? [] : [...inAll(sets).values()]
}

export function not(value: Value): Value {
  const known = truthOf(value)
  if (known !== undefined) return { kind: 'literal', value: !known }
  const { holds, fails } = conditionsOf(value)
  return { kind: 'truth', holds: fails, fails: holds, origins: originsOf(value) }
}

export function both(a: Value, b: Value): Value {
  const [first, second] = [conditionsOf(a), conditionsOf(b)]
  return {
    kind: 'truth',
    holds: [...first.holds, ...second.holds],
    fails: shared(first.fails, second.fails),
    origins: [...originsOf(a), ...originsOf(b)],
  }
}

export function oneOf(a: Value, b: Value): Value {
  const [first, second] = [conditionsOf(a), conditionsOf(b)]
  return {
    kind: 'truth',
    holds: shared(first.holds, second.holds),
    fails: [...first.fails, ...second.fails],
    origins: [...originsOf(a), ...originsOf(b)],
  }
}

function shared(a: readonly Condition[], b: readonly Condition[]): Condition[] {
  return [...inAll([withAll(NOTHING, a), withAll(NOTHING, b)]).values()]
}

/** What `a === b` says; for `!==` take `not()` of it. */
export function equality(a: Value, b: Value): Value {
  if (a.kind === 'literal' && b.kind === 'literal') return { kind: 'literal', value: a.value === b.value }
  const origins = [...originsOf(a), ...originsOf(b)]
  if (isNullish(a)) return equality(b, a)
  if (isNullish(b)) {
    const { isNull, isThere } = nullConditionsOf(a)
    return { kind: 'truth', holds: isNull, fails: isThere, origins }
  }
  // What is the same as a text or a number is there: `session?.user.role === 'admin'`.
  const isThere =
    b.kind === 'literal' ? nullConditionsOf(a).isThere : a.kind === 'literal' ? nullConditionsOf(b).isThere : []
  return { kind: 'truth', holds: [...isThere, ...sameness(a, b)], fails: [], origins }
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
      const isLiteral = casesOf(other).every(({ value }) => value.kind === 'literal')
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
