import { BadOption } from './bad-option.js'
import { Started } from './started.js'

/**
 * Runs a benchmark; the answer is how the process ends: 0, 1 where it broke, 2 for a wrong option, 130 when interrupted.
 * @param run what is measured; its answer is printed
 */
export async function runProgram(run: (started: Started) => Promise<string>): Promise<number> {
  const started = new Started()
  const interrupted = new Promise<130>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(130))
  })
  try {
    const running = run(started)
    // Interrupted, it fails at what is taken from under it, and nobody waits for it any more.
    running.catch(() => {})
    const result = await Promise.race([running, interrupted])
    progress('')
    if (result === 130) return result
    process.stdout.write(result)
    return 0
  } catch (error) {
    progress('')
    const isBadOption = error instanceof BadOption
    process.stderr.write(`${isBadOption ? error.message : (error as Error).stack}\n`)
    return isBadOption ? 2 : 1
  } finally {
    await started.stopAll()
  }
}

/** One line that is written over again, where somebody watches. */
export function progress(words: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${words}`)
}
