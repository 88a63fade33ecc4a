import type { Principal } from '../principal.js'

interface Entry {
  readonly principal: Principal
  readonly notBefore: number
  readonly expires: number
}

interface Kept extends Entry {
  /** How many entries had been put in before it. */
  readonly turn: number
}

/**
 * Tokens that have been verified, with their principals; the least recently used leaves first. Times are milliseconds.
 * Keyed by the whole token, signature included: a key that left it out would let anybody write the rest.
 */
export class TokenCache {
  readonly #entries = new Map<string, Kept>()
  readonly #capacity: number
  #turn = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#entries.size
  }

  find(token: string, now: number): Principal | undefined {
    const entry = this.#entries.get(token)
    if (entry === undefined) return undefined
    if (!(now < entry.expires)) {
      this.#entries.delete(token)
      return undefined
    }
    // Those in the younger half are safe for a while yet: to move one with each request would cost more than all else here.
    if (this.#turn - entry.turn > this.#capacity / 2) this.#put(token, entry)
    return now < entry.notBefore ? undefined : entry.principal
  }

  keep(token: string, entry: Entry): void {
    if (this.#capacity === 0) return
    this.#put(token, entry)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#capacity) return
      this.#entries.delete(oldest)
    }
  }

  #put(token: string, { principal, notBefore, expires }: Entry): void {
    this.#entries.delete(token)
    this.#entries.set(token, { principal, notBefore, expires, turn: this.#turn })
    this.#turn += 1
  }
}
