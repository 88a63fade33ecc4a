import { provided } from './provided.js'
import setUp from './global-setup.js'

/**
 * Runs a campaign outside of vitest, on servers that it starts and stops: also when it is interrupted, for a server that
 * was left behind keeps its memory and its port until somebody finds it.
 */
export async function withCampaignServers(work: () => Promise<void>): Promise<void> {
  let tearingDown: Promise<void> | undefined
  const starting = setUp({ provide: (key: string, value: unknown) => void provided.set(key, value) } as never)
  const tearDown = () => (tearingDown ??= starting.then((stop) => stop()))
  let interrupted = false
  const listeners = (['SIGINT', 'SIGTERM'] as const).map((signal) => {
    const interrupt = () => {
      // The second one is for somebody who does not want to wait: what ends with the process are the servers too.
      if (interrupted) process.exit(1)
      interrupted = true
      void tearDown().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143))
    }
    process.on(signal, interrupt)
    return () => process.off(signal, interrupt)
  })
  try {
    await starting
    await work()
  } catch (error) {
    // Of an interrupted campaign the servers go first, and what it then stumbles over is no news.
    if (!interrupted) throw error
  } finally {
    await tearDown()
    for (const remove of listeners) remove()
  }
}
