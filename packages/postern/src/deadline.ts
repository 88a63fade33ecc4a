import { problem } from './problems.js'

/**
 * Runs `work` for at most `ms` milliseconds, with a signal that is aborted then, or when the caller goes away.
 * Throws the problem `timeout` when the time is up, whether or not the work listens to its signal.
 */
export async function withDeadline<T>(
  ms: number,
  caller: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const leave = () => controller.abort(caller.reason)
  caller.addEventListener('abort', leave, { once: true })
  if (caller.aborted) leave()
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const refusal = problem('timeout')
      controller.abort(refusal)
      reject(refusal)
    }, ms)
  })
  try {
    return await Promise.race([work(controller.signal), timeUp])
  } finally {
    clearTimeout(timer)
    caller.removeEventListener('abort', leave)
  }
}
