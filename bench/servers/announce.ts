import type { ServerMessage } from '../server-under-test.js'

type CredentialsOf = (n: number) => Promise<Record<string, string>>

/** Tells the benchmark where this server listens, answers what it asks, and ends with it. */
export function announce(port: number, credentialsOf?: CredentialsOf): void {
  process.on('message', (message: ServerMessage) => void answer(message, credentialsOf))
  process.on('disconnect', () => process.exit())
  process.send!({ port })
}

async function answer(message: ServerMessage, credentialsOf?: CredentialsOf): Promise<void> {
  if ('callers' in message) {
    const all = credentialsOf === undefined ? [] : await Promise.all(message.callers.map(credentialsOf))
    process.send!(all)
    return
  }
  const { user, system } = process.cpuUsage()
  process.send!({ rss: process.memoryUsage.rss(), cpuUs: user + system })
}
