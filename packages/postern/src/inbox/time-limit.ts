/**
 * Runs `work` with a signal that is aborted when the time is up, and then waits for it no longer, whether or not it listens.
 * @param ms how long it may take, in milliseconds
 * @param controller whose signal that is, where somebody has it already
 */
export async function withTimeLimit<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  controller = new AbortController(),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new TimeUp(ms)
      controller.abort(error)
      // In this turn the work may still say something more exact: that its COMMIT was on its way.
      setImmediate(() => reject(error))
    }, ms)
  })
  try {
    return await Promise.race([work(controller.signal), late])
  } finally {
    clearTimeout(timer)
  }
}

/** The time was up. */
export class TimeUp extends Error {
  override readonly name = 'TimeUp'

  constructor(ms: number) {
    super(`This took longer than the ${ms} ms that an attempt may take`)
  }
}
