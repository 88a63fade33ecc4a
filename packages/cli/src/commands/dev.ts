import { type ChildProcess, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { explain } from '../errors.js'
import { compileError, type Compilation, compileOptions, emptyDirectory } from '../project/compile.js'
import type { Context } from '../project/context.js'
import { enterProject } from '../project/enter.js'
import { projectEntry, watchedDirectories } from '../project/entries.js'
import type { Project } from '../project/find-project.js'
import { portOf } from '../project/port.js'
import { tell } from '../terminal.js'
import type { DevOrder } from './dev-server.js'
import { announcePort, type ListenOptions } from './start.js'

/**
 * `postern dev`: as `start`, in a process of its own that is replaced when a file changes. Answers the exit code.
 * A process, because only its end gives up every timer, socket and the lock of the embedded database.
 */
export async function dev(context: Context, options: ListenOptions): Promise<number> {
  const project = await enterProject(context)
  const port = portOf(options.port, context.environment)
  announcePort(context, port)
  const directory = join(project.directory, '.postern', 'dev')
  emptyDirectory(directory)
  const outfile = join(directory, 'server.mjs')
  const servers = new Servers({ outfile, port, hostname: options.host }, project, context)
  const watcher = await watch(context, { project, outfile, ...entryOf(project) }, () => servers.replace())
  const stop = () => void servers.stop()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const code = await servers.ended
  await watcher.dispose()
  return code
}

const entryOf = (project: Project) => ({
  entry: () => projectEntry(project, { routes: true }),
  watchDirectories: () => watchedDirectories(project),
})

/** Compiles on every change, and calls back where the result is another. A mistake in the code is told, and waited out. */
async function watch(context: Context, compilation: Compilation, changed: () => void) {
  const esbuild = await import('esbuild')
  const options = compileOptions(compilation)
  let last = ''
  const report = {
    name: 'postern-report',
    setup(build: import('esbuild').PluginBuild) {
      build.onEnd((result) => {
        if (result.errors.length > 0) {
          last = ''
          tell(context.terminal, explain(compileError(compilation.project, result)))
          return
        }
        const now = fingerprint(compilation)
        if (now !== last) changed()
        last = now
      })
    },
  }
  const watcher = await esbuild.context({ ...options, plugins: [...(options.plugins ?? []), report] })
  await watcher.watch()
  return watcher
}

/** What would run differently if it is different: the code, and the migrations that are applied before it. */
function fingerprint({ outfile, project }: Compilation): string {
  const hash = createHash('sha256').update(readFileSync(outfile))
  try {
    hash.update(readdirSync(project.migrationsDirectory).join())
  } catch {
    // A project without migrations has none to watch.
  }
  return hash.digest('hex')
}

/** The one server that runs: the next one starts when the last is gone, because a database file has one user at a time. */
class Servers {
  readonly ended: Promise<number>
  readonly #order: DevOrder
  readonly #project: Project
  readonly #context: Context
  #end: (code: number) => void = () => undefined
  #child: ChildProcess | undefined
  #everReady = false
  #stopping = false
  #queue: Promise<void> = Promise.resolve()

  constructor(order: DevOrder, project: Project, context: Context) {
    this.#order = order
    this.#project = project
    this.#context = context
    this.ended = new Promise((resolve) => (this.#end = resolve))
  }

  replace(): void {
    this.#queue = this.#replaceAfter(this.#queue)
  }

  async #replaceAfter(earlier: Promise<void>): Promise<void> {
    await earlier
    if (this.#child !== undefined) this.#context.terminal.note('Something changed: starting again')
    await this.#quit()
    if (!this.#stopping) this.#start()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#queue
    await this.#quit()
    this.#end(0)
  }

  #start(): void {
    const file = fileURLToPath(new URL('./dev-server.js', import.meta.url))
    const child = fork(file, [JSON.stringify(this.#order)], {
      cwd: this.#project.directory,
      env: this.#context.environment,
    })
    this.#child = child
    child.once('message', () => (this.#everReady = true))
    child.once('exit', (code) => {
      if (this.#child !== child) return
      this.#child = undefined
      // A project that has never run is told what is wrong with it; one that has is being worked on.
      if (!this.#everReady && code === 2) this.#end(2)
      else if (!this.#stopping) this.#context.terminal.note('The server ended; waiting for a change')
    })
  }

  async #quit(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null) return
    this.#child = undefined
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await gone
    clearTimeout(timer)
  }
}
