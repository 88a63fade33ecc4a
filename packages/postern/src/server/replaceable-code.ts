import type { Observer } from '../events.js'
import type { AppOptions } from './app-options.js'
import { Lifecycle } from './lifecycle.js'
import { requestHandler, type RequestHandler, trustedProxies } from './request-handler.js'
import { runWorkers, type RunningWorkers } from './run-workers.js'

/** One version of the code, and what it is still doing. */
interface Version {
  readonly options: AppOptions
  readonly handle: RequestHandler
  readonly lifecycle: Lifecycle
  readonly stopLogging: () => void
  workers: RunningWorkers | null
}

interface Running {
  readonly log: Observer | null
  /** Whether what webhooks and jobs need beside requests runs in this process. */
  readonly runsWorkers: boolean
  /** How long workers may go on with what they have begun, in milliseconds. */
  readonly graceMs: number
}

/**
 * The code behind a socket. It can be replaced: what runs finishes on the old version, which is let go of then, and what
 * comes meanwhile waits for the new one.
 */
export class ReplaceableCode {
  readonly #running: Running
  #now: Version
  #old = new Set<Version>()
  #arriving: Promise<unknown> | null = null

  /** Throws `StartRefused` for routes that may not be served. */
  constructor(options: AppOptions, running: Running) {
    this.#running = running
    this.#now = this.#version(options, 'starting')
  }

  get backend(): AppOptions['backend'] {
    return this.#now.options.backend
  }

  get isStopping(): boolean {
    return this.#now.lifecycle.phase === 'stopping'
  }

  get trustProxy(): number {
    return trustedProxies(this.#now.options)
  }

  fetch(request: Request): Response | Promise<Response> {
    if (this.#arriving === null) return this.#now.handle(request)
    return this.#arriving.then(() => this.fetch(request))
  }

  /** Requests wait from now on until `load` answers. Where it throws or answers null, they go to the code as it was. */
  async replace(load: () => Promise<AppOptions | null>): Promise<void> {
    while (this.#arriving !== null) await this.#arriving
    const loading = this.#load(load)
    this.#arriving = loading.catch(() => {}).finally(() => (this.#arriving = null))
    await loading
  }

  become(phase: 'ready' | 'stopping'): void {
    this.#now.lifecycle.become(phase)
  }

  /** Settles when no version runs anything any more. */
  async idle(): Promise<void> {
    for (const { lifecycle } of [...this.#old, this.#now]) await lifecycle.idle()
  }

  /** Of the first version; those that replace it start their own. */
  async startWorkers(): Promise<void> {
    this.#now.workers = await this.#workersOf(this.#now.options)
  }

  /** Takes up nothing new, and settles when what runs has ended or the time for it is over. */
  async stopWorkers(): Promise<void> {
    await Promise.all([...this.#old, this.#now].map(({ workers }) => workers?.stop(this.#running.graceMs)))
  }

  /** Closes the databases of all versions, also of one that somebody still waits for, when their workers have ended. */
  async close(): Promise<void> {
    await this.stopWorkers()
    await Promise.all([...this.#old, this.#now].map(({ options }) => options.backend.database.close()))
  }

  stopLogging(): void {
    for (const version of [...this.#old, this.#now]) version.stopLogging()
  }

  async #load(load: () => Promise<AppOptions | null>): Promise<void> {
    const options = await load()
    if (options === null) return
    const before = this.#now
    if (options.backend.database === before.options.backend.database) {
      throw new TypeError('replace() takes a backend with a database handle of its own: the old one is closed')
    }
    try {
      // Opened before the last one closes: of what both share (a pool, the embedded database) one user is left all the time.
      await options.backend.database.open()
      const version = this.#version(options, before.lifecycle.phase)
      version.workers = await this.#workersOf(options).catch((error: unknown) => {
        version.stopLogging()
        throw error
      })
      this.#now = version
    } catch (error) {
      await options.backend.database.close().catch(() => {})
      throw error
    }
    void this.#letGo(before)
  }

  async #letGo(version: Version): Promise<void> {
    this.#old.add(version)
    await Promise.all([version.lifecycle.idle(), version.workers?.stop(this.#running.graceMs)])
    const { database, events } = version.options.backend
    await database.close().catch((error: unknown) => events.emit({ type: 'database.failed', error }))
    version.stopLogging()
    this.#old.delete(version)
  }

  async #workersOf({ backend }: AppOptions): Promise<RunningWorkers | null> {
    return this.#running.runsWorkers && !this.isStopping ? runWorkers(backend) : null
  }

  #version(options: AppOptions, phase: Lifecycle['phase']): Version {
    const lifecycle = new Lifecycle(phase === 'starting' ? phase : 'ready')
    if (phase === 'stopping') lifecycle.become(phase)
    const handle = requestHandler(options, lifecycle)
    const { log } = this.#running
    const stopLogging = log === null ? () => {} : options.backend.events.observe(log)
    return { options, handle, lifecycle, stopLogging, workers: null }
  }
}
