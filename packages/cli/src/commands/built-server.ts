import { fileURLToPath } from 'node:url'
import { explain } from '../errors.js'
import { portOf } from '../project/port.js'
import { runServer, runWorker } from '../project/run-server.js'
import { openTerminal, tell } from '../terminal.js'

type Served = Parameters<typeof runServer>[1] & Parameters<typeof runWorker>[1]

/**
 * What `node dist/server.js` does, and with `--worker` the same without listening: `postern build` bundles this file into it, so that
 * the command line stays at home.
 */
export async function runBuiltServer(loaded: Served, migrations: URL): Promise<void> {
  const terminal = openTerminal(process.env, process)
  process.setSourceMapsEnabled(true)
  try {
    const run = {
      migrationsDirectory: fileURLToPath(migrations),
      onApplied: (name: string) => terminal.print(`Applied ${name}`),
      greets: false,
    }
    const context = { environment: process.env }
    if (process.argv.includes('--worker')) return await runWorker(context, loaded, run)
    const listen = { port: portOf(undefined, process.env), hostname: process.env.HOST || undefined }
    await runServer(context, loaded, { ...run, ...listen })
  } catch (error) {
    const explanation = explain(error)
    tell(terminal, explanation)
    if (explanation.ours) terminal.note(String((error as Error | undefined)?.stack ?? error))
    process.exit(2)
  }
}
