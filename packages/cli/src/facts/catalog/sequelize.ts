import type { Key, LibraryValue, ObjectValue, Query, QueryKind, Step, Value } from '../trace/model.js'
import { followCallback } from '../trace/call.js'
import { casesOf, NULL, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { asks, awaited, limitIn, rowOf, rowOrNothing } from './rows.js'
import { named, readSql } from './sql-client.js'

const METHODS: Readonly<Record<string, QueryKind>> = {
  findAll: 'list',
  findAndCountAll: 'list',
  findOne: 'find',
  findByPk: 'find',
  findById: 'find',
  findOrCreate: 'upsert',
  findOrBuild: 'find',
  create: 'create',
  bulkCreate: 'create',
  update: 'update',
  increment: 'update',
  decrement: 'update',
  upsert: 'upsert',
  destroy: 'delete',
  truncate: 'delete',
  count: 'count',
  sum: 'count',
  max: 'count',
  min: 'count',
}

/** Where the options of a call stand, that say which rows. */
const OPTIONS_AT: Readonly<Record<string, number>> = {
  findByPk: 1,
  findById: 1,
  update: 1,
  increment: 1,
  decrement: 1,
  create: 1,
  bulkCreate: 1,
  upsert: 1,
  sum: 1,
  max: 1,
  min: 1,
}

/** `Post.findAll({ where, limit })`, when it is waited for. */
const settles: Meaning = (call) => {
  const { path } = call.value
  const raw = path.findLast(({ name, args }) => name === 'query' && args !== undefined)
  if (raw !== undefined) return settlesRaw(call, raw)
  const at = path.findIndex(({ name, args }, index) => index > 0 && name in METHODS && args !== undefined)
  if (at === -1) return undefined
  const table = modelOf(path.slice(0, at))
  const start = path[at] as Step
  const options = start.args?.[OPTIONS_AT[start.name] ?? 0]
  const does = METHODS[start.name]!
  const isByKey = start.name === 'findByPk' || start.name === 'findById'
  const { keys, isOpaque } = isByKey
    ? { keys: [{ column: 'id', value: start.args?.[0] ?? UNKNOWN }], isOpaque: false }
    : keysOf(does === 'create' ? undefined : propertyOf(options, 'where'))
  const query = asks(call, {
    library: 'sequelize',
    does,
    table,
    keys,
    isOpaque: isOpaque || narrowsByAnother(propertyOf(options, 'include')),
    data: dataOf(start, options),
    limit: limitIn(options),
    ...columnsOf(options),
  })
  if (does === 'find') return rowOrNothing(query, NULL)
  const row = rowOf(query)
  return start.name === 'findOrCreate' ? { kind: 'list', items: [row, UNKNOWN], isWhole: true } : row
}

/** `include: [{ model: Team, where }]`: only rows that have such another. */
function narrowsByAnother(include: Value | undefined): boolean {
  const all = include?.kind === 'list' ? include.items : include === undefined ? [] : [include]
  return all.some((one) => propertyOf(one, 'where') !== undefined || narrowsByAnother(propertyOf(one, 'include')))
}

function dataOf({ name, args = [] }: Step, options: Value | undefined): Value | null {
  if (name === 'findOrCreate') return propertyOf(options, 'defaults') ?? null
  return ['create', 'bulkCreate', 'update', 'upsert'].includes(name) ? (args[0] ?? null) : null
}

/** All, where neither `attributes` nor the model's own scope says which. */
function columnsOf(options: Value | undefined): Pick<Query, 'columns'> {
  const said = propertyOf(options, 'attributes')
  if (said === undefined) return { columns: 'all' }
  const names = said.kind === 'list' ? said.items.map(textOf) : []
  return names.length > 0 && names.every((name) => name !== undefined) ? { columns: names } : {}
}

/** `sequelize.define('Post', …)`, or a class that extends `Model`. */
function modelOf(path: readonly Step[]): string | null {
  const defined = path.findLast(({ name, args }) => (name === 'define' || name === 'model') && args !== undefined)
  return textOf(defined?.args?.[0]) ?? path.findLast(({ args }) => args === undefined)?.name ?? null
}

/** `[Op.and]` and `[Op.or]` are keys that no name tells: what stands under them narrows it in another way. */
function keysOf(where: Value | undefined): { keys: Key[]; isOpaque: boolean } {
  if (where === undefined) return { keys: [], isOpaque: false }
  if (where.kind !== 'object') return { keys: [], isOpaque: true }
  return {
    keys: [...where.properties].map(([column, value]) => ({ column, value })),
    isOpaque: where.others.length > 0,
  }
}

/** `sequelize.query(text, { replacements })` and `{ bind }`. */
function settlesRaw(call: LibraryCall, { args = [] }: Step): Value {
  const [first, options] = args
  const said = propertyOf(first, 'query') ?? first ?? UNKNOWN
  const { text, values } = named(said, propertyOf(options, 'replacements') ?? propertyOf(options, 'bind'))
  return rowOf(asks(call, { library: 'sql', ...readSql(text, values), text: said }))
}

const transaction: Meaning = ({ args, walker, spot }) => {
  const work = args.findLast(({ kind }) => kind === 'function')
  return work === undefined ? undefined : followCallback(walker, work, [UNKNOWN], spot)
}

const same = ({ value }: LibraryCall): LibraryValue => ({ ...value, path: value.path.slice(0, -1) })

/** What of a model only says how it is asked. */
const CHAINS = ['scope', 'unscoped', 'schema']

export const sequelize: Library = {
  packages: ['sequelize', 'sequelize-typescript', '@sequelize/core'],
  calls: {
    '**.transaction()': transaction,
    '**.then()': awaited(settles),
    ...Object.fromEntries(CHAINS.map((name) => [`**.${name}()`, same])),
  },
  settles,
}

/** The index that Sequelize's own command writes reads the models of its folder, and keeps them beside `sequelize`. */
export function withModels(index: ObjectValue): ObjectValue {
  const known = index.properties.get('sequelize')
  const client = known === undefined ? undefined : casesOf(known).find(({ value }) => isClient(value))?.value
  if (client?.kind !== 'library') return index
  return { ...index, others: [...index.others, { ...client, path: [...client.path, { name: 'models' }] }] }
}

function isClient(value: Value): boolean {
  return value.kind === 'library' && sequelize.packages.includes(value.package)
}
