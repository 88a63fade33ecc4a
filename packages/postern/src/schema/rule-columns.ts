import { sql } from 'drizzle-orm'
import { text } from 'drizzle-orm/pg-core'
import { BigIntTextBuilder } from './big-int-text.js'
import { instant } from './columns.js'
import type { Ownership } from './owner.js'
import { ACTIVE_ORGANIZATION_ID, CALLER_ID } from './rule-text.js'
import type { Columns, Whose } from './whose.js'

/**
 * The columns as written and those that the owner rule and `softDelete` make, each with its name in SQL.
 * Throws where a name is taken.
 */
export function withRuleColumns(name: string, columns: Columns, owner: Ownership, { softDelete }: Whose): Columns {
  const made: Columns = {}
  if (owner.kind === 'user') made[owner.column] = text().notNull().default(sql.raw(CALLER_ID))
  if (owner.kind === 'organization') {
    made[owner.column] = new BigIntTextBuilder().notNull().default(sql.raw(ACTIVE_ORGANIZATION_ID) as never)
  }
  if (softDelete === true) made[DELETED] = instant()
  const taken = Object.keys(made).find((key) => key in columns)
  if (taken !== undefined) {
    throw new TypeError(`table('${name}'): the column ${taken} is made by its owner rule or softDelete; leave it out`)
  }
  const all = { ...columns, ...made }
  for (const [key, builder] of Object.entries(all)) {
    const config = (builder as unknown as { config: { name: string } }).config
    if (config.name === '') config.name = snakeCase(key)
  }
  return all
}

/** The key of the column that `softDelete` makes. */
export const DELETED = 'deletedAt'

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
