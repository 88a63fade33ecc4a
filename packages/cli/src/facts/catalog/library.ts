import type { LibraryValue, Step, Value } from '../trace/model.js'
import { isNullish } from '../trace/value.js'
import type { LibraryCall, Walker } from '../trace/walker.js'

/** What a call means: what it notes, and what comes of it. `undefined`: nothing is said. */
export type Meaning = (call: LibraryCall) => Value | undefined

/** What a library's calls mean: one file, one library. */
export interface Library {
  /** The names it is imported by; one that ends in `/` stands for all below it. */
  readonly packages: readonly string[]
  /** By the way that leads to the call: `PrismaClient().*.findMany()`. `*` is any one step, a leading `**` any number of them. */
  readonly calls?: Readonly<Record<string, Meaning>>
  /** What a chain comes to when it is waited for. */
  readonly settles?: Meaning
  /** Members that are more than a step on the way. */
  readonly members?: Readonly<Record<string, (value: LibraryValue, walker: Walker) => Value>>
}

/** The way to a value, as patterns are written. */
export function wayTo(path: readonly Step[]): string[] {
  return path.map(({ name, args }) => (args === undefined ? name : `${name}()`))
}

/** Patterns by their last step, so that most calls are compared with none. */
export class Patterns<T> {
  readonly #byLast = new Map<
    string,
    { readonly steps: readonly string[]; readonly isOpen: boolean; readonly value: T }[]
  >()

  constructor(patterns: Readonly<Record<string, T>>) {
    for (const [pattern, value] of Object.entries(patterns)) {
      const steps = pattern.split('.')
      const isOpen = steps[0] === '**'
      const last = steps.at(-1)!
      const entry = { steps: isOpen ? steps.slice(1) : steps, isOpen, value }
      this.#byLast.set(last, [...(this.#byLast.get(last) ?? []), entry])
    }
  }

  find(way: readonly string[]): T | undefined {
    const last = way.at(-1)
    if (last === undefined) return undefined
    const candidates = [...(this.#byLast.get(last) ?? []), ...(this.#byLast.get('*') ?? [])]
    return candidates.find(({ steps, isOpen }) => {
      if (isOpen ? steps.length > way.length : steps.length !== way.length) return false
      const shift = way.length - steps.length
      return steps.every((step, index) => step === '*' || step === way[index + shift])
    })?.value
  }
}

/** The literal text of a value, where it is one. */
export function textOf(value: Value | undefined): string | undefined {
  return value?.kind === 'literal' && !isNullish(value) ? String(value.value) : undefined
}

/** A property of an object that was written out. */
export function propertyOf(value: Value | undefined, name: string): Value | undefined {
  if (value?.kind === 'object') return value.properties.get(name)
  return value?.kind === 'either'
    ? value.cases.map((one) => propertyOf(one.value, name)).find((one) => one !== undefined)
    : undefined
}
