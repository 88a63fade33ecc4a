export { id, instant, money, timestamps } from './columns.js'
export { type Described, FACTS, factsOf, type TableFacts } from './facts.js'
export { CALLER_ORGANIZATIONS, CALLER_ORGANIZATIONS_SQL } from './organization-rules.js'
export { type OrganizationOptions, organizationTables } from './organization-tables.js'
export {
  type OrganizationOwner,
  type Owner,
  type Ownership,
  type ThroughOwner,
  type Unowned,
  type UserOwner,
  user,
} from './owner.js'
export { references } from './references.js'
export { Secret, secret } from './secret.js'
export { type Table, table } from './table.js'
export { through } from './through.js'
export { version } from './version.js'
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
