import { AsyncLocalStorage } from 'node:async_hooks'
import type { Connections, HeldConnection } from '../database/connections.js'
import type { Stop } from '../database/stop.js'
import type { Share } from '../database/registry.js'
import type { Event, Events } from '../events.js'
import { happenedOf, type Recorded } from './happened.js'
import { queriesAmong } from './query-budget.js'
import { changedTables, type Contents } from './table-contents.js'

/** Watches connections and events. Only what goes through the backend counts: not what a test does as the tables' owner. */
export class Recorder {
  #connections = 0
  /** Of each recording that runs, what was sent meanwhile. Kept for no longer: a test may send a million of them. */
  readonly #recordings = new Set<(readonly string[])[]>()
  /** What the request that is being answered has sent: others may be answered at the same time. */
  readonly #request = new AsyncLocalStorage<string[]>()

  /** The same connections, with each use of them written down. */
  watch({ connections, close }: Share): Share {
    const held = async (waitMs?: number, stop?: Stop, rides?: boolean) => {
      this.#connections += 1
      return this.#watched(await connections.acquire(waitMs, stop, rides))
    }
    const watched: Connections = {
      kind: connections.kind,
      label: connections.label,
      place: connections.place,
      get keepsPrepared() {
        return connections.keepsPrepared
      },
      get isCrowded() {
        return connections.isCrowded
      },
      losePrepared: () => connections.losePrepared(),
      acquire: held,
      async withConnection(work) {
        const connection = await held()
        try {
          return await work(connection)
        } finally {
          connection.release()
        }
      },
      asOwner: (work) => connections.asOwner(work),
      observe: (observer) => connections.observe(observer),
      close: () => connections.close(),
    }
    return { connections: watched, close }
  }

  /** Runs `work` and tells what happened meanwhile. `contents` reads what the tables hold. */
  async record<T>(events: Events, contents: () => Promise<Contents>, work: () => Promise<T>): Promise<Recorded<T>> {
    const before = await contents()
    const seen: Event[] = []
    const stop = events.observe((event) => void seen.push(event))
    const connections = this.#connections
    const sent: (readonly string[])[] = []
    this.#recordings.add(sent)
    try {
      const answer = await work()
      this.#recordings.delete(sent)
      const facts = {
        connections: this.#connections - connections,
        roundTrips: sent.length,
        statements: sent.flat().filter((text) => !SAYS_AS_WHOM.test(text)),
        functions: seen.filter((event) => event.type === 'function.called').length,
        services: seen.flatMap((event) => (event.type === 'service.entered' ? [event.reason] : [])),
        changed: changedTables(before, await contents()),
        events: seen,
      }
      return happenedOf(facts, answer)
    } finally {
      this.#recordings.delete(sent)
      stop()
    }
  }

  /** Runs `work` and tells the statements that it sent, whatever else runs at the same time. */
  async queriesOf<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly queries: readonly string[] }> {
    const sent: string[] = []
    const result = await this.#request.run(sent, work)
    return { result, queries: queriesAmong(sent) }
  }

  #watched(held: HeldConnection): HeldConnection {
    const [recordings, request] = [this.#recordings, this.#request]
    return {
      get idle() {
        return held.idle
      },
      cancel: () => held.cancel(),
      release: (broken) => held.release(broken),
      batch(statements) {
        const texts = statements.map(({ text }) => text)
        for (const recording of recordings) recording.push(texts)
        request.getStore()?.push(...texts)
        return held.batch(statements)
      },
    }
  }
}

const SAYS_AS_WHOM = /^select set_config\('role',/
