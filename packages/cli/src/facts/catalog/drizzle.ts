import type { Key, LibraryValue, Query, QueryKind, Spot, Step, Value } from '../trace/model.js'
import { followCallback } from '../trace/call.js'
import { origin } from '../trace/origin.js'
import { either, from, library as libraryValue, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'

const library = 'drizzle'

const STARTS: Readonly<Record<string, QueryKind>> = {
  select: 'list',
  selectDistinct: 'list',
  insert: 'create',
  update: 'update',
  delete: 'delete',
  $count: 'count',
}

/** Notes a query of Drizzle's, with what its client adds to it. */
export type Noting = (walker: Walker, spot: Spot, query: Query, client: LibraryValue) => NotedQuery

export type NotedQuery = Extract<ReturnType<Walker['note']>, { fact: 'query' }>

const noteAsItIs: Noting = (walker, spot, query) => walker.note(spot, query)

/** `db.update(posts).set(…).where(…)`, when it is waited for. */
const settling =
  (note: Noting): Meaning =>
  ({ value, walker, spot }) => {
    const at = value.path.findIndex(({ name, args }) => name in STARTS && args !== undefined)
    if (at === -1) return undefined
    const steps = value.path.slice(at)
    const [start] = steps as [Step, ...Step[]]
    const step = (name: string) => steps.find((one) => one.name === name && one.args !== undefined)
    const where = step('where')?.args?.[0]
    const { keys, isOpaque } = keysOf(where)
    const limit = step('limit')?.args?.[0] ?? null
    const isOne = limit?.kind === 'literal' && limit.value === 1
    const does = STARTS[start.name]!
    const data = step('values')?.args?.[0] ?? step('set')?.args?.[0] ?? null
    const isUpsert = step('onConflictDoUpdate') !== undefined
    const isClaim = step('onConflictDoNothing') !== undefined
    const noted = note(
      walker,
      spot,
      {
        fact: 'query',
        library,
        does: isUpsert || isClaim ? 'upsert' : does === 'list' && isOne ? 'find' : does,
        table: tableName(
          start.name === 'select' || start.name === 'selectDistinct' ? step('from')?.args?.[0] : start.args?.[0],
        ),
        keys,
        isOpaque,
        data,
        limit: isAggregate(start) ? UNKNOWN : limit,
        ...columnsOf(start),
      },
      value,
    )
    const row = from(origin({ from: 'row', name: '', source: noted }))
    if (does !== 'list') return row
    // The first of a list may be missing: `const [row] = await …`.
    return { kind: 'list', items: [firstOf(row, noted)], isWhole: false }
  }

export function firstOf(row: Value, query: NotedQuery): Value {
  return either([
    { value: row, given: [{ is: 'found', query }] },
    { value: UNDEFINED, given: [{ is: 'absent', query }] },
  ])
}

/** `select()` answers all, `select({ id: users.id })` what it names. */
function columnsOf({ name, args }: Step): Pick<Query, 'columns'> {
  if (name !== 'select' && name !== 'selectDistinct') return {}
  const [shape] = args ?? []
  if (shape === undefined) return { columns: 'all' }
  return shape.kind === 'object' && shape.others.length === 0 ? { columns: [...shape.properties.keys()] } : {}
}

/** One row, however many there are: `select({ n: count() })`, ``select({ n: sql`count(*)::int` })``. */
function isAggregate({ args }: Step): boolean {
  const [shape] = args ?? []
  return shape?.kind === 'object' && [...shape.properties.values()].some(computesOne)
}

const AGGREGATES = ['count', 'sum', 'max', 'min', 'avg', 'countDistinct']
const AGGREGATE = /^\s*(?:coalesce\s*\(\s*)?(?:count|sum|max|min|avg)\s*\(/i

function computesOne(value: Value): boolean {
  const made = value.kind === 'library' ? value.path[0] : undefined
  if (made === undefined) return false
  const [texts] = made.name === 'sql' ? (made.args ?? []) : []
  const said = texts?.kind === 'list' ? texts.items[0] : undefined
  return AGGREGATES.includes(made.name) || (said?.kind === 'literal' && AGGREGATE.test(String(said.value)))
}

/** The columns that a condition names. */
export function keysOf(where: Value | undefined): { keys: Key[]; isOpaque: boolean } {
  if (where === undefined || (where.kind === 'literal' && where.value === undefined))
    return { keys: [], isOpaque: false }
  if (where.kind === 'either') {
    const all = where.cases.map((one) => keysOf(one.value))
    return {
      keys: all[0]!.keys.filter(({ column }) => all.every(({ keys }) => keys.some((key) => key.column === column))),
      isOpaque: true,
    }
  }
  const step = where.kind === 'library' ? where.path.at(-1) : undefined
  const args = step?.args ?? []
  switch (step?.name) {
    case 'and': {
      const all = args.map(keysOf)
      return { keys: all.flatMap(({ keys }) => keys), isOpaque: all.some(({ isOpaque }) => isOpaque) }
    }
    case 'eq':
    case 'inArray':
      return { keys: [{ column: columnName(args[0]), value: args[1] ?? UNKNOWN }], isOpaque: false }
    case 'or': {
      const all = args.map(keysOf)
      const isEach = all.length > 0 && all.every(({ keys }) => keys.length > 0)
      return {
        keys: isEach
          ? [{ column: 'OR', value: either(all.map(({ keys }) => ({ value: keys[0]!.value, given: [] }))) }]
          : [],
        isOpaque: true,
      }
    }
    default:
      return { keys: [], isOpaque: true }
  }
}

function columnName(value: Value | undefined): string {
  return value?.kind === 'library' ? (value.path.at(-1)?.name ?? '*') : '*'
}

/** By the name that the database knows, which the definition begins with. */
function tableName(value: Value | undefined): string | null {
  if (value?.kind !== 'library') return null
  const made = value.path.find(({ args }) => args !== undefined)
  return textOf(made?.args?.[0]) ?? value.path.at(-1)?.name ?? null
}

const OPERATORS: LibraryValue = libraryValue('drizzle-orm')

/** `db.query.posts.findMany({ where, limit })`. */
const relational =
  (does: 'find' | 'list', note: Noting): Meaning =>
  (call) => {
    const { value, walker, spot, args } = call
    const said = propertyOf(args[0], 'where')
    const table = value.path.at(-2)?.name ?? null
    const where =
      said?.kind === 'function'
        ? followCallback(walker, said, [libraryValue(library, table ?? '*'), OPERATORS], spot)
        : said
    const { keys, isOpaque } = where?.kind === 'object' ? keysOfObject(where) : keysOf(where)
    const noted = note(
      walker,
      spot,
      {
        fact: 'query',
        library,
        does,
        table,
        keys,
        isOpaque,
        data: null,
        limit: propertyOf(args[0], 'limit') ?? null,
        ...(propertyOf(args[0], 'columns') === undefined ? { columns: 'all' as const } : {}),
      },
      value,
    )
    const row = from(origin({ from: 'row', name: '', source: noted }))
    return does === 'find' ? firstOf(row, noted) : row
  }

function keysOfObject(where: Value & { kind: 'object' }): { keys: Key[]; isOpaque: boolean } {
  return {
    keys: [...where.properties].map(([column, value]) => ({ column, value })),
    isOpaque: where.others.length > 0,
  }
}

const transaction: Meaning = ({ value, args, walker, spot }) => {
  const [work] = args
  return work === undefined
    ? undefined
    : followCallback(walker, work, [{ ...value, path: value.path.slice(0, -1) }], spot)
}

/** What stands in a statement as it came: the tag binds its values, `sql.raw` does not, wherever it stands. */
function rawIn(said: Value): Value[] {
  const step = said.kind === 'library' ? said.path.at(-1) : undefined
  if (step?.args === undefined) return []
  return step.name === 'raw' ? [...step.args] : step.name === 'sql' ? step.args.flatMap(rawIn) : []
}

const execute: Meaning = ({ walker, spot, args }) => {
  const [said = UNKNOWN] = args
  const text: Value = said.kind === 'library' ? { kind: 'text', parts: rawIn(said) } : said
  const noted = walker.note(spot, {
    fact: 'query',
    library,
    does: 'raw',
    table: null,
    keys: [],
    isOpaque: true,
    data: null,
    limit: null,
    text,
  })
  return from(origin({ from: 'row', name: '', source: noted }))
}

/** What a client of Drizzle does, whoever handed it over. */
export function drizzleQueries(note: Noting = noteAsItIs): Required<Pick<Library, 'calls' | 'settles'>> {
  return {
    calls: {
      '**.query.*.findFirst()': relational('find', note),
      '**.query.*.findMany()': relational('list', note),
      '**.transaction()': transaction,
      '**.execute()': execute,
      '**.$dynamic()': ({ value }) => ({ ...value, path: value.path.slice(0, -1) }),
    },
    settles: settling(note),
  }
}

export const drizzle: Library = {
  packages: ['drizzle-orm', 'drizzle-orm/', 'drizzle'],
  ...drizzleQueries(),
}
