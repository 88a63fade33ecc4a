import { explain } from '../errors.js'
import { enterProject } from '../project/enter.js'
import type { Project } from '../project/find-project.js'
import { importProject, type LoadedProject } from '../project/load.js'
import { portOf } from '../project/port.js'
import { prepareDatabase } from '../project/prepare-database.js'
import { refuseUnsettled } from '../project/refuse-unsettled.js'
import { openTerminal, tell } from '../terminal.js'
import { announcePort, serveProject } from './start.js'

/** What `dev` tells the process that serves when it starts it. */
export interface DevOrder {
  readonly file: string
  readonly port: string | undefined
  /** The port that the system chose for the process before this one. */
  readonly chosen: number | undefined
  readonly hostname: string | undefined
}

/** What `dev` says later: that something changed and requests are to wait, and what came of it. */
export type DevMessage = { readonly say: 'wait' } | { readonly say: 'load'; readonly file: string | null }

/** What this process answers. */
export type DevAnswer = { readonly ready: number } | { readonly loaded: boolean }

const terminal = openTerminal(process.env, process)
const context = { cwd: process.cwd(), environment: process.env, terminal }
const answer = (message: DevAnswer) => process.send?.(message)

// `dev` may be killed without a word; a server left behind would keep the port and the database.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))

try {
  const order = JSON.parse(process.argv[2] ?? '') as DevOrder
  const project = await enterProject(context)
  const asked = portOf(order.port, process.env)
  const port = asked === 0 ? (order.chosen ?? 0) : asked
  announcePort(context, port)
  const loaded = await importProject(project, order.file)
  const server = await serveProject(context, project, loaded, { port, hostname: order.hostname })
  let decide: ((file: string | null) => void) | undefined
  process.on('message', (message: DevMessage) => {
    if (message.say === 'load') return decide?.(message.file)
    const decided = new Promise<string | null>((resolve) => (decide = resolve))
    server
      .replace(async () => {
        const file = await decided
        return file === null ? null : await load(project, file)
      })
      .then(
        () => answer({ loaded: true }),
        (error: unknown) => {
          tell(terminal, explain(error))
          answer({ loaded: false })
        },
      )
  })
  answer({ ready: server.port })
} catch (error) {
  tell(terminal, explain(error))
  process.exit(2)
}

/** Longer than any honest start. */
const LOAD_MS = 30_000

/** The new code, with a database that is as it expects. Where it throws, nothing of it stays open. */
async function load(project: Project, file: string): Promise<LoadedProject> {
  const loaded = await inTime(importProject(project, file))
  try {
    await refuseUnsettled(project, loaded.backend)
    // Before a migration: routes that are refused leave the old code, which needs the tables as they are.
    loaded.createApp({ backend: loaded.backend, routes: loaded.routes })
    await prepareDatabase(context, loaded, project.migrationsDirectory, (name) => terminal.note(`Applied ${name}`))
    return loaded
  } catch (error) {
    await loaded.backend.database.close().catch(() => undefined)
    throw error
  }
}

/** Requests wait meanwhile: code that waits at its top for something that never comes must not hold them for ever. */
async function inTime<T>(loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const error = Object.assign(new Error(`The new code has not finished loading after ${LOAD_MS / 1000} s`), {
      hint: 'Something waits at the top of a module; the code before goes on answering',
    })
    timer = setTimeout(() => reject(error), LOAD_MS)
  })
  return Promise.race([loading, late]).finally(() => clearTimeout(timer))
}
