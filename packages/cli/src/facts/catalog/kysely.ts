import type { Key, LibraryValue, Query, QueryKind, Step, Value } from '../trace/model.js'
import { followCallback } from '../trace/call.js'
import { either, from, library as libraryValue, literal, originsOf, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Library, type Meaning, textOf } from './library.js'
import { asks, bareName, listOf, rowOf, rowOrNothing, rowOrThrow, tableOf } from './rows.js'
import { readSql } from './sql-client.js'

const library = 'kysely'

const STARTS: Readonly<Record<string, QueryKind>> = {
  selectFrom: 'list',
  insertInto: 'create',
  replaceInto: 'upsert',
  updateTable: 'update',
  deleteFrom: 'delete',
  mergeInto: 'upsert',
}

/** `db.selectFrom('post').selectAll().where('id', '=', id).executeTakeFirst()`. */
const executes: Meaning = (call) => {
  const { path } = call.value
  const tag = path.findIndex(({ name }) => name === 'sql')
  if (tag !== -1) return executesSql(call, path.slice(tag))
  const work = call.args[0]
  // `db.transaction().execute(async (trx) => …)`.
  const opens = path.findIndex(({ name }) => name === 'transaction' || name === 'connection')
  if (work?.kind === 'function' && opens !== -1)
    return followCallback(call.walker, work, [{ ...call.value, path: path.slice(0, opens) }], call.spot)
  const at = path.findIndex(({ name, args }) => name in STARTS && args !== undefined)
  return at === -1 ? undefined : executesBuilt(call, path.slice(at) as [Step, ...Step[]])
}

function executesBuilt(call: LibraryCall, [start, ...steps]: readonly [Step, ...Step[]]): Value {
  const isFirst = call.step.name !== 'execute'
  const step = (name: string) => steps.find((one) => one.name === name && one.args !== undefined)
  const starts = STARTS[start.name]!
  const limit = step('limit')?.args?.[0] ?? null
  const isOne = isFirst || (limit?.kind === 'literal' && limit.value === 1)
  const does = step('onConflict') || step('onDuplicateKeyUpdate') || step('ignore') ? 'upsert' : starts
  const conditions = steps
    .filter(({ name }) => name === 'where' || name === 'having')
    .map((one) => keysOfWhere(call, one))
  const unsafe = steps.flatMap(({ args = [] }) => args.flatMap(unsafeParts))
  const selected = step('select')?.args?.[0]
  const shape =
    selected?.kind === 'function' ? followCallback(call.walker, selected, [EXPRESSION], call.spot) : selected
  const query = asks(call, {
    library,
    does: does === 'list' && isOne ? 'find' : does,
    table: tableOf(textOf(start.args?.[0]?.kind === 'list' ? start.args[0].items[0] : start.args?.[0])),
    keys: conditions.flatMap(({ keys }) => keys),
    isOpaque: conditions.some(({ isOpaque }) => isOpaque) || step('$if') !== undefined || step('$call') !== undefined,
    data: dataOf(step('values') ?? step('set')),
    limit: shape !== undefined && isAggregate(shape) ? UNKNOWN : limit,
    ...columnsOf(steps, shape),
    ...(unsafe.length > 0 ? { text: { kind: 'text', parts: unsafe } } : {}),
  })
  if (call.step.name === 'executeTakeFirstOrThrow') return rowOrThrow(call, query)
  if (isFirst) return rowOrNothing(query)
  return starts === 'list' ? listOf(query) : rowOf(query)
}

/** `values(row)`, `set(columns)`, or `set('title', title)`. */
function dataOf(step: Step | undefined): Value | null {
  const [first, second] = step?.args ?? []
  const name = textOf(first)
  if (name === undefined || second === undefined) return first ?? null
  return { kind: 'object', properties: new Map([[name, second]]), others: [] }
}

function columnsOf(steps: readonly Step[], shape: Value | undefined): Pick<Query, 'columns'> {
  if (steps.some(({ name }) => name === 'selectAll' || name === 'returningAll')) return { columns: 'all' }
  const named = shape?.kind === 'list' ? shape.items.map(textOf) : [textOf(shape)]
  return named.every((one) => one !== undefined)
    ? { columns: named.map((one) => bareName(one.split(/\sas\s/i)[0]!.trim())) }
    : {}
}

/** One row, however many there are: `select(({ fn }) => fn.countAll())`. */
function isAggregate(shape: Value): boolean {
  const all = shape.kind === 'list' ? shape.items : [shape]
  return all.some((one) => one.kind === 'library' && one.path.some(({ name }) => AGGREGATES.has(name)))
}

const AGGREGATES = new Set(['count', 'countAll', 'sum', 'max', 'min', 'avg'])

interface Condition {
  readonly keys: readonly Key[]
  readonly isOpaque: boolean
}

const OPAQUE: Condition = { keys: [], isOpaque: true }

/** What builds an expression: `(eb) => eb.and([eb('id', '=', id), …])`. */
const EXPRESSION: LibraryValue = { ...libraryValue('kysely'), path: [{ name: 'eb' }] }

function keysOfWhere(call: LibraryCall, { args = [] }: Step): Condition {
  const [first] = args
  if (args.length >= 3) return comparison(args)
  const said = first?.kind === 'function' ? followCallback(call.walker, first, [EXPRESSION], call.spot) : first
  return keysOf(said)
}

function comparison([column, operator, value]: readonly Value[]): Condition {
  const name = textOf(column)
  const isEqual = ['=', '==', 'in', 'is'].includes(textOf(operator)?.toLowerCase() ?? '')
  if (name === undefined) return OPAQUE
  return { keys: isEqual ? [{ column: bareName(name), value: value ?? UNKNOWN }] : [], isOpaque: false }
}

function keysOf(said: Value | undefined): Condition {
  if (said?.kind !== 'library') return OPAQUE
  const steps = said.path.filter(({ args }) => args !== undefined)
  if (steps.length === 0 || steps.slice(1).some(({ name }) => name === 'or')) return OPAQUE
  return together(steps.map(keysOfStep))
}

function keysOfStep({ name, args = [] }: Step): Condition {
  const [first] = args
  // A condition as SQL.
  if (name === 'sql') return keysOfSql(args)
  if (args.length >= 3) return comparison(args)
  if (name !== 'and' && name !== 'or') return OPAQUE
  if (first?.kind === 'object')
    return {
      keys: [...first.properties].map(([column, value]) => ({ column: bareName(column), value })),
      isOpaque: false,
    }
  const all = first?.kind === 'list' ? first.items.map(keysOf) : [keysOf(first)]
  if (name === 'and') return together(all)
  const isEach = all.length > 0 && all.every(({ keys }) => keys.length > 0)
  const value = either(all.map(({ keys }) => ({ value: keys[0]?.value ?? UNKNOWN, given: [] })))
  return { keys: isEach ? [{ column: 'OR', value }] : [], isOpaque: true }
}

function together(all: readonly Condition[]): Condition {
  return { keys: all.flatMap(({ keys }) => keys), isOpaque: all.some(({ isOpaque }) => isOpaque) }
}

function keysOfSql([strings, ...values]: readonly Value[]): Condition {
  const { keys } = readSql(literal(`select 1 where ${textOfTag(strings)}`), values)
  return { keys, isOpaque: true }
}

function textOfTag(strings: Value | undefined): string {
  return strings?.kind === 'list' ? strings.items.map((one) => textOf(one) ?? '').join(' ? ') : ''
}

/** What the tag does not bind: `sql.raw(text)`, `sql.lit(value)`. */
function unsafeParts(value: Value): readonly Value[] {
  if (value.kind === 'list') return value.items.flatMap(unsafeParts)
  if (value.kind !== 'library' || value.path[0]?.name !== 'sql') return []
  return value.path.flatMap(({ name, args = [] }) => {
    if (name === 'raw' || name === 'lit') return args.slice(0, 1).flatMap(partsOf)
    return name === 'sql' ? args.slice(1).flatMap(unsafeParts) : []
  })
}

const partsOf = (text: Value): readonly Value[] =>
  text.kind === 'text' ? text.parts : text.kind === 'literal' ? [] : [from(...originsOf(text))]

/** ``sql`…`.execute(db)`` and `sql.raw(text).execute(db)`. */
function executesSql(call: LibraryCall, [tag, raw]: readonly Step[]): Value {
  const [strings, ...values] = tag?.args ?? []
  const text = raw?.name === 'raw' ? (raw.args?.[0] ?? UNKNOWN) : literal(textOfTag(strings))
  const unsafe = raw?.name === 'raw' ? partsOf(text) : values.flatMap(unsafeParts)
  return rowOf(
    asks(call, { library: 'sql', ...readSql(text, values), text: { kind: 'text', parts: [text, ...unsafe] } }),
  )
}

/** `db.executeQuery(CompiledQuery.raw(text, values))`. */
const executesCompiled: Meaning = (call) => {
  const [compiled] = call.args
  const raw = compiled?.kind === 'library' ? compiled.path.find(({ name }) => name === 'raw') : undefined
  if (raw === undefined) return undefined
  const [text = UNKNOWN, values] = raw.args ?? []
  return rowOf(asks(call, { library: 'sql', ...readSql(text, values?.kind === 'list' ? values.items : []), text }))
}

export const kysely: Library = {
  packages: ['kysely', 'kysely/', '@vercel/postgres-kysely', 'kysely-codegen'],
  calls: {
    '**.execute()': executes,
    '**.executeTakeFirst()': executes,
    '**.executeTakeFirstOrThrow()': executes,
    '**.stream()': executes,
    '**.executeQuery()': executesCompiled,
    '**.withSchema()': ({ value }) => ({ ...value, path: value.path.slice(0, -1) }),
  },
}
