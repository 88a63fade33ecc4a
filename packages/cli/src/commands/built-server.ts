import { fileURLToPath } from 'node:url'
import { explain } from '../errors.js'
import { portOf } from '../project/port.js'
import { runServer } from '../project/run-server.js'
import { openTerminal, tell } from '../terminal.js'

type Served = Parameters<typeof runServer>[1]

/** What `node dist/server.js` does: `postern build` bundles this file into it, so that the command line stays at home. */
export async function runBuiltServer(loaded: Served, migrations: URL): Promise<void> {
  const terminal = openTerminal(process.env, process)
  process.setSourceMapsEnabled(true)
  try {
    await runServer({ environment: process.env }, loaded, {
      port: portOf(undefined, process.env),
      hostname: process.env.HOST || undefined,
      migrationsDirectory: fileURLToPath(migrations),
      onApplied: (name) => terminal.print(`Applied ${name}`),
      greets: false,
    })
  } catch (error) {
    const explanation = explain(error)
    tell(terminal, explanation)
    if (explanation.ours) terminal.note(String((error as Error | undefined)?.stack ?? error))
    process.exit(2)
  }
}
