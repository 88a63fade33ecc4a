import { callValue, followCallback } from '../trace/call.js'
import type { Key, LibraryValue, Query, QueryKind, Spot, Value } from '../trace/model.js'
import { origin } from '../trace/origin.js'
import { from, literal, object, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'
import { drizzleQueries, firstOf, type NotedQuery } from './drizzle.js'
import { type Library, type Meaning, propertyOf } from './library.js'
import { passed } from './meaning.js'

const PACKAGE = 'postern/scope'

/** The database as one principal may use it: PostgreSQL asks whose rows they are. */
export function ownedScope(owner: Value): LibraryValue {
  return { kind: 'library', package: PACKAGE, path: [{ name: 'owned', args: [owner] }], origins: [] }
}

/** The same where nobody need be signed in: what is written there is anybody's to write. */
export function publicScope(owner: Value): LibraryValue {
  return { ...ownedScope(owner), path: [{ name: 'owned', args: [owner, literal('public')] }] }
}

/** The database as the backend itself uses it: every row is there, whoever owns it. */
export const SERVICE_SCOPE: LibraryValue = {
  kind: 'library',
  package: PACKAGE,
  path: [{ name: 'service', args: [] }],
  origins: [],
}

/** Whose rows a client sees, and `undefined` where it sees all. */
function ownerIn({ path }: LibraryValue): Value | undefined {
  return path[0]?.name === 'owned' ? path[0].args?.[0] : undefined
}

const WRITES: ReadonlySet<QueryKind> = new Set(['create', 'update', 'delete', 'upsert'])

/** A query through a scope: that of an owner has one condition more, and what it makes is the owner's. */
export function noteIn(walker: Walker, spot: Spot, query: Query, client: LibraryValue): NotedQuery {
  const owner = ownerIn(client)
  if (owner === undefined) return walker.note(spot, query)
  // Who may write is the table's rule, which may let in strangers.
  if (client.path[0]?.args?.[1] !== undefined && WRITES.has(query.does))
    return walker.note(spot, { ...query, isOpaque: true })
  const key: Key = { column: '(owner)', value: owner }
  const { data } = query
  const isMade = data?.kind === 'object' && (query.does === 'create' || query.does === 'upsert')
  const made = isMade ? { ...data, properties: new Map([...data.properties, [key.column, key.value]]) } : data
  return walker.note(spot, { ...query, keys: [...query.keys, key], data: made })
}

interface Asked {
  readonly does: QueryKind
  readonly table: string | null
  readonly id?: Value | undefined
  readonly data?: Value | undefined
  readonly limit?: Value
}

/** A paved operation: of one row by its id, or of a page that has an end. */
export function pavedQuery(walker: Walker, spot: Spot, client: LibraryValue, asked: Asked): NotedQuery {
  const { does, table, id, data = null, limit = null } = asked
  const keys = id === undefined ? [] : [{ column: 'id', value: id }]
  return noteIn(
    walker,
    spot,
    { fact: 'query', library: 'postern', does, table, keys, isOpaque: false, data, limit },
    client,
  )
}

export const rowOf = (query: NotedQuery) => from(origin({ from: 'row', name: '', source: query }))

type Reading = (id: Value | undefined, data: Value | undefined) => Omit<Asked, 'table'>

/** `db.invoices.update(id, values)`. What of Drizzle's is called the same has been called before. */
const paved =
  (asks: Reading, answers: (row: Value, query: NotedQuery, walker: Walker, spot: Spot) => Value): Meaning =>
  ({ value, args, walker, spot }) => {
    const table = value.path.at(-2)!
    if (table.args !== undefined) return undefined
    const query = pavedQuery(walker, spot, value, { ...asks(args[0], args[1]), table: table.name })
    return answers(rowOf(query), query, walker, spot)
  }

/** Where there is none, what was called throws. */
function isThere(row: Value, query: NotedQuery, walker: Walker, spot: Spot): Value {
  walker.learn(spot, [{ is: 'found', query }])
  return row
}

const PAGE_END = literal(100)

const operations: Readonly<Record<string, Meaning>> = {
  find: paved((id = UNKNOWN) => ({ does: 'find', id }), isThere),
  findOptional: paved((id = UNKNOWN) => ({ does: 'find', id }), firstOf),
  page: paved(
    () => ({ does: 'list', limit: PAGE_END }),
    (row) => object({ data: row, next: UNKNOWN, page: UNKNOWN, pages: UNKNOWN, total: UNKNOWN }),
  ),
  create: paved(
    (data) => ({ does: 'create', data }),
    (row) => row,
  ),
  update: paved((id = UNKNOWN, data) => ({ does: 'update', id, data }), isThere),
  remove: paved(
    (id = UNKNOWN) => ({ does: 'delete', id }),
    () => UNDEFINED,
  ),
}

/** A job runs later and by itself, by the right of whoever asked for it. */
export const enqueues =
  (scopeOf: (value: LibraryValue) => LibraryValue): Meaning =>
  ({ value, args: [job, input], walker, spot }) => {
    const made = job?.kind === 'library' ? job.path.at(-1) : undefined
    const [slots, work] = made?.name === 'job' ? (made.args ?? []) : []
    if (work === undefined) return UNKNOWN
    const { loop } = walker
    walker.loop = null
    const given = propertyOf(slots, 'input') === undefined ? UNDEFINED : passed(input ?? UNKNOWN)
    followCallback(walker, work, [object({ input: given, db: scopeOf(value), log: UNKNOWN })], spot)
    walker.loop = loop
    return UNKNOWN
  }

const scopeAlone = (value: LibraryValue): LibraryValue => ({ ...value, path: value.path.slice(0, 1) })

const narrows: Meaning = ({ args: [who] }) => ownedScope(propertyOf(who, 'id') ?? who ?? UNKNOWN)

const transaction: Meaning = ({ value, args: [work], walker, spot }) =>
  work === undefined ? UNKNOWN : callValue(walker, work, [scopeAlone(value)], { spot })

const queries = drizzleQueries(noteIn)

export const posternScope: Library = {
  packages: [PACKAGE],
  calls: {
    ...queries.calls,
    ...Object.fromEntries(
      ['owned()', 'service()'].flatMap((scope) =>
        Object.entries(operations).map(([name, meaning]) => [`${scope}.*.${name}()`, meaning]),
      ),
    ),
    'owned().asService()': () => SERVICE_SCOPE,
    'service().as()': narrows,
    '**.transaction()': transaction,
    '**.enqueue()': enqueues(scopeAlone),
  },
  settles: queries.settles,
}
