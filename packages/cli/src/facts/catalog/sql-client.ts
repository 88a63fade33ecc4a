import type { Key, Query, QueryKind, Value } from '../trace/model.js'
import { origin } from '../trace/origin.js'
import { from, literal, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Library, type Meaning, propertyOf } from './library.js'

/** `pool.query('select … where id = $1', [id])`. */
const query: Meaning = (call) => {
  const [said = UNKNOWN, bound] = call.args
  const text = propertyOf(said, 'text') ?? propertyOf(said, 'sql') ?? said
  const values = bound ?? propertyOf(said, 'values')
  return queried(call, text, values?.kind === 'list' ? values.items : [], text)
}

/** The tag binds what stands in it. */
const tag: Meaning = (call) => {
  const [strings, ...values] = call.args
  if (strings?.kind !== 'list') return undefined
  const text = strings.items.map((one) => (one.kind === 'literal' ? String(one.value) : '')).join(' ? ')
  return queried(call, literal(text), values)
}

function queried({ walker, spot }: LibraryCall, text: Value, values: readonly Value[], unsafe?: Value): Value {
  const read = readSql(text, values)
  const noted = walker.note(spot, {
    fact: 'query',
    library: 'sql',
    isOpaque: false,
    ...read,
    ...(unsafe === undefined ? {} : { text: unsafe }),
  })
  return from(origin({ from: 'row', name: '', source: noted }))
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
    /(\w+)["`\]]?\s*(?:=|in\b|like\b|ilike\b)\s*\(?\s*(?:any\s*\()?['"%]*\s*(\?|\$(\d+)|§|'[^']*'|\d+)/gi,
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
  const isAggregate = /^\s*select\s+(?:count|sum|max|min|avg|exists)\s*\(/i.test(flat)
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
    'better-sqlite3',
    'sqlite3',
    '@planetscale/database',
    '@libsql/client',
  ],
  calls: {
    '**.query()': query,
    '**.execute()': query,
    '**.prepare()': query,
    'sql()': (call) => tag(call) ?? query(call),
    'default().()': (call) => tag(call) ?? query(call),
    '**.unsafe()': query,
  },
}
