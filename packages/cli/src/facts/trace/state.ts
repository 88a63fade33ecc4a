import type { Cell, Condition, Known, Value } from './model.js'
import { inAll, NOTHING, withAll } from './condition.js'
import { either, UNDEFINED } from './value.js'

/** What variables hold and what is known, at one point of one path. Paths that part share what was before. */
export class State {
  readonly #before: State | null
  readonly #own = new Map<Cell, Value>()
  #known: Known
  /** False after a return, a throw, a break: what comes after on this path never runs. */
  isReached = true

  constructor(before: State | null = null) {
    this.#before = before
    this.#known = before?.known ?? NOTHING
    this.isReached = before?.isReached ?? true
  }

  get known(): Known {
    return this.#known
  }

  get(cell: Cell): Value {
    return this.#find(cell) ?? cell.initial
  }

  /** What it was changed to on this path; `undefined`, the value, where nothing did. */
  changed(cell: Cell): Value {
    return this.#find(cell) ?? UNDEFINED
  }

  set(cell: Cell, value: Value): void {
    this.#own.set(cell, value)
    // A closure may be called on another walk, which knows nothing of this one.
    cell.remember(value)
  }

  learn(conditions: readonly Condition[]): void {
    this.#known = withAll(this.#known, conditions)
  }

  fork(conditions: readonly Condition[] = []): State {
    const forked = new State(this)
    forked.learn(conditions)
    return forked
  }

  /** Where paths meet that parted from here. Of those that ended nothing goes on. */
  join(paths: readonly State[]): State {
    const open = paths.filter(({ isReached }) => isReached)
    const joined = new State(this)
    if (open.length === 0) {
      joined.isReached = false
      return joined
    }
    joined.#known = inAll(open.map(({ known }) => known))
    const changed = new Set(open.flatMap((path) => path.#changedSince(this)))
    // Once for each path, and not for each variable as well.
    const given = changed.size === 0 || open.length === 1 ? [] : open.map(({ known }) => beyond(known, joined.#known))
    for (const cell of changed) {
      const values = open.map((path) => path.get(cell))
      const [value] = values
      // Most were declared on one of the paths, and are not seen from here: what they hold is what they would hold unsaid.
      if (values.every((other) => other === value)) {
        if (!cell.isInitially(value!) || this.#find(cell) !== undefined) joined.#own.set(cell, value!)
      } else joined.#own.set(cell, either(values.map((one, index) => ({ value: one, given: given[index]! }))))
    }
    return joined
  }

  #find(cell: Cell): Value | undefined {
    // One of thousands of branches has as many states before it: a call for each would overflow the stack.
    let value = this.#own.get(cell)
    for (let state = this.#before; value === undefined && state !== null; state = state.#before)
      value = state.#own.get(cell)
    return value
  }

  #changedSince(base: State): Cell[] {
    const cells = [...this.#own.keys()]
    for (let state = this.#before; state !== null && state !== base; state = state.#before)
      cells.push(...state.#own.keys())
    return cells
  }
}

/** What one path knows more than all. */
export function beyond(known: Known, base: Known): Condition[] {
  const more: Condition[] = []
  if (known !== base) for (const [key, condition] of known) if (!base.has(key)) more.push(condition)
  return more
}
