import type { Key, LibraryValue, Query, QueryKind, Step, Value } from '../trace/model.js'
import { followCallback } from '../trace/call.js'
import { literal, object, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Library, type Meaning, textOf } from './library.js'
import { asks, awaited, bareName, listOf, rowOf, rowOrNothing, tableOf } from './rows.js'
import { named, readSql } from './sql-client.js'

const library = 'knex'

const VERBS: Readonly<Record<string, QueryKind>> = {
  insert: 'create',
  batchInsert: 'create',
  upsert: 'upsert',
  update: 'update',
  increment: 'update',
  decrement: 'update',
  del: 'delete',
  delete: 'delete',
  truncate: 'delete',
  count: 'count',
  countDistinct: 'count',
  sum: 'count',
  max: 'count',
  min: 'count',
  avg: 'count',
}

/** Steps whose first argument is the table: `knex('posts')`, `knex.select().from('posts')`. */
const TABLES = new Set(['', 'from', 'into', 'table', 'batchInsert'])

/** `knex('posts').where({ id }).first()`, when it is waited for. */
const settles: Meaning = (call) => {
  const steps = call.value.path.filter(({ args }) => args !== undefined)
  const raw = steps.at(-1)?.name === 'raw' ? steps.at(-1) : undefined
  if (raw !== undefined) return settlesRaw(call, raw)
  const table = steps.findLast(({ name, args }) => TABLES.has(name) && textOf(args?.[0]) !== undefined)
  return table === undefined ? undefined : settlesBuilt(call, tableOf(textOf(table.args![0])), steps)
}

function settlesBuilt(call: LibraryCall, table: string | null, steps: readonly Step[]): Value {
  const step = (...names: readonly string[]) => steps.find(({ name }) => names.includes(name))
  const verb = steps.findLast(({ name }) => name in VERBS)
  const isFirst = step('first') !== undefined
  const begins = verb === undefined ? 'list' : VERBS[verb.name]!
  const does = step('onConflict') !== undefined ? 'upsert' : begins
  const conditions = steps.map(keysOfStep).filter((one) => one !== undefined)
  // Past an `or` no single column narrows all of it.
  const isEither = steps.some(({ name }) => /^or[A-Z]/.test(name))
  const limit = step('limit', 'paginate')?.args?.[0] ?? null
  const unsafe = steps.flatMap(unsafeParts)
  const query = asks(call, {
    library,
    does: does === 'list' && (isFirst || (limit?.kind === 'literal' && limit.value === 1)) ? 'find' : does,
    table,
    keys: isEither ? [] : conditions.flatMap(({ keys }) => keys),
    isOpaque: isEither || conditions.some(({ isOpaque }) => isOpaque),
    data: dataOf(verb),
    limit: step('paginate') !== undefined ? UNKNOWN : limit,
    ...columnsOf(steps),
    ...(unsafe.length > 0 ? { text: { kind: 'text', parts: unsafe } } : {}),
  })
  if (isFirst) return rowOrNothing(query)
  return does === 'count' || does === 'delete' ? rowOf(query) : listOf(query)
}

/** `insert(row)`, `update(columns)`, or `update('title', title)`. */
function dataOf(verb: Step | undefined): Value | null {
  const kind = verb === undefined ? undefined : VERBS[verb.name]
  if (verb === undefined || (kind !== 'create' && kind !== 'update' && kind !== 'upsert')) return null
  const args = verb.name === 'batchInsert' ? verb.args!.slice(1) : verb.args!
  const name = textOf(args[0])
  return name === undefined ? (args[0] ?? null) : object({ [name]: args[1] ?? UNKNOWN })
}

/** All, where nothing says which. */
function columnsOf(steps: readonly Step[]): Pick<Query, 'columns'> {
  const said = steps.filter(({ name }) => SELECTS.has(name)).flatMap(({ args = [] }) => args)
  const flat = said.flatMap((one) => (one.kind === 'list' ? one.items : [one]))
  const names = flat.map(textOf)
  if (names.length === 0 || names.some((name) => name?.endsWith('*'))) return { columns: 'all' }
  return names.every((name) => name !== undefined)
    ? { columns: names.map((name) => bareName(name.split(/\sas\s/i)[0]!.trim())) }
    : {}
}

const SELECTS = new Set(['select', 'column', 'columns', 'first', 'pluck', 'returning', 'distinct'])

interface Condition {
  readonly keys: readonly Key[]
  readonly isOpaque: boolean
}

function keysOfStep({ name, args = [] }: Step): Condition | undefined {
  switch (name) {
    case 'where':
    case 'andWhere':
    case 'whereIn':
    case 'findOne':
      return keysOfWhere(args)
    case 'findById':
    case 'deleteById':
    case 'patchAndFetchById':
    case 'updateAndFetchById':
      return { keys: [{ column: 'id', value: args[0] ?? UNKNOWN }], isOpaque: false }
    case 'whereRaw':
    case 'andWhereRaw':
      return keysOfRaw(args)
    case 'modify':
    case 'whereExists':
      return { keys: [], isOpaque: true }
    default:
      return undefined
  }
}

/** `where({ id })`, `where('id', id)`, `where('id', '=', id)`, `where((query) => …)`. */
function keysOfWhere([first, second, third]: readonly Value[]): Condition {
  if (first?.kind === 'object')
    return {
      keys: [...first.properties].map(([column, value]) => ({ column: bareName(column), value })),
      isOpaque: first.others.length > 0,
    }
  const column = textOf(first)
  if (column === undefined) return { keys: [], isOpaque: true }
  if (third !== undefined && !['=', 'in'].includes(textOf(second)?.toLowerCase() ?? ''))
    return { keys: [], isOpaque: false }
  return { keys: [{ column: bareName(column), value: third ?? second ?? UNKNOWN }], isOpaque: false }
}

function keysOfRaw([text, bindings]: readonly Value[]): Condition {
  const said = textOf(text)
  if (said === undefined) return { keys: [], isOpaque: true }
  const bound = named(literal(`select 1 where ${said}`), bindings)
  return { keys: readSql(bound.text, bound.values).keys, isOpaque: true }
}

/** What is put into the text of a statement: `whereRaw(text)`, `orderByRaw(text)`, `select(knex.raw(text))`. */
function unsafeParts({ name, args = [] }: Step): readonly Value[] {
  const texts = name.endsWith('Raw')
    ? args.slice(0, 1)
    : args.flatMap((arg) => (arg.kind === 'library' ? rawOf(arg) : []))
  return texts.flatMap((text) => (text.kind === 'text' ? text.parts : text.kind === 'literal' ? [] : [text]))
}

function rawOf({ path }: LibraryValue): readonly Value[] {
  const last = path.at(-1)
  return last?.name === 'raw' ? (last.args?.slice(0, 1) ?? []) : []
}

/** `knex.raw(text, values)`. */
function settlesRaw(call: LibraryCall, { args = [] }: Step): Value {
  const [said = UNKNOWN, bindings] = args
  const { text, values } = named(said, bindings)
  return rowOf(asks(call, { library: 'sql', ...readSql(text, values), text: said }))
}

/** Its own function is given a client; without one, what comes of it is a client. */
const transaction: Meaning = ({ value, args: [work], walker, spot }) => {
  const client: LibraryValue = { ...value, path: value.path.slice(0, -1) }
  return work?.kind === 'function' ? followCallback(walker, work, [client], spot) : client
}

export const knex: Library = {
  packages: ['knex'],
  calls: {
    '**.transaction()': transaction,
    '**.then()': awaited(settles),
    '**.transacting()': ({ value }) => ({ ...value, path: value.path.slice(0, -1) }),
    '**.clone()': ({ value }) => ({ ...value, path: value.path.slice(0, -1) }),
  },
  settles,
}

const OBJECTION: Readonly<Record<string, QueryKind>> = {
  insertAndFetch: 'create',
  insertGraph: 'create',
  patch: 'update',
  patchAndFetchById: 'update',
  updateAndFetchById: 'update',
  deleteById: 'delete',
  findById: 'find',
  findOne: 'find',
}

/** `Person.query().findById(id)`. */
const settlesModel: Meaning = (call) => {
  const at = call.value.path.findIndex(({ name, args }) => name === 'query' && args !== undefined)
  if (at < 1) return undefined
  const table = call.value.path[at - 1]!.name
  const steps = call.value.path.slice(at + 1).filter(({ args }) => args !== undefined)
  const own = steps.find(({ name }) => name in OBJECTION)
  if (own === undefined) return settlesBuilt(call, table, steps)
  const does = OBJECTION[own.name]!
  const conditions = steps.map(keysOfStep).filter((one) => one !== undefined)
  const query = asks(call, {
    library,
    does,
    table,
    keys: conditions.flatMap(({ keys }) => keys),
    isOpaque: conditions.some(({ isOpaque }) => isOpaque),
    data: does === 'create' || does === 'update' ? (own.args!.at(-1) ?? null) : null,
    ...(does === 'find' ? columnsOf(steps.filter((one) => one !== own)) : {}),
  })
  return does === 'find' ? rowOrNothing(query) : rowOf(query)
}

/** Models over knex. */
export const objection: Library = {
  packages: ['objection'],
  calls: { '**.then()': awaited(settlesModel) },
  settles: settlesModel,
}
