import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { connectionsFor, type PlaceOptions } from '../database/place.js'
import type { Share } from '../database/registry.js'

/** A database that nobody else uses. */
export interface FreshDatabase {
  open(): Share
  /** Takes it away again; nothing may be connected to it any more. */
  drop(): Promise<void>
}

/**
 * Makes an empty database: by default in memory, inside this process; with the URL of a PostgreSQL, a new database there,
 * whose login must be allowed to create one.
 */
export async function freshDatabase(url: string | undefined): Promise<FreshDatabase> {
  if (!url) return at({ directory: 'memory://' })
  const name = `postern_test_${randomBytes(6).toString('hex')}`
  await execute(url, `create database ${name}`)
  const inside = new URL(url)
  inside.pathname = `/${name}`
  const place = { url: inside.href, migrationUrl: inside.href }
  return { ...at(place), drop: () => execute(url, `drop database if exists ${name} with (force)`) }
}

/** A database that the test made itself, and takes away itself. */
export function at(place: PlaceOptions): FreshDatabase {
  return { open: () => connectionsFor(place), drop: async () => {} }
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
