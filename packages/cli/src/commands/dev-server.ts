import { explain } from '../errors.js'
import { findProject } from '../project/find-project.js'
import { importProject } from '../project/load.js'
import { openTerminal, tell } from '../terminal.js'
import { serveProject } from './start.js'

/** What `dev` tells the process that serves: it is started anew for each change. */
export interface DevOrder {
  readonly outfile: string
  readonly port: number
  readonly hostname: string | undefined
}

const terminal = openTerminal(process.env, process)
const context = { cwd: process.cwd(), environment: process.env, terminal }

// `dev` may be killed without a word; a server left behind would keep the port and the database.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))

try {
  const order = JSON.parse(process.argv[2] ?? '') as DevOrder
  const project = await findProject(process.cwd())
  const loaded = await importProject(project, order.outfile)
  await serveProject(context, project, loaded, order)
  process.send?.('ready')
} catch (error) {
  tell(terminal, explain(error))
  process.exit(2)
}
