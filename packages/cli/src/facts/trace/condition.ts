import type { Condition, Known } from './model.js'
/** The same for two conditions that say the same. */
export function keyOf(condition: Condition): string {
  switch (condition.is) {
    case 'authenticated':
    case 'permitted':
      return `${condition.is} ${numberOf(condition.by)}`
    case 'secret-known':
      return condition.is
    case 'signature-holds':
      return `${condition.is} ${condition.over}`
    case 'found':
    case 'absent':
    case 'privileged':
      return `${condition.is} ${numberOf(condition.query)}`
    case 'equal':
      return `${condition.is} ${[numberOf(condition.a), numberOf(condition.b)].sort().join(' ')}`
    case 'one-of':
      return `${condition.is} ${numberOf(condition.origin)}`
    case 'error-kind':
      return `${condition.is} ${numberOf(condition.source)} ${condition.kind}`
    case 'judged':
      return `${condition.is} ${numberOf(condition.by)}`
    case 'valid':
      return `${condition.is} ${numberOf(condition.source)}`
  }
}

const numbers = new WeakMap<object, number>()
let last = 0

/** Objects are told apart by who they are; a number makes that a text. */
function numberOf(object: object): number {
  const known = numbers.get(object)
  if (known !== undefined) return known
  numbers.set(object, (last += 1))
  return last
}

export const NOTHING: Known = new Map()

export function withAll(known: Known, conditions: readonly Condition[]): Known {
  if (conditions.length === 0) return known
  const all = new Map(known)
  for (const condition of conditions) all.set(keyOf(condition), condition)
  return all
}

/** What is known whichever of them holds. */
export function inAll(sets: readonly Known[]): Known {
  const [first = NOTHING, ...others] = sets
  // Paths that learned nothing share what was known before them.
  const different = others.filter((other) => other !== first)
  if (different.length === 0) return first
  const shared = new Map<string, Condition>()
  for (const [key, condition] of first) if (different.every((other) => other.has(key))) shared.set(key, condition)
  return shared
}
