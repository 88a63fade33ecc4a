import type { Context } from '../project/context.js'
import { enterProject } from '../project/enter.js'
import type { Project } from '../project/find-project.js'
import { type LoadedProject, loadProject } from '../project/load.js'
import { portOf } from '../project/port.js'
import { refuseUnsettled } from '../project/refuse-unsettled.js'
import type { RunningServer } from '../project/parts.js'
import { runServer, runWorker } from '../project/run-server.js'
import type { Terminal } from '../terminal.js'

export interface ListenOptions {
  readonly port?: string
  readonly host?: string
}

export interface StartOptions extends ListenOptions {
  readonly worker?: boolean
}

/** `postern start`: compiles, brings the database up to date, serves until a signal comes. With `--worker` it only works. */
export async function start(context: Context, options: StartOptions): Promise<'serving'> {
  const project = await enterProject(context)
  if (options.worker === true) return startWorker(context, project)
  const port = portOf(options.port, context.environment)
  announcePort(context, port)
  context.terminal.progress('Compiling')
  const loaded = await loadProject(project, 'start', { routes: true })
  await serveProject(context, project, loaded, { port, hostname: options.host })
  return 'serving'
}

async function startWorker(context: Context, project: Project): Promise<'serving'> {
  const { terminal } = context
  terminal.progress('Compiling')
  const loaded = await loadProject(project, 'start', { routes: true })
  await refuseUnsettled(project, loaded.backend)
  terminal.progress('Opening the database')
  await runWorker(context, loaded, {
    migrationsDirectory: project.migrationsDirectory,
    onApplied: (name) => terminal.note(`Applied ${name}`),
    greets: true,
  })
  terminal.print('Working; it listens on no port')
  terminal.print(`Database: ${loaded.backend.database.label}`)
  return 'serving'
}

/** What `start` and `dev` do with a project that is loaded. */
export async function serveProject(
  context: Context,
  project: Project,
  loaded: LoadedProject,
  { port, hostname }: { port: number; hostname: string | undefined },
): Promise<RunningServer> {
  await refuseUnsettled(project, loaded.backend)
  context.terminal.progress('Opening the database')
  const server = await runServer(context, loaded, {
    port,
    hostname,
    migrationsDirectory: project.migrationsDirectory,
    onApplied: (name) => context.terminal.note(`Applied ${name}`),
    greets: true,
  })
  welcome(context.terminal, project, server.url, loaded.backend.database.label)
  return server
}

/** Libraries that need to know their own address (better-auth) read PORT, so it has to be the one that is used. */
export function announcePort({ environment }: Pick<Context, 'environment'>, port: number): void {
  if (port !== 0) environment.PORT = String(port)
}

function welcome(terminal: Terminal, project: Project, url: string, database: string): void {
  terminal.print(`Listening on ${terminal.paint('bold', url)}`)
  terminal.print(`Database: ${database}`)
  if (project.welcome !== undefined) terminal.print(`\n${project.welcome.replaceAll('{{url}}', url).trimEnd()}\n`)
}
