import { createHash } from 'node:crypto'
import { Client, Pool } from 'pg'
import type { Connections, PoolOptions } from './connections.js'
import { ownerConnection } from './held-connection.js'
import { PooledConnections } from './pooled-connections.js'
import { toUnreachable } from './unreachable.js'

/** Making a connection may take longer than a request waits for one: serverless databases wake up first. */
const CONNECT_MS = 10_000

/** A PostgreSQL that is reached by URL. */
interface PostgresOptions extends PoolOptions {
  readonly url: string
  /** The URL of the tables' owner, for migrations and seeds (default: `url`). */
  readonly migrationUrl?: string
}

export function postgresConnections(options: PostgresOptions): Connections {
  const { url, migrationUrl = url, poolSize = 10, poolWaitMs = 1_000 } = options
  const label = labelOf(url)
  return new PooledConnections({
    kind: 'postgres',
    label,
    place: createHash('sha256').update(url).digest('hex'),
    poolWaitMs,
    keepsPrepared: !isBehindPooler(url),
    async open() {
      return new Pool({
        connectionString: url,
        max: poolSize,
        connectionTimeoutMillis: CONNECT_MS,
        idleTimeoutMillis: 60_000,
        allowExitOnIdle: true,
        keepAlive: true,
      })
    },
    async asOwner(_borrow, work) {
      const client = new Client({ connectionString: migrationUrl, connectionTimeoutMillis: CONNECT_MS })
      client.on('error', () => {})
      await client.connect().catch((error: unknown) => {
        throw toUnreachable(error, labelOf(migrationUrl))
      })
      try {
        return await work(ownerConnection(client))
      } finally {
        await client.end()
      }
    },
    async close() {},
  })
}

/** `?pgbouncer=true`, as Prisma calls it and Supabase prints it: a deployment can say it without a change of code. */
function isBehindPooler(url: string): boolean {
  return URL.canParse(url) && new URL(url).searchParams.get('pgbouncer') === 'true'
}

function labelOf(url: string): string {
  try {
    const { username, hostname, port, pathname } = new URL(url)
    return `postgres://${username === '' ? '' : `${username}@`}${hostname}${port === '' ? '' : `:${port}`}${pathname}`
  } catch {
    return 'PostgreSQL'
  }
}
