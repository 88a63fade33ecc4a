export { id, instant, money, timestamps } from './columns.js'
export { type Described, FACTS, factsOf, type TableFacts } from './facts.js'
export { type Ownership, type Unowned, type UserOwner, user } from './owner.js'
export { references } from './references.js'
export { Secret, secret } from './secret.js'
export { type Table, table } from './table.js'
// The column types that need no opinion of ours, so that a schema has one import.
export {
  boolean,
  date,
  doublePrecision,
  integer,
  jsonb,
  pgEnum,
  smallint,
  text,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
