import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleProgram } from '../../scripts/bundle-program.mjs'
import type { ProcessOptions } from './server-process.js'

/** A server in a process of its own: it has its own event loop, and can be sent signals. */
export interface ServerProcess {
  readonly port: number
  readonly child: ChildProcess
  /** What the process says of itself: resident bytes, and how late its event loop was (99th percentile, milliseconds). */
  state(): Promise<{ rss: number; eventLoopP99: number }>
  /** Asks it to stop; the answer is its exit code, how long it took, and from which ports it had taken connections. */
  stop(): Promise<{ code: number | null; ms: number; taken: ReadonlySet<number> }>
}

/** As a part of the campaign this module lies bundled in node_modules. */
const HERE = fileURLToPath(new URL('.', import.meta.url))
const ROOT = HERE.includes('node_modules') ? HERE.slice(0, HERE.indexOf('node_modules')) : join(HERE, '../..')

/** Two workers may build the same file, so that each has its own. */
let built: Promise<string> | undefined
const builtOnce = () =>
  (built ??= (async () => {
    const outfile = join(ROOT, `node_modules/.cache/postern/faults-server-${process.pid}.mjs`)
    await bundleProgram({ entryPoints: [join(ROOT, 'test/faults/server-process.ts')], outfile })
    return outfile
  })())

const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')))

export async function startProcess(options: ProcessOptions): Promise<ServerProcess> {
  const file = await builtOnce()
  const child = spawn(process.execPath, ['--enable-source-maps', file, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  running.add(child)
  let said = ''
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  const exited = once(child, 'close').finally(() => running.delete(child))
  const first = await Promise.race([once(child.stdout!, 'data'), exited.then(() => null)])
  if (first === null) throw new Error('The server under test did not start')
  const { port } = JSON.parse(String(first[0])) as { port: number }
  return {
    port,
    child,
    async state() {
      const answer = once(child, 'message')
      child.send('state')
      return (await answer)[0] as { rss: number; eventLoopP99: number }
    },
    async stop() {
      const began = performance.now()
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const [code] = (await exited) as [number | null]
      const last = said.trim().split('\n').at(-1)!
      const { taken = [] } = JSON.parse(last) as { taken?: number[] }
      return { code, ms: performance.now() - began, taken: new Set(taken) }
    },
  }
}
