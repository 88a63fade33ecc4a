import { createHash } from 'node:crypto'
import type { Statement } from '../statement.js'

/** SQL that is compiled once and run often: the text, and the name under which PostgreSQL keeps its plan. */
export interface Prepared {
  readonly text: string
  readonly name: string
}

/** The name is the text's own hash: the same name can't mean two texts, in this process or any other. */
export function prepared(text: string): Prepared {
  return { text, name: `postern_${createHash('sha256').update(text).digest('hex').slice(0, 20)}` }
}

export function bind({ text, name }: Prepared, values: readonly unknown[]): Statement {
  return { text, name, values }
}

/**
 * Keeps what was compiled, by shape, and forgets the oldest: which optional fields a body holds is the client's choice,
 * and a client must not be able to fill the memory with shapes.
 */
export class Compiled<Value> {
  readonly #values = new Map<string, Value>()
  readonly #limit: number

  constructor(limit = 256) {
    this.#limit = limit
  }

  get(shape: string, compile: () => Value): Value {
    const known = this.#values.get(shape)
    if (known !== undefined) return known
    const value = compile()
    if (this.#values.size >= this.#limit) this.#values.delete(this.#values.keys().next().value as string)
    this.#values.set(shape, value)
    return value
  }
}
