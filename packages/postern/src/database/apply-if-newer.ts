import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Described } from '../schema/facts.js'
import type { ServiceInsertNamed } from '../schema/tables-of.js'

/** Which columns tell what an event is about, and how new it is. */
export interface IfNewer<Key extends string> {
  /** What the object is known by: a column, or several, that a unique constraint names. */
  readonly key: Key | readonly Key[]
  /** What rises with each change: the provider’s own version or revision, or else when it happened. */
  readonly version: Key
}

/** What is there now: what was given; something of the same version; something newer. */
export type AppliedIfNewer = 'applied' | 'same' | 'older'

/**
 * Writes the state of an object that an event brings, unless a newer one is there: events may come in any order, and the newest stays. A
 * row is made where there is none. The row that decides stays locked to the end of the transaction, so that copies and neighbours wait
 * for what this one makes final.
 *
 * `same` is a tie: another event of this version was here before, which says nothing of which is newer. A time of whole seconds ties
 * often. Where the provider has no finer version, ask it for its state in `prepare`, and write that.
 *
 * An object that goes away should keep its row, with a mark: a row that is deleted would be made again by an event that comes late.
 *
 * Throws a `TypeError` where the version is `null`: nothing can be newer than an event that does not say when it was.
 *
 * @example
 * const { id, status } = event.data.object
 * await applyIfNewer(db, subscriptions, { key: 'stripeId', version: 'changedAt' },
 *   { stripeId: id, status, changedAt: event.at!, ownerId })
 */
export async function applyIfNewer<Name extends string, T extends PgTable & Described<Name>>(
  db: Pick<NodePgDatabase, 'insert' | 'select'>,
  table: T,
  by: IfNewer<keyof ValuesOf<T> & string>,
  values: ValuesOf<T>,
): Promise<AppliedIfNewer> {
  const said = values as Readonly<Record<string, unknown>>
  const columns: Record<string, PgColumn> = getTableColumns(table as PgTable)
  const version = columns[by.version]!
  if (said[by.version] === null || said[by.version] === undefined)
    throw new TypeError(`applyIfNewer() needs a value in ${by.version}: without it nothing tells what is newer`)
  const keys = [by.key].flat()
  const changes = Object.keys(said).filter((name) => !keys.includes(name as never) && said[name] !== undefined)
  const written = await db
    .insert(table as PgTable)
    .values(said)
    .onConflictDoUpdate({
      target: keys.map((name) => columns[name]!),
      set: Object.fromEntries(changes.map((name) => [name, given(columns[name]!)])),
      setWhere: sql`${version} is null or ${version} < ${given(version)}`,
    })
    .returning({ one: sql`1` })
  if (written.length > 0) return 'applied'
  const [there] = await db
    .select({ isSame: eq(version, said[by.version]) as SQL<boolean> })
    .from(table as PgTable)
    .where(and(...keys.map((name) => eq(columns[name]!, said[name]))))
  return there?.isSame === true ? 'same' : 'older'
}

/** A row as the service writes it: its owner is said. */
type ValuesOf<T> = T extends Described<infer Name> ? ServiceInsertNamed<Name, { readonly table: T }> : never

/** What the statement brings for a column, where a row is there already. */
const given = (column: PgColumn): SQL => sql`excluded.${sql.identifier(column.name)}`
