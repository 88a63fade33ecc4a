import { isGuarded } from '../ask/guarded.js'
import { callValue } from '../trace/call.js'
import { memberOf } from '../trace/member.js'
import type { Condition, Known, Spot, Value } from '../trace/model.js'
import { conditionsOf } from '../trace/truth.js'
import { casesOf, truthOf, UNKNOWN } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'

/** Follows a guard: what has been found out by the time it lets through is known in what comes after. */
export function followGuard(walker: Walker, guard: Value, context: Value, spot: Spot): void {
  const { known } = walker.state
  const before = walker.facts.length
  const instance = instanceOf(walker, guard, spot)
  const canActivate = memberOf(walker, instance, 'canActivate', { isOptional: true, spot: null })
  const verdict = callValue(walker, canActivate, [context], { spot, self: instance, name: 'canActivate' })
  if (!walker.state.isReached) return
  const mayPass = casesOf(verdict).filter(({ value }) => truthOf(value) !== false)
  if (mayPass.length === 0) return walker.leave()
  walker.learn(spot, conditionsOf(verdict).holds)
  const isAlways = casesOf(verdict).every(({ value }) => truthOf(value) === true)
  const refuses = !isAlways || walker.facts.slice(before).some(({ fact }) => fact === 'throw')
  // It refuses somebody, and nobody can say whom.
  if (refuses && !tellsMore(known, walker.state.known)) walker.isGuardUnsure = true
}

/** An object of it, as the container makes one; what code has made itself is one already. */
export function instanceOf(walker: Walker, value: Value, spot: Spot): Value {
  if (value.kind === 'class') return walker.meanings.instance(value, spot) ?? UNKNOWN
  if (value.kind !== 'library') return value
  const last = value.path.at(-1)
  const name = last?.args === undefined ? (last?.name ?? '') : ''
  const path = last?.args === undefined ? value.path.slice(0, -1) : value.path
  return { ...value, path: [...path, { name, args: [] }] }
}

const TELLING = new Set<Condition['is']>([
  'authenticated',
  'permitted',
  'secret-known',
  'signature-holds',
  'privileged',
  'equal',
])

function tellsMore(before: Known, after: Known): boolean {
  if (!isGuarded(before) && isGuarded(after)) return true
  return [...after].some(([key, { is }]) => TELLING.has(is) && !before.has(key))
}
