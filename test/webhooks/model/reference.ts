/** A row of the inbox, as somebody sees it who looks from outside. */
export interface Seen {
  readonly id: string
  readonly endpoint: string
  readonly dedupeKey: string
  readonly bodySha256: string
  readonly status: 'received' | 'succeeded' | 'ignored' | 'dead'
  readonly attempts: number
  readonly maxAttempts: number
  readonly seq: number
  readonly orderingKey: string | null
  readonly hasEvent: boolean
  /** Its time to be known is over. */
  readonly mayGo: boolean
  /** How often what its handler writes is there. */
  readonly effects: number
}

/** What is known of the webhooks: which keep what for good, and where the dead hold up the living. */
export interface Kinds {
  readonly unsigned: string
  readonly blocking: string
}

type Law = (before: Seen | undefined, now: Seen, all: readonly Seen[]) => string | null

/**
 * The smallest inbox that could be right: not what it does next, which is chance, but what may be seen of it next. It is told what was done
 * to the inbox, and looks at it after each step.
 */
export class Reference {
  #seen: readonly Seen[] = []
  readonly #kinds: Kinds
  readonly #replays = new Map<string, number>()
  readonly #calls = new Map<string, number>()
  readonly #gone = new Set<string>()
  #isPruning = false
  readonly differences: string[] = []

  constructor(kinds: Kinds) {
    this.#kinds = kinds
  }

  get seen(): readonly Seen[] {
    return this.#seen
  }

  /** A replay of that row was asked for; what comes of it shows later. */
  replays(id: string): void {
    this.#replays.set(id, this.#replaysOf(id) + 1)
  }

  prunes(): void {
    this.#isPruning = true
  }

  /** A handler was called: once for each attempt, however often that is a number again because of a replay. */
  calls(id: string, attempt: number): void {
    const key = `${id} ${attempt}`
    const times = (this.#calls.get(key) ?? 0) + 1
    this.#calls.set(key, times)
    const row = this.#seen.find((each) => each.id === id)
    if (times > 1 + this.#replaysOf(id))
      this.#differ(id, `its attempt ${attempt} calls the handler for the ${times}. time`)
    // An attempt that is on its way while a person begins anew keeps its number.
    if (row !== undefined && attempt > row.maxAttempts && this.#replaysOf(id) === 0)
      this.#differ(id, `the handler is called for attempt ${attempt}`)
  }

  /** A handler was called while another of the same event ran. */
  runsTwice(id: string): void {
    this.#differ(id, 'two of its attempts run at the same time')
  }

  /** The provider was answered. `isOwned`: a worker runs somewhere. */
  answers(status: number, keys: readonly string[], isOwned: boolean): void {
    if (status !== 200 && status !== 503) this.#differ(keys.join(), `a delivery was answered ${status}`)
    if (status !== 200) return
    for (const key of keys) {
      const row = this.#seen.find((each) => this.#identityOf(each) === key)
      if (row === undefined && !this.#gone.has(key)) this.#differ(key, 'it was acknowledged, and is not there')
      if (row?.status === 'received' && !isOwned && this.#replaysOf(row.id) === 0)
        this.#differ(key, 'it was acknowledged, and nobody owns it')
    }
  }

  /** Looks at what is there after a step. */
  look(now: readonly Seen[]): void {
    const before = new Map(this.#seen.map((row) => [row.id, row]))
    for (const row of now) {
      for (const law of this.#laws) {
        const difference = law(before.get(row.id), row, now)
        if (difference !== null) this.#differ(row.id, difference)
      }
      before.delete(row.id)
    }
    for (const row of before.values()) {
      // No copy can come of what was made by force: what it was made of is kept, and that is what a copy is known by.
      const isForGood = row.endpoint === this.#kinds.unsigned && !row.dedupeKey.startsWith('replay:')
      if (!this.#isPruning || !row.mayGo || row.status === 'received' || isForGood)
        this.#differ(row.id, `it was ${row.status}, and is gone`)
      this.#gone.add(this.#identityOf(row))
    }
    this.#seen = now
  }

  /** Looks once more when nothing happens any more and every handler succeeds: nothing may wait then but for what is dead. */
  lookAtTheEnd(): void {
    for (const row of this.#seen) {
      const isBlocked = this.#seen.some((other) => this.#isBefore(other, row) && other.status === 'dead')
      if (row.status === 'received' && !(row.endpoint === this.#kinds.blocking && isBlocked))
        this.#differ(row.id, 'it waits, though nothing is in its way')
    }
  }

  readonly #laws: readonly Law[] = [
    (_, { status, effects }) => {
      if (effects === (status === 'succeeded' ? 1 : 0)) return null
      return `it is ${status}, and its effect is there ${effects} times`
    },
    (before, { id, status }) => {
      if (before === undefined || before.status === status || before.status === 'received') return null
      if (before.status !== 'succeeded' && status === 'received' && this.#replaysOf(id) > 0) return null
      return `it was ${before.status}, and is ${status}`
    },
    (before, now) => (before === undefined && now.status === 'succeeded' ? 'it is there as succeeded' : null),
    (_, now, all) => {
      const twin = all.find((other) => other.id !== now.id && this.#identityOf(other) === this.#identityOf(now))
      return twin === undefined ? null : 'it is there twice'
    },
    (_, { status, hasEvent }) => (status === 'received' && !hasEvent ? 'it waits, and is empty' : null),
    (_, { status, attempts, maxAttempts }) =>
      status === 'dead' && attempts > maxAttempts ? `it died of ${attempts} attempts` : null,
    (before, now, all) => {
      if (now.status !== 'succeeded' || before?.status !== 'received') return null
      const earlier = all.filter((other) => this.#isBefore(other, now))
      // One that was raised from the dead may find later ones on their way.
      const waits = earlier.find(({ id, status }) => status === 'received' && this.#replaysOf(id) === 0)
      if (waits !== undefined) return `it has overtaken ${waits.id}`
      const dead = now.endpoint === this.#kinds.blocking && earlier.find(({ status }) => status === 'dead')
      return dead ? `it has overtaken ${dead.id}, which is dead` : null
    },
  ]

  #isBefore(other: Seen, row: Seen): boolean {
    return (
      row.orderingKey !== null &&
      other.orderingKey === row.orderingKey &&
      other.endpoint === row.endpoint &&
      other.seq < row.seq
    )
  }

  /** By which a provider means an event; of ids that nobody signed it is the bytes. */
  #identityOf({ endpoint, dedupeKey, bodySha256 }: Seen): string {
    const isForced = dedupeKey.startsWith('replay:')
    return `${endpoint} ${endpoint === this.#kinds.unsigned && !isForced ? bodySha256 : dedupeKey}`
  }

  #replaysOf(id: string): number {
    return this.#replays.get(id) ?? 0
  }

  #differ(what: string, difference: string): void {
    this.differences.push(`${what}: ${difference}`)
  }
}
