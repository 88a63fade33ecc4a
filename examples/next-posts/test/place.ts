import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyMigrations, database, type Database } from 'postern/database'
import { createTestDatabase } from '../../../test/support/postgres.ts'
import * as schema from '../schema/index.ts'
import seed from '../seed.ts'
import { type Environment, PROJECT } from './running.ts'

/** Where a server under test keeps its rows, and what the test itself sees of them. */
export interface Place {
  /** What tells the server about it. */
  readonly environment: Environment
  /** The same for development, where the server applies the migrations. */
  readonly development: Environment
  /** All rows of the tables that people write, to be compared before and after what must have no effect. */
  rows(): Promise<unknown>
  readonly db: Database<typeof schema>
  close(): Promise<void>
}

/** What the server under test is called on PostgreSQL: its sessions can be told from the test's own. */
export const SERVER = 'next-posts'

/** A database of its own on the run's PostgreSQL, migrated, with the fifty posts of the seed. */
export async function postgresPlace(): Promise<Place> {
  const { url, migrationUrl, drop } = await createTestDatabase()
  const db = database({ schema, url, migrationUrl, poolSize: 2 })
  await applyMigrations(db, join(PROJECT, 'migrations'))
  const service = db.service('test')
  await seed(service)
  const environment = { DATABASE_URL: `${url}?application_name=${SERVER}`, POSTERN_AUTH_SECRET: secret() }
  return {
    environment,
    development: { ...environment, MIGRATION_DATABASE_URL: migrationUrl },
    async rows() {
      const { authors, comments, posts, user } = schema
      return {
        authors: await service.select().from(authors).orderBy(authors.id),
        posts: await service.select().from(posts).orderBy(posts.id),
        comments: await service.select().from(comments).orderBy(comments.id),
        users: await service.select().from(user).orderBy(user.id),
      }
    },
    db,
    async close() {
      await db.close()
      await drop()
    },
  }
}

/** An embedded database in an empty directory: what somebody has who sets nothing up. */
export async function embeddedPlace(): Promise<{ readonly environment: Environment; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'next-posts-'))
  return {
    environment: {
      POSTERN_DIRECTORY: join(directory, 'db'),
      POSTERN_EMBEDDED: '1',
      POSTERN_AUTH_SECRET: secret(),
    },
    close: () => rm(directory, { recursive: true, force: true }),
  }
}

const secret = () => randomBytes(32).toString('base64url')
