import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Served } from './served-program.js'

/** The backend under test: started, killed and started again, always at the same address. */
export interface ServerProcess {
  readonly running: boolean
  start(): Promise<void>
  /** SIGKILL: it gets to say nothing. */
  kill(): Promise<void>
}

/** @param onDeath told when it ends although nobody killed it */
export function serverProcess(file: string, served: Served, onDeath: (code: number | null) => void): ServerProcess {
  let child: ChildProcess | undefined
  return {
    get running() {
      return child !== undefined
    },
    async start() {
      const started = spawn(process.execPath, [file, JSON.stringify(served)], {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      })
      child = started
      let said = ''
      started.stderr!.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)))
      await new Promise<void>((resolve, reject) => {
        let isListening = false
        started.once('message', () => resolve(void (isListening = true)))
        started.once('exit', (code) => {
          if (child !== started) return resolve()
          child = undefined
          if (isListening) onDeath(code)
          else reject(new Error(`The server under test did not start:\n${said}`))
        })
      })
    },
    async kill() {
      const killed = child
      child = undefined
      if (killed === undefined || killed.exitCode !== null) return
      const exited = once(killed, 'exit')
      killed.kill('SIGKILL')
      await exited
    },
  }
}
