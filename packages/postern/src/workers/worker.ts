/**
 * What runs beside requests: it takes up work that the database holds. One for each kind of work, however many webhooks or
 * jobs there are, and any number of processes may run the same one.
 */
export interface Worker {
  /** `webhooks`, `jobs`: by this name others find out whether one runs anywhere. */
  readonly name: string
  /**
   * Begins. Throws where it can't, with a sentence for a person, and then nothing of it runs. `process` is how `postern.workers`
   * names this process: what it took is anybody's when that is no more heard of.
   */
  start(home: { readonly process: string }): Promise<RunningWorker>
}

/** A worker that runs until it is stopped. */
export interface RunningWorker {
  /** Takes nothing new from the call on, lets what runs end for at most `graceMs` milliseconds, then gives it up. */
  stop(graceMs: number): Promise<void>
}
