import { createInterface } from 'node:readline'
import { existsSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { explain } from '../errors.js'
import type { Context } from '../project/context.js'
import { findProject, type Project } from '../project/find-project.js'
import { Recompiler } from '../project/recompiler.js'
import { WatchedFiles } from '../project/watch-files.js'
import { tell } from '../terminal.js'
import { Changes, isRelevant, meansRestart, packageMarkers } from './dev-changes.js'
import { DevProcess } from './dev-process.js'
import type { ListenOptions } from './start.js'

/**
 * `postern dev`: as `start`, in a process of its own that takes over new code while it runs. Answers the exit code.
 *
 * One process for many versions of the code, because opening the embedded database takes seconds and only one process may
 * have it. The other design, this process owning the database and each child reaching it by a local socket, would give
 * every version a clean process: and a different database from the one that `start` has (a socket, a second protocol
 * server to keep right, cancellation through it), half a second of imports each time, and a gap in which nothing listens.
 * Its price here: Node never forgets an imported module, so each version of the bundle stays in memory (bench/dev-reload.mjs
 * counts it), and so does what it left running at its top, a `setInterval` say. `r` and Enter start a new process; so does
 * this one itself after `RELOADS`, and when a package or `.env` changes, which no import reads again.
 */
export async function dev(context: Context, options: ListenOptions): Promise<number> {
  const project = await findProject(context.cwd)
  process.chdir(project.directory)
  const development = new Development(context, project, options, await Recompiler.open(project))
  return development.run()
}

/** A version of the example keeps 0.6 MB (bench/dev-reload.mjs): this many stay far under what a desk has. */
const RELOADS = 200

class Development {
  readonly #context: Context
  readonly #project: Project
  readonly #options: ListenOptions
  readonly #compiler: Recompiler
  readonly #changes = new Changes()
  readonly #files: WatchedFiles
  #inputs: ReadonlySet<string> | undefined
  #process: DevProcess | undefined
  #ended: Promise<unknown> = Promise.resolve()
  #chosen: number | undefined
  #stopping = false

  constructor(context: Context, project: Project, options: ListenOptions, compiler: Recompiler) {
    this.#context = context
    this.#project = project
    this.#options = options
    this.#compiler = compiler
    this.#files = new WatchedFiles(project.directory, (file) => this.#noticed(file))
    for (const folder of packageMarkers(project.directory)) this.#files.cover(folder)
  }

  async run(): Promise<number> {
    const stop = () => {
      this.#stopping = true
      // At once: it may be loading code that never comes to an end.
      void this.#stop()
      this.#changes.add('')
    }
    process.once('SIGINT', stop).once('SIGTERM', stop)
    if (process.stdin.isTTY) {
      createInterface({ input: process.stdin }).on('line', (line) => line.trim() === 'r' && this.#restartByHand())
    }
    let code = await this.#answer([])
    while (code === undefined) {
      await this.#changes.some()
      const changed = this.#stopping ? [] : await this.#changes.settled()
      code = this.#stopping ? 0 : await this.#answer(changed)
    }
    this.#files.close()
    await this.#stop()
    await this.#compiler.close()
    return code
  }

  #noticed(file: string): void {
    if (!isRelevant(file, this.#inputs)) return
    this.#process?.wait()
    this.#changes.add(file)
  }

  #restartByHand(): void {
    // Not in turn: code that never lets go of its process would never come to it.
    void this.#stop().then(() => this.#changes.add(BY_HAND))
  }

  /** Answers a code where there is nothing to wait for any more. */
  async #answer(noticed: readonly string[]): Promise<number | undefined> {
    // Editors write beside and rename: what came and went again is no news, what was used and is gone is.
    const changed = noticed.filter((file) => file === BY_HAND || existsSync(file) || this.#inputs?.has(file) !== false)
    const started = performance.now()
    const compiled = await this.#compiler
      .compile()
      .catch((error: unknown) => tell(this.#context.terminal, explain(error)))
    if (compiled === undefined) {
      this.#compiler.forget()
      // Unknown until it compiles: any file may be the one that is missing.
      this.#inputs = undefined
      await this.#process?.load(null)
      return undefined
    }
    this.#inputs = compiled.inputs
    for (const input of compiled.inputs)
      if (relative(this.#project.directory, input).startsWith('..')) this.#files.cover(dirname(input))
    const serving = this.#process?.running === true ? this.#process : undefined
    const again = changed.some((file) => file === BY_HAND || meansRestart(file))
    if (serving === undefined || again || serving.reloads >= RELOADS) {
      return this.#start(compiled.file, changed)
    }
    if (compiled.same) return void (await serving.load(null))
    if (await serving.load(compiled.file)) this.#tellDone('Reloaded', changed, started)
    else this.#compiler.forget()
    return undefined
  }

  async #start(file: string, changed: readonly string[]): Promise<number | undefined> {
    const started = performance.now()
    await this.#stop()
    const everReady = this.#chosen !== undefined
    const child = (this.#process = new DevProcess({
      directory: this.#project.directory,
      // As it was given: the next process reads `.env` anew.
      environment: this.#context.environment,
      file,
      port: this.#options.port,
      hostname: this.#options.host,
      chosen: this.#chosen,
    }))
    void this.#tellEnd(child, everReady)
    const port = await child.ready
    if (port !== undefined) this.#chosen = port
    // A project that has never run is told what is wrong with it; one that has is being worked on.
    else if (!everReady && (await child.ended) === 2) return 2
    if (port !== undefined && changed.length > 0) this.#tellDone('Restarted', changed, started)
    return undefined
  }

  async #tellEnd(child: DevProcess, everReady: boolean): Promise<void> {
    const code = await child.ended
    if (this.#process !== child || this.#stopping || (!everReady && code === 2)) return
    this.#compiler.forget()
    this.#context.terminal.note('The server ended; waiting for a change')
  }

  async #stop(): Promise<void> {
    const last = this.#process
    this.#process = undefined
    // Also one that was told to end before and has not yet: it still has the database.
    this.#ended = Promise.all([this.#ended, last?.stop()])
    await this.#ended
  }

  #tellDone(what: string, changed: readonly string[], started: number): void {
    const { terminal } = this.#context
    const names = changed.map((file) => (file === BY_HAND ? file : relative(this.#project.directory, file)))
    const [first = '', ...others] = names
    const more = others.length === 0 ? '' : ` and ${others.length} more`
    const ms = Math.round(performance.now() - started)
    terminal.note(`${terminal.paintNote('green', what)}: ${first}${more} ${terminal.paintNote('dim', `in ${ms} ms`)}`)
  }
}

const BY_HAND = 'as you asked'
