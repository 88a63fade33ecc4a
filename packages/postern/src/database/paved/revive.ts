import type { TableFacts } from '../../schema/facts.js'
import { relatedShapes, type Shape } from './shape.js'

/** Turns a row's JSON back into the row that TypeScript knows: instants as `Date`, the rest as declared. */
export function revive(facts: TableFacts, json: string, shape: Shape = {}): Record<string, unknown> {
  return revived(facts, JSON.parse(json) as Record<string, unknown>, shape)
}

/** The same for a list. */
export function reviveAll(facts: TableFacts, json: string, shape: Shape = {}): Record<string, unknown>[] {
  return (JSON.parse(json) as Record<string, unknown>[]).map((row) => revived(facts, row, shape))
}

function revived(facts: TableFacts, row: Record<string, unknown>, shape: Shape): Record<string, unknown> {
  for (const key of Object.keys(row)) {
    const column = facts.columns[key]
    const value = row[key]
    if (value === null || column === undefined) continue
    if (column.shows === 'instant') row[key] = new Date(value as string)
    else if (column.shows === 'text') row[key] = column.column.mapFromDriverValue(value)
  }
  for (const [name, relation, inner] of relatedShapes(facts, shape.with)) {
    const value = row[name]
    if (value !== null && value !== undefined) {
      row[name] = revived(relation.target(), value as Record<string, unknown>, inner)
    }
  }
  return row
}
