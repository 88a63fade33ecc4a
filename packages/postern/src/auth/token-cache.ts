import type { Principal } from '../principal.js'

interface Entry {
  readonly principal: Principal
  readonly notBefore: number
  readonly expires: number
}

/**
 * Tokens that have been verified, with their principals; the least recently used leaves first. Times are milliseconds.
 * Keyed by the whole token, signature included: a key that left it out would let anybody write the rest.
 */
export class TokenCache {
  readonly #entries = new Map<string, Entry>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#entries.size
  }

  find(token: string, now: number): Principal | undefined {
    const entry = this.#entries.get(token)
    if (entry === undefined) return undefined
    this.#entries.delete(token)
    if (!(now < entry.expires)) return undefined
    this.#entries.set(token, entry)
    return now < entry.notBefore ? undefined : entry.principal
  }

  keep(token: string, entry: Entry): void {
    if (this.#capacity === 0) return
    this.#entries.delete(token)
    this.#entries.set(token, entry)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#capacity) return
      this.#entries.delete(oldest)
    }
  }
}
