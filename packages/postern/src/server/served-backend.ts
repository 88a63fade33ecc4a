import type { Events } from '../events.js'
import type { CorsPolicy } from '../http/cors.js'
import type { Limits } from '../limits.js'

/** What the server needs of a backend: something to observe, and a database to open, ask and close. */
export interface ServedBackend {
  readonly events: Events
  readonly database: {
    /** May throw an error with a `hint`: a sentence for a person, which `serve()` passes on. */
    open(): Promise<void>
    ping(): Promise<void>
    close(): Promise<void>
    /** True while new requests would only join a queue that stands: they are refused at the door. */
    readonly isCrowded?: boolean
  }
  /** What `createBackend` was told of the proxies in front; what `serve()` is told itself goes first. */
  readonly trustProxy?: number
  /** Which origins may read the answers; without it none. */
  readonly cors?: CorsPolicy | null
  /** What `createBackend` was told of the limits, likewise. */
  readonly limits?: Limits
  /** What its webhooks and jobs need beside requests; `null` where that is nothing. */
  readonly workers?: { start(): Promise<{ stop(graceMs: number): Promise<void> } | null> }
}
