import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach } from 'vitest'

const BIN = fileURLToPath(new URL('../bin/postern.js', import.meta.url))
// Inside the package, so that a project finds its packages; .postern is ignored by git.
const HOME = fileURLToPath(new URL('../.postern/', import.meta.url))

/** The smallest project that serves something. */
export const NOTES: Readonly<Record<string, string>> = {
  'schema.ts': `import { id, table, text, user } from 'postern/schema'
export const notes = table('notes', { id: id(), text: text().notNull() }, { owner: user() })
`,
  'backend.ts': `import { createBackend } from 'postern'
import { database } from 'postern/database'
import * as schema from './schema.js'
export const backend = createBackend({ database: database({ schema }), auth: () => null })
export const { endpoint } = backend
`,
  'app/api/hello/route.ts': `import { endpoint } from '../../../backend.js'
export const GET = endpoint({ public: 'says hello' }, () => ({ hello: 'world' }))
`,
}

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface TestProject {
  readonly directory: string
  write(file: string, text: string): void
  /** Runs the real command and waits for its end. */
  postern(words: readonly string[], environment?: Record<string, string>): Promise<Outcome>
  /** Starts a program that goes on; it is stopped when the tests are over. */
  launch(command: readonly string[], environment?: Record<string, string>): Launched
}

export interface Launched {
  readonly child: ChildProcess
  /** Everything it has said so far. */
  said(): string
  /** Settles when it has said something that fits; throws with all it said if it ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  stop(): Promise<number | null>
}

const made: { readonly directory: string; readonly launched: readonly Launched[] }[] = []
// A test that failed half-way must not leave a server behind that holds the database of the next.
afterEach(async () => {
  for (const { launched } of made) for (const program of launched) await program.stop()
})

// Here and not in makeProject(): a hook that is asked for inside a test never runs.
afterAll(async () => {
  for (const { directory, launched } of made.splice(0)) {
    for (const program of launched) await program.stop()
    rmSync(directory, { recursive: true, force: true })
  }
})

/** A project of its own in a directory of its own; gone after the tests of the file. */
export function makeProject(files: Readonly<Record<string, string>>): TestProject {
  if (!existsSync(new URL('../dist/main.js', import.meta.url)))
    throw new Error('These tests run the built command: npm run build')
  mkdirSync(HOME, { recursive: true })
  const directory = mkdtempSync(join(HOME, 'test-'))
  const launched: Launched[] = []
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), text)
  }
  for (const [file, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) write(file, text)
  made.push({ directory, launched })
  const launch = (command: readonly string[], environment: Record<string, string> = {}) => {
    const program = launchIn(directory, command, environment)
    launched.push(program)
    return program
  }
  return {
    directory,
    write,
    launch,
    async postern(words, environment) {
      const child = spawnIn(directory, [BIN, ...words], environment ?? {})
      const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')]
      const [code] = (await once(child, 'close')) as [number | null]
      return { code, stdout: stdout(), stderr: stderr() }
    },
  }
}

export const POSTERN = BIN

function spawnIn(directory: string, words: readonly string[], environment: Record<string, string>): ChildProcess {
  const { DATABASE_URL: _url, MIGRATION_DATABASE_URL: _owner, NODE_ENV: _env, PORT: _port, ...inherited } = process.env
  return spawn(process.execPath, words, { cwd: directory, env: { ...inherited, NO_COLOR: '1', ...environment } })
}

function collect(child: ChildProcess, stream: 'stdout' | 'stderr'): () => string {
  let text = ''
  child[stream]?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return () => text
}

function launchIn(directory: string, words: readonly string[], environment: Record<string, string>): Launched {
  const child = spawnIn(directory, words, environment)
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')]
  const said = () => stdout() + stderr()
  return {
    child,
    said,
    async says(pattern) {
      for (;;) {
        const found = pattern.exec(said())
        if (found !== null) return found
        if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode} and had said:\n${said()}`)
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      const [code] = (await closed) as [number | null]
      return code
    },
  }
}
