import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DevAnswer, DevMessage, DevOrder } from './dev-server.js'

/** What a process needs to begin with. */
export interface DevStart extends DevOrder {
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
}

/** The process that serves the project under `dev`. */
export class DevProcess {
  /** The port that it listens on; `undefined` where it ended before. */
  readonly ready: Promise<number | undefined>
  readonly ended: Promise<number | null>
  reloads = 0
  readonly #child: ChildProcess
  #listening = false
  #waiting = false

  constructor({ directory, environment, ...order }: DevStart) {
    const file = fileURLToPath(new URL('./dev-server.js', import.meta.url))
    this.#child = fork(file, [JSON.stringify(order)], {
      cwd: directory,
      env: environment,
      // A session of its own: of Ctrl-C a terminal tells all of ours, and a second signal would end it in the middle of
      // closing the database. It ends when `dev` says so, or is gone.
      detached: process.platform !== 'win32',
      // The keyboard is `dev`'s: it takes `r`.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.ended = once(this.#child, 'exit').then(([code]) => code as number | null)
    this.ready = this.#answer().then((answer) => {
      this.#listening = answer !== undefined
      return answer !== undefined && 'ready' in answer ? answer.ready : undefined
    })
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Requests wait from now on, until `load()`. */
  wait(): void {
    if (this.#waiting || !this.#listening || !this.running) return
    this.#waiting = true
    this.#say({ say: 'wait' })
  }

  /** Answers whether the code of that file serves now; `null` goes on with what there is. */
  async load(file: string | null): Promise<boolean> {
    if (file !== null) this.wait()
    if (!this.#waiting) return false
    this.#waiting = false
    const answer = this.#answer()
    this.#say({ say: 'load', file })
    const said = await answer
    if (file !== null) this.reloads += 1
    return said !== undefined && 'loaded' in said && said.loaded
  }

  /** It has five seconds to finish what it is doing. */
  async stop(): Promise<void> {
    if (!this.running) return
    // Requests that wait for new code would keep it from ending: they get the old.
    if (this.#waiting) this.#say({ say: 'load', file: null })
    this.#waiting = false
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000)
    await this.ended
    clearTimeout(timer)
  }

  #say(message: DevMessage): void {
    // A process that is just ending takes no message, and its end is told.
    this.#child.send(message, () => undefined)
  }

  /** The next thing that it says, or nothing where it ends. */
  async #answer(): Promise<DevAnswer | undefined> {
    const stop = new AbortController()
    const said = once(this.#child, 'message', stop).then(([message]) => message as DevAnswer)
    const ended = this.ended.then(() => undefined)
    return Promise.race([said, ended]).finally(() => stop.abort())
  }
}
