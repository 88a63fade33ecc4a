import type { JsonLimits } from '../http/json-limits.js'
import { textRefusal, unstorableIn } from '../http/storable-text.js'
import { problem } from '../problems.js'
import { isUsableName } from './usable-name.js'

/** How much a value may hold. */
export interface PlainLimits extends JsonLimits {
  /** Texts, names and values together: a byte of text counts one, and so does any other value. */
  readonly maxBytes: number
}

/**
 * A copy of what came as an argument, made of plain data alone: texts, numbers, booleans, dates, lists, objects. Throws the
 * problem `invalid` for anything else and for texts that no column can hold, `too-large` where there is too much of it.
 *
 * **Security:** arguments of an action come through React's own protocol, which can carry more than JSON: promises, streams,
 * maps, functions, class instances, one object in a thousand places, circles. A copy by descriptors runs no code of theirs: no
 * getter, no `then`, no `toString`, no proxy's trap that is not caught. An own `then` or `toString` would be called by whatever
 * awaits or prints the value later.
 *
 * Source: https://react.dev/reference/rsc/use-server (serializable arguments).
 *
 * @param part what it is called where something in it is wrong
 */
export function plainValue(value: unknown, limits: PlainLimits, part = 'input'): unknown {
  const copy = new Copy(limits)
  let copied: unknown
  try {
    copied = copy.of(value, 0)
  } catch (error) {
    throw error instanceof Refused ? error.said : refused(NOT_PLAIN).said
  }
  if (copy.isUnstorable) throw problem('invalid', undefined, { errors: unstorableIn(part, copied) })
  return copied
}

/** Its own class: what a proxy throws must not pass for one of ours. */
class Refused {
  constructor(readonly said: Error) {}
}

const NOT_PLAIN = 'There is something here that is no plain data'
/** 2^256: more than any column holds, and few enough digits to be worked on. */
const LARGEST = 1n << 256n

class Copy {
  /** It holds a text that no column can: where, is looked for only then. */
  isUnstorable = false
  readonly #limits: PlainLimits
  #left: number

  constructor(limits: PlainLimits) {
    this.#limits = limits
    this.#left = limits.maxBytes
  }

  of(value: unknown, depth: number): unknown {
    this.#spend(1)
    switch (typeof value) {
      case 'string':
        this.#text(value)
        return value
      case 'number':
      case 'boolean':
      case 'undefined':
        return value
      case 'bigint':
        if (value >= LARGEST || value <= -LARGEST) throw refused('There is a number here that is too large')
        return value
      case 'object':
        return value === null ? null : this.#object(value, depth)
      default:
        throw refused(NOT_PLAIN)
    }
  }

  #object(value: object, depth: number): unknown {
    if (depth >= this.#limits.jsonDepth) throw refused('This is nested too deeply')
    const prototype: unknown = Object.getPrototypeOf(value)
    if (Array.isArray(value)) {
      if (prototype !== Array.prototype) throw refused(NOT_PLAIN)
      return this.#list(value, depth)
    }
    if (prototype === Date.prototype) return new Date(Date.prototype.getTime.call(value))
    if (prototype !== Object.prototype && prototype !== null) throw refused(NOT_PLAIN)
    const keys = Reflect.ownKeys(value)
    if (keys.length > this.#limits.jsonKeys) throw refused('There are too many fields in an object here')
    return Object.fromEntries(keys.map((key) => this.#field(value, key, depth)))
  }

  #list(list: readonly unknown[], depth: number): unknown[] {
    if (list.length > this.#limits.jsonItems) throw refused('There are too many items in a list here')
    return Array.from({ length: list.length }, (_, index) => this.of(own(list, String(index)), depth + 1))
  }

  #field(object: object, key: string | symbol, depth: number): [string, unknown] {
    if (typeof key === 'symbol' || !isUsableName(key)) throw refused('There is a field here whose name is not allowed')
    this.#text(key)
    return [key, this.of(own(object, key), depth + 1)]
  }

  #text(text: string): void {
    this.#spend(Buffer.byteLength(text))
    if (textRefusal(text) !== null) this.isUnstorable = true
  }

  #spend(bytes: number): void {
    if ((this.#left -= bytes) < 0) throw new Refused(problem('too-large'))
  }
}

function own(holder: object, key: string): unknown {
  const described = Object.getOwnPropertyDescriptor(holder, key)
  if (described === undefined) return undefined
  if (!('value' in described)) throw refused(NOT_PLAIN)
  return described.value
}

function refused(message: string): Refused {
  return new Refused(problem('invalid', undefined, { errors: [{ path: 'input', message }] }))
}
