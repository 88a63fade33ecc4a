import type { Key, LibraryValue, Query, QueryKind, Value } from '../trace/model.js'
import { followCallback } from '../trace/call.js'
import { from, isNullish, literal, originsOf, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Library, type Meaning, propertyOf } from './library.js'
import { asks, rowOf } from './rows.js'

/** `pool.query('select … where id = $1', [id])`, with a callback at the end or without. */
export const query: Meaning = (call) => {
  const callback = call.args.findLast(({ kind }) => kind === 'function')
  const [said = UNKNOWN, bound] = call.args.filter((arg) => arg !== callback)
  const text = propertyOf(said, 'text') ?? propertyOf(said, 'sql') ?? said
  const values = bound ?? propertyOf(said, 'values') ?? propertyOf(said, 'args')
  const rows = rowOf(asksSql(call, text, values, text))
  if (callback !== undefined) followCallback(call.walker, callback, [UNKNOWN, rows], call.spot)
  return rows
}

/** The tag binds what stands in it; called like a function it is a query of its own, or a part of one: `sql(row)`. */
const tag: Meaning = (call) => {
  const [strings, ...values] = call.args
  if (call.isTag !== true) return isText(strings) ? query(call) : from(...call.args.flatMap((arg) => originsOf(arg)))
  if (strings?.kind !== 'list') return undefined
  const text = strings.items.map((one) => (one.kind === 'literal' ? String(one.value) : '')).join(' ? ')
  return rowOf(asksSql(call, literal(text), { kind: 'list', items: values, isWhole: true }))
}

const isText = (value: Value | undefined) => value?.kind === 'text' || (value?.kind === 'literal' && !isNullish(value))

/** A query with the values that are bound to it: a list, or an object by their names. `unsafe` is its text where it was put together. */
export function asksSql(call: LibraryCall, said: Value, bound: Value | undefined, unsafe?: Value) {
  const { text, values } = named(said, bound)
  return asks(call, { library: 'sql', ...readSql(text, values), ...(unsafe === undefined ? {} : { text: unsafe }) })
}

/** `where id = :id` with `{ id }` becomes what is bound by its place. */
export function named(
  text: Value,
  bound: Value | undefined,
): { readonly text: Value; readonly values: readonly Value[] } {
  if (bound?.kind === 'list') return { text, values: bound.items }
  if (bound?.kind !== 'object') return { text, values: [] }
  const names = [...bound.properties.keys()].map((name) => name.replace(/^[:@$]/, ''))
  const parts = (text.kind === 'text' ? text.parts : [text]).map((part) =>
    part.kind === 'literal' && typeof part.value === 'string' ? literal(placed(part.value, names)) : part,
  )
  return { text: parts.length === 1 ? parts[0]! : { kind: 'text', parts }, values: [...bound.properties.values()] }
}

function placed(text: string, names: readonly string[]): string {
  return text.replace(/(?<![:\w])[:@$]([a-z_]\w*)/gi, (whole, name: string) =>
    names.includes(name) ? `$${names.indexOf(name) + 1}` : whole,
  )
}

/** Its own function is given the same client. */
const begins: Meaning = ({ value, args, walker, spot }) => {
  const work = args.findLast(({ kind }) => kind === 'function')
  const client: LibraryValue = { ...value, path: value.path.slice(0, -1) }
  return work === undefined ? undefined : followCallback(walker, work, [client], spot)
}

const VERBS: Readonly<Record<string, QueryKind>> = {
  select: 'list',
  insert: 'create',
  update: 'update',
  delete: 'delete',
  with: 'list',
}

interface Read {
  readonly does: QueryKind
  readonly table: string | null
  readonly keys: readonly Key[]
  readonly data: Value | null
  readonly limit: Value | null
  readonly columns?: NonNullable<Query['columns']>
}

/** One row, however many there are; without a table, too. */
const AGGREGATE =
  /^\s*select\s+(?:count|sum|max|min|avg|exists|(?:array|string|json|jsonb|json_object|jsonb_object|group)_(?:agg|concat)|bool_and|bool_or|every|coalesce\s*\(\s*(?:count|sum|max|min|avg|\w+_agg))\s*\((?![\s\S]*\bgroup\s+by\b)/i

/** The little of a statement that rules ask: what it does, to which table, by which columns. */
export function readSql(text: Value, values: readonly Value[]): Read {
  const parts = text.kind === 'text' ? text.parts : [text]
  const inside: Value[] = []
  const flat = parts
    .map((part) => (part.kind === 'literal' ? String(part.value) : ` ${'§'} ${(inside.push(part), '')}`))
    .join('')
  const verb = /^\s*(\w+)/.exec(flat)?.[1]?.toLowerCase() ?? ''
  const does = VERBS[verb] ?? 'raw'
  const table = /\b(?:from|into|update|join)\s+["`[]?(?:\w+["`\]]?\.["`[]?)?(\w+)/i.exec(flat)?.[1] ?? null
  const [before = '', where = ''] = split(flat, /\bwhere\b/i)
  const at = { bound: count(before, /\?|\$\d+/g), inside: count(before, /§/g) }
  const keys: Key[] = []
  for (const match of where.matchAll(
    /\b(\w+)["`\]]?\s*(?:=|in\b|like\b|ilike\b)\s*(?:\(\s*)?(?:any\s*\(\s*)?(?:['"%]+\s*)?(\?|\$(\d+)|§|'[^']*'|\d+)/gi,
  )) {
    const [, column = '*', sign = '', number] = match
    const value =
      sign === '?'
        ? values[at.bound++]
        : number !== undefined
          ? values[Number(number) - 1]
          : sign === '§'
            ? inside[at.inside++]
            : literal(sign)
    keys.push({ column, value: value ?? UNKNOWN })
  }
  const limited = /\blimit\s+(\d+|\?|\$\d+|§)/i.exec(where === '' ? before : where)?.[1]
  const isAggregate = AGGREGATE.test(flat) || (verb === 'select' && !/\bfrom\b/i.test(flat))
  const limit =
    limited === undefined
      ? isAggregate
        ? literal(1)
        : null
      : /^\d+$/.test(limited)
        ? literal(Number(limited))
        : UNKNOWN
  const data =
    does === 'create' || does === 'update'
      ? from(...[...values, ...inside].flatMap((one) => ('origins' in one ? one.origins : [])))
      : null
  const columns = verb === 'select' && !isAggregate ? columnsIn(flat) : {}
  return { does: isAggregate ? 'count' : does, table, keys, data, limit, ...columns }
}

/** `select * from …` of one table; of several it is not known whose they are. */
function columnsIn(text: string): Pick<Query, 'columns'> {
  const said = /^\s*select\s+(?:distinct\s+)?([\s\S]*?)\sfrom\s/i.exec(text)?.[1]
  if (said === undefined || /\bjoin\b|\bgroup\s+by\b/i.test(text)) return {}
  return { columns: said.trim() === '*' ? 'all' : said.split(',').map((one) => one.trim()) }
}

function split(text: string, by: RegExp): string[] {
  const at = text.search(by)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at)]
}

const count = (text: string, of: RegExp) => text.match(of)?.length ?? 0

/** Drivers that take SQL as text, or as a tag. */
export const sqlClient: Library = {
  packages: [
    'pg',
    'mysql',
    'mysql2',
    'mysql2/',
    'postgres',
    '@vercel/postgres',
    '@neondatabase/serverless',
    '@planetscale/database',
    '@libsql/client',
    '@libsql/client/',
    'bun',
  ],
  calls: {
    '**.query()': query,
    '**.execute()': query,
    '**.unsafe()': query,
    '**.begin()': begins,
    // postgres.js, Bun and Vercel; Neon; Bun.
    'sql()': tag,
    'default().()': tag,
    'neon().()': tag,
    'SQL().()': tag,
    // Each is a query of its own.
    '**.batch()': (call) => {
      const [all] = call.args
      return all?.kind === 'list'
        ? { ...all, items: all.items.map((one) => query({ ...call, args: [one] })!) }
        : undefined
    },
  },
}
