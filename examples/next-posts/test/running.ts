import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../test/support/free-port.ts'

export const PROJECT = fileURLToPath(new URL('..', import.meta.url))
const NEXT = fileURLToPath(new URL('../../../node_modules/next/dist/bin/next', import.meta.url))
const POSTERN = fileURLToPath(new URL('../../../packages/cli/bin/postern.js', import.meta.url))

export type Environment = Readonly<Record<string, string>>

/** A server of the example, in a process of its own. */
export interface Running {
  readonly url: string
  readonly pid: number
  /** All that it has printed so far. */
  said(): string
  stop(): Promise<void>
}

/** `next build`: what it prints, whether it ends well or not. */
export async function buildNext(environment: Environment = {}): Promise<{ code: number; said: string }> {
  // A `next dev` that was stopped while it wrote its types leaves an empty file, over which every build stumbles.
  rmSync(join(PROJECT, '.next/dev/types'), { recursive: true, force: true })
  const child = start([NEXT, 'build'], environment)
  const said = hear(child)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code: code ?? 1, said: said() }
}

/** `next start`, of what was built. */
export function startNext(environment: Environment): Promise<Running> {
  return serve((port) => [NEXT, 'start', '-H', '127.0.0.1', '-p', `${port}`], environment)
}

/** `next dev`. */
export function developNext(environment: Environment): Promise<Running> {
  return serve((port) => [NEXT, 'dev', '-H', '127.0.0.1', '-p', `${port}`], environment)
}

/** `postern start`: the same route files without Next.js. */
export function startPostern(environment: Environment): Promise<Running> {
  return serve((port) => [POSTERN, 'start', '--port', `${port}`], { NODE_ENV: 'production', ...environment })
}

async function serve(words: (port: number) => string[], environment: Environment): Promise<Running> {
  const port = await freePort()
  const child = start(words(port), environment)
  const said = hear(child)
  const url = `http://127.0.0.1:${port}`
  const stop = () => end(child)
  try {
    await answering(url, child, said)
  } catch (error) {
    await stop()
    throw error
  }
  return { url, pid: child.pid!, said, stop }
}

function start(words: readonly string[], environment: Environment): ChildProcess {
  // Nothing of the test runner's own environment: NODE_ENV and VITEST would change what is tested.
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, words, {
    cwd: PROJECT,
    env: { PATH, HOME, NEXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1', ...environment } as unknown as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // A test run that is interrupted leaves no server behind.
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.removeListener('exit', kill))
  return child
}

function hear(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => void (text += String(chunk)))
  return () => text
}

async function answering(url: string, child: ChildProcess, said: () => string): Promise<void> {
  const late = Date.now() + 60_000
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The server ended:\n${said()}`)
    if (Date.now() > late) throw new Error(`The server does not answer:\n${said()}`)
    const response = await fetch(`${url}/api/posts`).catch(() => null)
    if (response !== null) return void (await response.arrayBuffer())
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const impatient = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await exited
  clearTimeout(impatient)
}
