import type { PGlite } from '@electric-sql/pglite'
import { accessSync, constants } from 'node:fs'
import { type ClientBase, Pool, type PoolConfig } from 'pg'
import { makeDirectory } from '../own-directory.js'
import type { Connections, PoolOptions } from './connections.js'
import { ownerConnection } from './held-connection.js'
import { type DirectoryLock, lockDirectory } from './lock.js'
import { PgliteStream } from './pglite-stream.js'
import { PooledConnections } from './pooled-connections.js'
import { EMBEDDED_LOGIN, loginSql, ROLES_SQL } from './roles.js'
import { toUnusable } from './unusable-directory.js'

/** PGlite's own superuser: the owner of all tables. `reset session authorization` does not lead back to it (ran). */
const OWNER = 'set session authorization postgres'
const LOGIN = `set session authorization ${EMBEDDED_LOGIN}`

interface EmbeddedOptions extends Pick<PoolOptions, 'poolWaitMs'> {
  /** Where the data is; `memory://` keeps it nowhere. */
  readonly directory: string
  /** Opens only when this is done: the same directory being closed. */
  readonly after?: Promise<void> | undefined
}

/** PostgreSQL inside this process, with one connection. */
export function embeddedConnections({ directory, poolWaitMs = 1_000, after }: EmbeddedOptions): Connections {
  const inMemory = directory.startsWith('memory://')
  let lock: DirectoryLock | undefined
  let pglite: PGlite | undefined

  return new PooledConnections({
    kind: 'embedded',
    label: inMemory ? 'embedded, in memory' : `embedded in ${directory}`,
    // One to a directory: the registry sees to it.
    place: Symbol(directory),
    poolWaitMs,
    keepsPrepared: true,
    async open() {
      await after
      try {
        if (!inMemory) {
          makeDirectory(directory)
          // PGlite would fail half-way, in words of its own.
          accessSync(directory, constants.W_OK)
          lock = lockDirectory(directory)
        }
        const { PGlite } = await import('@electric-sql/pglite')
        const backend = (pglite = await PGlite.create(inMemory ? 'memory://' : directory))
        await backend.exec(BOOTSTRAP_SQL)
        return poolOver(backend)
      } catch (error) {
        await pglite?.close()
        lock?.release()
        throw toUnusable(error, directory)
      }
    },
    async asOwner(borrow, work) {
      const client = await borrow()
      try {
        await client.query(OWNER)
        return await work(ownerConnection(client))
      } finally {
        // A new client of this pool starts with a clean session, whatever the work left behind.
        client.release(true)
      }
    },
    async close() {
      await pglite?.close()
      lock?.release()
    },
  })
}

const BOOTSTRAP_SQL = `${ROLES_SQL}
do $$ begin
  if not exists (select from pg_catalog.pg_roles where rolname = '${EMBEDDED_LOGIN}') then
    create role ${EMBEDDED_LOGIN} login noinherit;
  end if;
end $$;
${loginSql(EMBEDDED_LOGIN, 180_000)}`

function poolOver(backend: PGlite): Pool {
  return new Pool({
    user: 'postgres',
    database: 'postgres',
    max: 1,
    idleTimeoutMillis: 0,
    allowExitOnIdle: true,
    stream: (() => new PgliteStream(backend)) as unknown as NonNullable<PoolConfig['stream']>,
    // Every client speaks to the same session: a transaction, a role or a prepared statement of the last one must not live on.
    async onConnect(client: ClientBase) {
      await client.query('rollback')
      await client.query('discard all')
      await client.query(LOGIN)
    },
  } as PoolConfig)
}
