import { types } from 'pg'
import type { Statement, StatementResult } from './statement.js'

/** A library's own statements, run as somebody in a transaction that is ours: it gets rows as objects, as `pg` gives them. */
export interface RowsOver {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
}

export function rowsOver(run: (statement: Statement) => Promise<StatementResult>): RowsOver {
  return {
    async executeSql(text, values = []) {
      const result = await run({ text, values })
      return { rows: rowsOf(result) }
    },
  }
}

export function rowsOf({ fields, rows }: StatementResult): Record<string, unknown>[] {
  const parsers = fields.map(({ dataTypeID }) => types.getTypeParser(dataTypeID, 'text') as (text: string) => unknown)
  return rows.map((row) =>
    Object.fromEntries(
      fields.map(({ name }, index) => {
        const value = row[index]
        return [name, value == null ? null : parsers[index]!(value)]
      }),
    ),
  )
}
