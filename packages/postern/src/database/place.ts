import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { PoolOptions } from './connections.js'
import { embeddedConnections } from './embedded.js'
import { postgresConnections } from './postgres.js'
import { realDirectory, type Share, share } from './registry.js'
import { DatabaseUnreachable } from './unreachable.js'

/** Where a database is, as its owner says it. */
export interface PlaceOptions extends PoolOptions {
  readonly url?: string
  readonly migrationUrl?: string
  readonly directory?: string
}

/** Finds the place, by the options and then by the environment, and takes a share in the connections to it. */
export function connectionsFor(options: PlaceOptions, environment: NodeJS.ProcessEnv = process.env): Share {
  const { poolSize, poolWaitMs } = options
  const pool = { ...(poolSize === undefined ? {} : { poolSize }), ...(poolWaitMs === undefined ? {} : { poolWaitMs }) }
  const url = options.url ?? (options.directory === undefined ? environment['DATABASE_URL'] : undefined)
  if (url) {
    const migrationUrl = options.migrationUrl ?? environment['MIGRATION_DATABASE_URL']
    refuseOtherUrl('DATABASE_URL', url)
    if (migrationUrl) refuseOtherUrl('MIGRATION_DATABASE_URL', migrationUrl)
    const postgres = { url, ...(migrationUrl ? { migrationUrl } : {}), ...pool }
    return share(`postgres ${JSON.stringify(postgres)}`, () => postgresConnections(postgres))
  }
  refuseInProduction(environment)
  const directory = options.directory ?? (environment['POSTERN_DIRECTORY'] || join('.postern', 'db'))
  // `memory://` is a database of its own each time; `memory://name` is one that can be met again.
  if (directory === 'memory://')
    return share(`memory ${randomUUID()}`, () => embeddedConnections({ directory, ...pool }))
  const place = directory.startsWith('memory://') ? directory : realDirectory(directory)
  return share(`embedded ${place}`, (after) => embeddedConnections({ directory: place, after, ...pool }))
}

/** The driver would take any word for the name of a database on this machine. What stands there may hold a password: it is not said. */
function refuseOtherUrl(name: string, url: string): void {
  // `socket:` and a bare path are the driver's own words for a PostgreSQL that listens at a file.
  if (/^(?:postgres(?:ql)?:\/\/|socket:|\/)/i.test(url)) return
  throw new DatabaseUnreachable(`${name} is no postgres:// URL`, 'Write it as postgres://user:password@host:5432/name')
}

/** Next sets NODE_ENV while it builds as well; there the registry says what is wrong. */
function refuseInProduction(environment: NodeJS.ProcessEnv): void {
  const building = environment['NEXT_PHASE'] === 'phase-production-build'
  if (environment['NODE_ENV'] !== 'production' || environment['POSTERN_EMBEDDED'] === '1' || building) return
  throw new DatabaseUnreachable(
    'DATABASE_URL is not set, and in production the embedded database is used only on purpose',
    'Set DATABASE_URL, or POSTERN_EMBEDDED=1 if one process and one disk are what you want',
  )
}
