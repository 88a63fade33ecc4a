import { type IsIdentity, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { BigIntTextBuilder } from './big-int-text.js'

/**
 * What `version()` gives. To Drizzle's types it is a value that PostgreSQL always makes, so that neither an insert nor an
 * update has a field of this name; `version` is how the types of `ifMatch` know it again.
 */
export type VersionBuilder = IsIdentity<BigIntTextBuilder, 'always'> & { readonly _: { readonly version: true } }

/**
 * Which state of a row this is: `bigint`, 1 where the row is new, and one more with every update by Postern or Drizzle, in the
 * same statement. A string in TypeScript and in JSON, as keys are. No body and no values can set it. It gives the row its
 * `ETag`, and endpoints the slot `ifMatch`. One to a table; `table()` throws where there are two.
 *
 * SQL of your own raises it itself: `set …, version = version + 1`.
 *
 * @example
 * export const products = table('products', { id: id(), name: text().notNull(), version: version() }, { owner: user() })
 */
export function version(): VersionBuilder {
  const builder = new BigIntTextBuilder().notNull().default(sql`1` as never)
  configOf(builder).posternVersion = true
  return builder as unknown as VersionBuilder
}

/**
 * The key of the column that `version()` made, where there is one; it rises from here on in whatever Drizzle writes.
 * Throws where there are two, and where it is secret: an `ETag` would show it.
 */
export function versionKeyOf(name: string, columns: Readonly<Record<string, PgColumn>>): string | undefined {
  const [key, second] = Object.keys(columns).filter((one) => configOf(columns[one]).posternVersion === true)
  if (key === undefined) return undefined
  if (second !== undefined)
    throw new TypeError(`table('${name}') has two versions, ${key} and ${second}: say version() once`)
  const column = columns[key]!
  if (configOf(column).posternSecret === true) {
    throw new TypeError(`table('${name}'): the version ${key} can't be secret, because the ETag of a row shows it`)
  }
  // Named with its table: in `on conflict do update` and `update … from` a bare name could mean two columns.
  Object.assign(column, { onUpdateFn: () => sql`${column} + 1` })
  return key
}

function configOf(target: unknown): { posternVersion?: boolean; posternSecret?: boolean } {
  return (target as { config: { posternVersion?: boolean } }).config
}
