/** Where a job keeps its name and the types of its input. `Symbol.for`: two copies of this package must find the same. */
export const JOB: unique symbol = Symbol.for('postern.job') as never

/** Work after the response, as `job()` made it: what `db.enqueue` and `defer` take. */
export interface Job<Input = unknown> {
  /** Unique in a backend, and never a URL: rows of the queue are known by it for as long as they are there. */
  readonly name: string
  /** Types only: what `enqueue` takes. */
  readonly [JOB]: { readonly input?: Input }
}

/** How a job is enqueued, where the default will not do. */
export interface EnqueueOptions {
  /** Not to run before this moment; a number is milliseconds from now. By the database's clock. */
  readonly startAfter?: Date | number
}

/**
 * Enqueues a job in the transaction of the scope that is asked: the job exists if and only if the transaction commits.
 * Answers its id, which stays the same over all attempts. Throws where the input does not pass the job's schema, in a GET, and
 * for nobody: only a principal or the service has work done.
 */
export interface Enqueue {
  <Input>(job: Job<Input>, ...rest: EnqueueArguments<NoInfer<Input>>): Promise<string>
}

/** A job without input is enqueued by itself. */
type EnqueueArguments<Input> = [Input] extends [undefined]
  ? [input?: undefined, options?: EnqueueOptions]
  : [input: Input, options?: EnqueueOptions]
