import { AsyncLocalStorage } from 'node:async_hooks'
import type { Connections, HeldConnection } from '../../../packages/postern/src/database/connections.js'
import type { Share } from '../../../packages/postern/src/database/registry.js'
import type { Statement, StatementResult } from '../../../packages/postern/src/database/statement.js'

/** What lives until it is killed: whatever of it runs then never comes to its end, and its transactions are undone. */
export class Mortal {
  isDead = false
  readonly held = new Set<HeldConnection>()

  constructor(readonly name: string) {}
}

/** One chain of work, which waits at each round trip to the database until it is its turn. */
interface Actor {
  readonly number: number
  readonly owner: Mortal
  readonly name: string
  state: 'runs' | 'waits' | 'ended'
}

/** A round trip that waits for its turn. */
export interface Turn {
  readonly actor: number
  readonly owner: Mortal
  /** Whose it is, and the first words of what is sent. */
  readonly told: string
  /** `dies`: what it sends arrives, and the answer finds nobody. */
  readonly take: (dies: boolean) => void
}

/**
 * Lets one round trip happen at a time, the one that is told to: what else happens between two of them can’t be seen by anybody, so
 * this is every way in which processes can get into each other’s way.
 */
export class Interleaving {
  /** One for all of them: Node asks each one that was ever entered at each promise, and one for each schedule was 3 GB in ten thousand. */
  static readonly #who = new AsyncLocalStorage<Actor>()
  readonly #actors = new Set<Actor>()
  #turns: Turn[] = []
  #begun = 0
  #hasChanged = true
  #settle: (() => void) | undefined

  /** In the order in which their work began: which of two came to its round trip first is the network’s doing. */
  get turns(): readonly Turn[] {
    return this.#turns.toSorted((one, other) => one.actor - other.actor)
  }

  get alive(): number {
    return this.#actors.size
  }

  /** Whether anything was sent since it was last asked that others can see: what no COMMIT has made final nobody can. */
  hasChanged(): boolean {
    const has = this.#hasChanged
    this.#hasChanged = false
    return has
  }

  /** Begins a chain of work. What it throws is its own affair. */
  begin(owner: Mortal, name: string, work: () => Promise<unknown>): void {
    this.#begun += 1
    const actor: Actor = { number: this.#begun, owner, name, state: 'runs' }
    this.#actors.add(actor)
    const end = () => {
      actor.state = 'ended'
      this.#actors.delete(actor)
      this.#look()
    }
    void Interleaving.#who.run(actor, async () => work()).then(end, end)
  }

  /** When everything waits for its turn, or is over; `false` where that is not so after `ms`. */
  async settled(ms: number): Promise<boolean> {
    if (!this.#isRunning()) return true
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)))
    const done = new Promise<true>((resolve) => (this.#settle = () => resolve(true)))
    const came = await Promise.race([done, late])
    clearTimeout(timer)
    return came
  }

  /** SIGKILL, as the database sees it. */
  async kill(owner: Mortal): Promise<void> {
    owner.isDead = true
    this.#turns = this.#turns.filter((turn) => turn.owner !== owner)
    const held = [...owner.held]
    owner.held.clear()
    await Promise.all(held.map(undone))
    for (const actor of this.#actors) if (actor.owner === owner) this.#actors.delete(actor)
    this.#look()
  }

  /** The connections as `owner` has them. Nobody closes them but whoever has opened them. */
  connectionsOf(owner: Mortal, { connections }: Share): Share {
    const acquire: Connections['acquire'] = async (waitMs, stop) => {
      const held = await connections.acquire(waitMs, stop)
      if (owner.isDead) {
        held.release()
        return never()
      }
      owner.held.add(held)
      return this.#waiting(held, owner)
    }
    const watched = new Proxy(connections, {
      get: (target, name) => {
        if (name === 'acquire') return acquire
        // The connections outlive whoever is killed, and would keep it for its ear.
        if (name === 'observe') return () => () => {}
        const value = Reflect.get(target, name) as unknown
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    return { connections: watched, close: async () => {} }
  }

  #waiting(held: HeldConnection, owner: Mortal): HeldConnection {
    return {
      get idle() {
        return held.idle
      },
      cancel() {
        if (owner.held.has(held)) held.cancel()
      },
      release(broken) {
        if (owner.held.delete(held)) held.release(broken)
      },
      batch: async (statements) => {
        const results: StatementResult[] = []
        for (const part of transactionsIn(statements)) results.push(...(await this.#send(held, owner, part)))
        return results
      },
    }
  }

  async #send(held: HeldConnection, owner: Mortal, statements: readonly Statement[]): Promise<StatementResult[]> {
    const dies = await this.#turn(owner, statements)
    if (owner.isDead) return never()
    const result = held.batch(statements)
    await result.catch(() => {})
    if (held.idle) this.#hasChanged = true
    if (!dies) return result
    await this.kill(owner)
    return never()
  }

  #turn(owner: Mortal, statements: readonly Statement[]): Promise<boolean> {
    const actor = Interleaving.#who.getStore()
    if (owner.isDead || actor === undefined) return never()
    actor.state = 'waits'
    return new Promise((resolve) => {
      const turn: Turn = {
        actor: actor.number,
        owner,
        told: `${owner.name} ${actor.name}: ${statements.map(wordsOf).filter(Boolean).join(' + ')}`,
        take: (dies) => {
          this.#turns = this.#turns.filter((each) => each !== turn)
          actor.state = 'runs'
          resolve(dies)
        },
      }
      this.#turns.push(turn)
      this.#look()
    })
  }

  #isRunning(): boolean {
    return [...this.#actors].some(({ state }) => state === 'runs')
  }

  #look(): void {
    if (!this.#isRunning()) this.#settle?.()
  }
}

/** One message may hold a COMMIT and what follows it: for others that is a moment like any between two messages. */
function transactionsIn(statements: readonly Statement[]): readonly (readonly Statement[])[] {
  const end = statements.findIndex(({ text }) => text === 'commit') + 1
  return end === 0 || end === statements.length ? [statements] : [statements.slice(0, end), statements.slice(end)]
}

async function undone(held: HeldConnection): Promise<void> {
  if (!held.idle) await held.batch([{ text: 'rollback', values: [] }]).catch(() => {})
  held.release()
}

const never = <T>() => new Promise<T>(() => {})

/** Who it is as whom, and for how long it may run, each batch says. */
function wordsOf({ text }: Statement): string {
  return /^(?:select set_config|set local)/.test(text) ? '' : text.replaceAll(/\s+/g, ' ').slice(0, 60)
}
