import type PgBoss from 'pg-boss'
import type { Database } from '../database/database.js'
import { SERVICE } from '../database/identity.js'
import { orMissingTables } from '../database/missing-tables.js'
import { type RowsOver, rowsOver } from '../database/rows-over.js'
import type { Schema } from '../database/scope-types.js'
import { splitStatements } from '../database/split-statements.js'
import type { CurrentUnit } from '../database/unit-store.js'
import { inTransaction } from '../database/unit.js'

export type { PgBoss }

/** How long what was done stays in `pgboss.job`, and what is dead: time enough to see it and to send it again. In seconds. */
const DONE_S = 3_600
const DEAD_S = 90 * 86_400

/**
 * pg-boss over a database of ours: it sends its statements through our connections, as the service, and runs nothing by itself.
 * Loaded when it is asked for first, because a backend without jobs must not pay for it.
 */
export async function bossOver(database: Pick<Database<Schema>, 'unit'>): Promise<PgBoss> {
  const { default: Boss } = await import('pg-boss')
  const boss = new Boss({
    db: alone(database),
    migrate: false,
    supervise: false,
    schedule: false,
    archiveCompletedAfterSeconds: DONE_S,
    archiveFailedAfterSeconds: DEAD_S,
  })
  // It throws what goes wrong as well; an event that nobody hears would end the process.
  boss.on('error', () => {})
  return boss
}

/** pg-boss's statements in a transaction of ours, as the service. */
export function inside(unit: Pick<CurrentUnit, 'run'>): RowsOver {
  return rowsOver((statement) => unit.run(SERVICE, statement).catch(throwMissing))
}

/** Those that it sends by itself: each in a transaction of its own, and its scripts in one. */
function alone(database: Pick<Database<Schema>, 'unit'>): RowsOver {
  return {
    executeSql: (text, values) =>
      inTransaction(database.unit({ mode: 'request' }), async (unit) => {
        const { executeSql } = inside(unit)
        let last: Awaited<ReturnType<typeof executeSql>> = { rows: [] }
        for (const statement of values === undefined ? ofScript(text) : [text])
          last = await executeSql(statement, values)
        return last
      }),
  }
}

/** BEGIN and COMMIT are ours to send. */
function ofScript(text: string): string[] {
  return splitStatements(text)
    .map((statement) => statement.text)
    .filter((statement) => !/^(?:begin|commit)$/i.test(statement))
}

function throwMissing(error: unknown): never {
  throw orMissingTables(error)
}
