import { database } from '../../packages/postern/src/database/database.js'
import { migrated } from '../isolation/migrated.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { schema } from './noticeboard.js'

/** A database with the noticeboard's table in it. */
export async function boardDatabase(): Promise<TestDatabase> {
  const place = await createTestDatabase()
  const owner = database({ schema, url: place.url, migrationUrl: place.migrationUrl })
  await migrated(owner, schema)
  await owner.close()
  return place
}
