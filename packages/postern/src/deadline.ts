import { whenAbandoned } from './http/from-socket.js'
import { problem } from './problems.js'

/**
 * The time that one request has: it ends when the time is up, or when the client goes away. Whatever runs for the request
 * asks it, as it would an `AbortSignal`; a real one is made only where somebody wants it, because that, its listener and the
 * request's own signal cost more than the rest of the pipeline (14 of 60 µs).
 */
export class Deadline {
  #listeners: (() => void)[] = []
  readonly #timer: NodeJS.Timeout
  readonly #stopWatching: () => void
  #controller: AbortController | undefined
  #reason: unknown
  #aborted = false
  #abandoned = false
  #giveUp: ((reason: unknown) => void) | undefined

  /** @param ms how long it may take, in milliseconds */
  constructor(ms: number, request: Request) {
    this.#timer = setTimeout(() => this.#timeUp(), ms)
    this.#stopWatching = whenAbandoned(request, (reason) => {
      this.#abandoned = true
      this.#abort(reason)
    })
  }

  get aborted(): boolean {
    return this.#aborted
  }

  get reason(): unknown {
    return this.#reason
  }

  /** Whether it was the client who went away. */
  get abandoned(): boolean {
    return this.#abandoned
  }

  /** For whoever needs a real one: the user's function, `fetch()`. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.push(listener)
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((one) => one !== listener)
  }

  /** What `work` comes to, or the problem `timeout` when the time is up, whether or not the work listens. */
  limit<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = () => {
        clearTimeout(this.#timer)
        this.#stopWatching()
      }
      const refuse = (reason: unknown) => {
        end()
        reject(reason)
      }
      this.#giveUp = refuse
      const accept = (result: T) => {
        end()
        resolve(result)
      }
      work.then(accept, refuse)
    })
  }

  #timeUp(): void {
    const refusal = problem('timeout')
    this.#abort(refusal)
    // In this turn the work may still say something more exact: that a write was on its way to being final.
    setImmediate(() => this.#giveUp?.(refusal))
  }

  #abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    this.#controller?.abort(reason)
    // One may take another off the list.
    for (const listener of this.#listeners.slice()) if (this.#listeners.includes(listener)) listener()
  }
}
