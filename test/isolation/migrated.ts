import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newMigration } from '../../packages/cli/src/migrate/new-migration.js'
import { applyMigrations, type MigrationTarget, ROLES_SQL } from '../../packages/postern/src/database/index.js'

/** Makes the tables of a schema as a user's are made: `migrate new`, then `migrate up`. */
export async function migrated(target: MigrationTarget, schema: Readonly<Record<string, unknown>>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-isolation-'))
  const request = {
    name: undefined,
    empty: false,
    data: false,
    answers: { renames: [], drops: [] },
    rolesSql: ROLES_SQL,
  }
  try {
    await newMigration(directory, schema, request)
    await applyMigrations(target, directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
