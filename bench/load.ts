import { Child } from './child.js'
import type { BenchRequest } from './requests.js'

/** What the clients are told to do. */
export interface LoadTask {
  readonly url: string
  readonly requests: readonly BenchRequest[]
  readonly connections: number
  readonly seconds: number
  /** Enough before that time. */
  readonly answers?: number
  readonly expected: number
  /** Each request is a delivery of an event of its own, signed when it is sent. */
  readonly delivers?: boolean
}

/** What they saw. */
export interface LoadResult {
  /** Answers as expected. */
  readonly answers: number
  readonly rps: number
  readonly p99ms: number
  readonly errors: number
}

/** The clients, in a process of their own: what they cost is not the server's. */
export class Load {
  readonly #child = new Child('./load-process.mjs', {})

  run(task: LoadTask): Promise<LoadResult> {
    return this.#child.ask<LoadResult>(task)
  }

  stop(): Promise<void> {
    return this.#child.stop()
  }
}
