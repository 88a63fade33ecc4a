/** What is used of autocannon, which comes without types. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events'

  interface Client {
    setRequests(requests: readonly object[]): void
  }

  interface Options {
    readonly url: string
    readonly connections: number
    /** In seconds. */
    readonly duration: number
    /** How many requests, however long they take. */
    readonly amount?: number
    /** In milliseconds. */
    readonly sampleInt: number
    setupClient(client: Client): void
  }

  interface Result {
    readonly errors: number
    readonly timeouts: number
  }

  interface Run extends EventEmitter, PromiseLike<Result> {
    stop(): void
    on(event: 'start', listener: () => void): this
    on(event: 'response', listener: (client: Client, status: number, bytes: number, ms: number) => void): this
  }

  export default function autocannon(options: Options): Run
}
