import type { Database } from '../database/database.js'
import type { Schema } from '../database/scope-types.js'
import type { Events } from '../events.js'
import { startWorkers } from './start-workers.js'
import type { RunningWorker, Worker } from './worker.js'

/** What a backend's webhooks and jobs need beside requests, as they were defined. Nothing runs by being here. */
export class Workers {
  readonly #home: { readonly database: Pick<Database<Schema>, 'unit'>; readonly events: Events } | null
  readonly #byName = new Map<string, Worker>()

  /** `null` for a database that is a client of another library: nothing that needs a worker can be defined there. */
  constructor(database: Pick<Database<Schema>, 'unit'> | null, events: Events) {
    this.#home = database === null ? null : { database, events }
  }

  /** The worker of that name; the first that asks makes it. */
  ensure<W extends Worker>(name: W['name'], make: () => W): W {
    const known = this.#byName.get(name) as W | undefined
    if (known !== undefined) return known
    const made = make()
    this.#byName.set(name, made)
    return made
  }

  /** Starts all of them, or none and throws. `null` where there is none. */
  async start(): Promise<RunningWorker | null> {
    const workers = [...this.#byName.values()]
    return this.#home === null || workers.length === 0 ? null : startWorkers(workers, this.#home)
  }
}
