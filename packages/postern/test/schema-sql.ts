import { PGlite } from '@electric-sql/pglite'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { guardStatements, isRowSecuritySwitch } from '../../cli/src/migrate/guards.js'
import { versionTriggers } from '../../cli/src/migrate/version-triggers.js'
import { ROLES_SQL } from '../src/database/roles.js'

/** What drizzle-kit makes of a schema that did not exist before: one statement each. */
export async function sqlOf(schema: Record<string, unknown>): Promise<string[]> {
  return generateMigration(generateDrizzleJson({}), generateDrizzleJson(schema))
}

/** The SQL that makes the tables of a schema, guards included. */
export async function schemaSql(tables: Record<string, unknown>): Promise<string> {
  const [none, all] = [generateDrizzleJson({}), generateDrizzleJson(tables)]
  const made = (await generateMigration(none, all)).filter((statement) => !isRowSecuritySwitch(statement))
  const guards = guardStatements(none as never, all as never)
  const { come } = versionTriggers(none as never, all as never)
  return [ROLES_SQL, ...made, ...guards, ...come].join('\n')
}

/** A PostgreSQL in memory with the schema in it, asked as one principal at a time. */
export interface SchemaDatabase {
  as(id: string | null, statement: string): Promise<Record<string, unknown>[]>
  asService(statement: string): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

export async function databaseOf(schema: Record<string, unknown>): Promise<SchemaDatabase> {
  const postgres = await PGlite.create()
  await postgres.exec(ROLES_SQL)
  const statements = await sqlOf(schema)
  // drizzle-kit writes a foreign key before the UNIQUE that it points at where both are new to one table.
  for (const statement of statements.toSorted((a, b) => Number(isKey(a)) - Number(isKey(b)))) {
    await postgres.exec(statement)
  }
  await postgres.exec('grant all on all tables in schema public to anon, authenticated, service_role')
  const run = async (role: string, sub: string, statement: string) => {
    const { rows } = await postgres.transaction(async (transaction) => {
      await transaction.query(`select set_config('role', $1, true), set_config('request.jwt.claim.sub', $2, true)`, [
        role,
        sub,
      ])
      return transaction.query<Record<string, unknown>>(statement)
    })
    return rows
  }
  return {
    as: (id, statement) => run(id === null ? 'anon' : 'authenticated', id ?? '', statement),
    asService: (statement) => run('service_role', '', statement),
    close: () => postgres.close(),
  }
}

const isKey = (statement: string) => statement.includes('FOREIGN KEY')
