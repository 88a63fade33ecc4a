import type { Condition, Known } from './model.js'
/** The same for two conditions that say the same. */
export function keyOf(condition: Condition): string {
  switch (condition.is) {
    case 'authenticated':
    case 'permitted':
      return `${condition.is} ${numberOf(condition.by)}`
    case 'secret-known':
    case 'in-development':
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
    case 'met':
      return `${condition.is} ${condition.ways.map(wordOf).sort().join(' or ')}`
  }
}

/** A number for what is known on one way: two ways that know the same are one. */
function wordOf(way: Known): string {
  const text = [...way.keys()].sort().join(' and ')
  const known = words.get(text)
  if (known !== undefined) return known
  const word = `way ${words.size + 1}`
  words.set(text, word)
  return word
}

const words = new Map<string, string>()

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

/** What is known whichever of them holds: what all of them say, and that one of their ways was gone. */
export function inAll(sets: readonly Known[]): Known {
  const [first = NOTHING, ...others] = sets
  // Paths that learned nothing share what was known before them.
  const different = [...new Set(others)].filter((other) => other !== first)
  if (different.length === 0) return first
  const shared = new Map<string, Condition>()
  for (const [key, condition] of first) if (different.every((other) => other.has(key))) shared.set(key, condition)
  const ways = waysOf([first, ...different], shared)
  return ways === undefined ? shared : withAll(shared, [{ is: 'met', ways }])
}

/** So many ways, and so much on one, that nobody has written by hand what tells them apart. */
const MOST_WAYS = 8
const MOST_ON_A_WAY = 16

/** What lets a caller in, or tells whose something is, on each of the paths beyond what is known on all; `undefined` where one has nothing. */
function waysOf(paths: readonly Known[], shared: Known): readonly Known[] | undefined {
  if (paths.length > MOST_WAYS) return undefined
  const ways: Known[] = []
  for (const path of paths) {
    const way = new Map<string, Condition>()
    for (const [key, condition] of path) if (!shared.has(key) && TELLING.has(condition.is)) way.set(key, condition)
    if (way.size === 0 || way.size > MOST_ON_A_WAY) return undefined
    ways.push(way)
  }
  return ways
}

const TELLING: ReadonlySet<Condition['is']> = new Set([
  'authenticated',
  'permitted',
  'secret-known',
  'signature-holds',
  'found',
  'equal',
  'privileged',
  'judged',
  'met',
  'error-kind',
  'in-development',
])
