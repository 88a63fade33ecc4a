import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { newMigration } from '../../packages/cli/src/migrate/new-migration.js'
import { applyMigrations, database, ROLES_SQL } from '../../packages/postern/src/database/index.js'
import { execute } from '../support/execute.js'
import { startPostgres } from '../support/postgres-server.js'
import { LOGIN, loginsSql, OWNER, PASSWORDS } from '../support/test-logins.js'
import { contentsOfDirectory, contentsOfServer } from './contents.js'
import { crashPostgres, killBackend } from './crash.js'
import type { Contents } from './ledger.js'
import * as schema from './schema.js'
import type { Served } from './served-program.js'

/** Where the data of a run is. */
export interface Place {
  readonly served: Omit<Served, 'port'>
  /** Ways in which the database dies, which answer whether there was anything to kill; the embedded one dies with its server. */
  readonly deaths: Readonly<
    Record<'crash' | 'backend' | 'terminate', (random: () => number) => Promise<boolean>>
  > | null
  /** What is there at the end, when no server runs any more. */
  contents(): Promise<Contents>
  remove(): Promise<void>
}

/** A PostgreSQL of this run's own. With `asynchronous`, COMMIT answers before anything is written: what this must find. */
export async function postgresPlace({ asynchronous = false } = {}): Promise<Place> {
  // Nothing but COMMIT itself may write the log, or a commit that did not would be saved by chance.
  const server = await startPostgres(undefined, ['wal_writer_delay=10s', 'wal_writer_flush_after=1GB'])
  const at = (login: keyof typeof PASSWORDS) => `postgres://${login}:${PASSWORDS[login]}@127.0.0.1:${server.port}/kills`
  const migrations = await migrationsOf(schema)
  await execute(server.adminUrl, loginsSql(180_000))
  await execute(server.adminUrl, `create database kills owner ${OWNER}`)
  await execute(at('postgres'), `alter schema public owner to ${OWNER}`)
  const db = database({ schema, url: at(LOGIN), migrationUrl: at(OWNER) })
  await applyMigrations(db, migrations)
  await db.close()
  if (asynchronous) await execute(server.adminUrl, `alter role ${LOGIN} set synchronous_commit = off`)
  return {
    served: { url: at(LOGIN) },
    deaths: {
      async crash() {
        await crashPostgres(server.pid!)
        await untilUp(() => server.up())
        return true
      },
      backend: (random) => killBackend(server.pid!, LOGIN, random),
      async terminate(random) {
        const some = `select pid from pg_stat_activity where usename = '${LOGIN}' order by random() limit ${1 + Math.floor(random() * 10)}`
        const killed = execute(server.adminUrl, `select pg_terminate_backend(pid) from (${some}) victims`)
        // While it recovers from the last kill it lets nobody in.
        return (await killed.catch(() => [])).length > 0
      },
    },
    contents: () => contentsOfServer(at('postgres')),
    async remove() {
      await server.stop()
      await rm(migrations, { recursive: true, force: true })
    },
  }
}

/** A directory of the embedded database: the process that dies is the database. */
export async function embeddedPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-kills-'))
  const directory = join(folder, 'db')
  const migrations = await migrationsOf(schema)
  return {
    served: { directory, migrations },
    deaths: null,
    contents: () => contentsOfDirectory(directory),
    async remove() {
      await rm(folder, { recursive: true, force: true })
      await rm(migrations, { recursive: true, force: true })
    },
  }
}

async function migrationsOf(tables: Readonly<Record<string, unknown>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-kills-migrations-'))
  const answers = { renames: [], drops: [] }
  await newMigration(directory, tables, { name: undefined, empty: false, data: false, answers, rolesSql: ROLES_SQL })
  return directory
}

/** A process of the dead server may still hold its shared memory for a moment, and then the next one refuses to start. */
export async function untilUp(up: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await up()
    } catch (error) {
      if (attempt === 40) throw error
      await pause(50)
    }
  }
}
