import { prepared, type Prepared } from '../database/paved/prepared.js'
import { SQL } from './sql.js'

/** The protocol's statements, each known to PostgreSQL by its own hash. */
export const STATEMENTS = Object.fromEntries(Object.entries(SQL).map(([name, text]) => [name, prepared(text)])) as {
  readonly [Name in keyof typeof SQL]: Prepared
}
