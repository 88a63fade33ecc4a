import type { DatabaseFacts, TableFacts } from '../../facts/database-facts.js'
import type { Rule } from '../rule.js'

/** A table that whoever has the public key of the project may read and write. */
export const rule: Rule = {
  title: 'A table is open to everybody for want of row-level security',
  severity: 'error',
  references: ['CWE-862', 'API1:2023'],
  *project({ databases }) {
    for (const database of databases) {
      for (const table of database.tables) {
        const why = reasonOf(table, database)
        if (why === undefined) continue
        yield {
          at: table.at,
          confidence: why.isShown ? 'high' : 'medium',
          message: `${why.message}: nothing turns row-level security on for ${table.name}`,
          fix: `alter table ${table.name} enable row level security, and a policy for what each caller may do`,
          subject: { kind: 'table', symbol: table.name, at: table.at },
        }
      }
    }
  },
}

function reasonOf(table: TableFacts, database: DatabaseFacts): { message: string; isShown: boolean } | undefined {
  if (!table.isCreatedHere || table.rowSecurity !== 'off') return undefined
  if (database.isExposed) {
    if (!database.exposedSchemas.includes(table.schema) || isOutOfReach(table)) return undefined
    // A partition that is asked for by its own name skips the policies of its parent, but not every host answers for one.
    return {
      message: 'The API answers for this table to anyone who has the public key',
      isShown: table.partitionOf === null,
    }
  }
  const others = database.tables.filter(({ rowSecurity }) => rowSecurity === 'on')
  const isOne = others.some(({ schema }) => schema === table.schema) && others.length * 2 >= database.tables.length
  if (!isOne || database.saidBy === 'postern' || table.partitionOf !== null) return undefined
  return {
    message: 'Other tables here hide rows from those whose they are not, and this one hides none',
    isShown: false,
  }
}

/** Both roles that PostgREST takes for a caller have lost every right on it. */
const isOutOfReach = ({ revokedFrom }: TableFacts) =>
  revokedFrom.includes('anon') && revokedFrom.includes('authenticated')
