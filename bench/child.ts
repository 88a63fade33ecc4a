import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of the benchmark, asked and answering by messages. */
export class Child {
  readonly #process: ChildProcess
  #said = ''

  /** `file` is beside the built benchmark. */
  constructor(file: string, environment: Readonly<Record<string, string>>, nodeFlags: readonly string[] = []) {
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), {
      env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '', ...environment },
      execArgv: [...nodeFlags],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#process.stderr!.on('data', (chunk: Buffer) => (this.#said += chunk.toString()))
  }

  /** Sends a message, if there is one, and waits for the next answer. Throws where the process ends instead. */
  async ask<T>(message?: object): Promise<T> {
    const ended = new AbortController()
    const answer = once(this.#process, 'message', { signal: ended.signal })
    const exit = once(this.#process, 'exit', { signal: ended.signal })
    if (message !== undefined) this.#process.send(message)
    try {
      const first = await Promise.race([answer, exit.then(() => null)])
      if (first === null) throw new Error(`A process of the benchmark ended:\n${this.#said}`)
      return first[0] as T
    } finally {
      for (const waiting of [answer, exit]) waiting.catch(() => {})
      ended.abort()
    }
  }

  /** Lets it end by itself, as a profile wants it, and ends it where it does not. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exited = once(this.#process, 'exit')
    if (this.#process.connected) this.#process.disconnect()
    const impatient = setTimeout(() => this.#process.kill('SIGKILL'), 5000)
    await exited
    clearTimeout(impatient)
  }
}
