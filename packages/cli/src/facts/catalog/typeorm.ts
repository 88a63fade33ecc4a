import type { Key, LibraryValue, Query, QueryKind, Value, Origin } from '../trace/model.js'
import { followCallback } from '../trace/call.js'
import { origin } from '../trace/origin.js'
import { either, from, literal, NULL, object, originsOf, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { isBuilder, typeormBuilder } from './typeorm-builder.js'
import { nameOfEntity, ownEntity } from './typeorm-entity.js'

const library = 'typeorm'

/** What a method does, and where its condition stands: in options, or as it is. */
const METHODS: Readonly<Record<string, readonly [QueryKind, 'options' | 'where' | 'data']>> = {
  find: ['list', 'options'],
  findAndCount: ['list', 'options'],
  findBy: ['list', 'where'],
  findAndCountBy: ['list', 'where'],
  findByIds: ['list', 'where'],
  findOne: ['find', 'options'],
  findOneOrFail: ['find', 'options'],
  findOneBy: ['find', 'where'],
  findOneByOrFail: ['find', 'where'],
  findOneById: ['find', 'where'],
  exist: ['count', 'options'],
  exists: ['count', 'options'],
  existsBy: ['count', 'where'],
  count: ['count', 'options'],
  countBy: ['count', 'where'],
  sum: ['count', 'where'],
  update: ['update', 'where'],
  increment: ['update', 'where'],
  decrement: ['update', 'where'],
  delete: ['delete', 'where'],
  softDelete: ['delete', 'where'],
  restore: ['update', 'where'],
  insert: ['create', 'data'],
  upsert: ['upsert', 'data'],
  save: ['create', 'data'],
  remove: ['delete', 'data'],
  softRemove: ['delete', 'data'],
  recover: ['update', 'data'],
}

/** What tells options from a bare condition, which older versions took in their place. */
const OPTIONS = /^(?:where|select|relations|order|take|skip|cache|lock|withDeleted|loadEagerRelations|join|comment)$/

const works: Meaning = (call) => {
  const entity = entityOf(call)
  const [does, place] = METHODS[call.step.name]!
  const [first = UNDEFINED, second] = entity.args
  if (place === 'data') return stores(call, entity.name, does, first)
  const isOptions = place === 'options' && (first.kind !== 'object' || isOptionsOf(first))
  const where = isOptions ? propertyOf(first, 'where') : first
  const { keys, isOpaque } = keysOf(isOptions && first.kind === 'unknown' ? first : where)
  const limit = (isOptions ? propertyOf(first, 'take') : undefined) ?? null
  const data = does === 'update' && call.step.name === 'update' ? (second ?? null) : null
  const query: Query = {
    fact: 'query',
    library,
    does,
    table: entity.name,
    keys,
    isOpaque,
    data,
    limit,
    ...columnsOf(first),
  }
  const noted = call.walker.note(call.spot, query)
  const row = from(origin({ from: 'row', name: '', source: noted }))
  if (call.step.name.endsWith('OrFail')) {
    call.walker.learn(call.spot, [{ is: 'found', query: noted }])
    return row
  }
  if (call.step.name.startsWith('findAndCount')) return { kind: 'list', items: [row, UNKNOWN], isWhole: true }
  if (does !== 'find' && !call.step.name.startsWith('exist')) return row
  const found = does === 'find' ? row : literal(true)
  return either([
    { value: found, given: [{ is: 'found', query: noted }] },
    { value: does === 'find' ? NULL : literal(false), given: [{ is: 'absent', query: noted }] },
  ])
}

function isOptionsOf({ properties, others }: Value & { kind: 'object' }): boolean {
  return (properties.size === 0 && others.length === 0) || [...properties.keys()].some((name) => OPTIONS.test(name))
}

function columnsOf(options: Value): Pick<Query, 'columns'> {
  const selected = propertyOf(options, 'select')
  if (selected === undefined) return { columns: 'all' }
  if (selected.kind === 'object') return { columns: [...selected.properties.keys()] }
  if (selected.kind !== 'list') return {}
  return { columns: selected.items.flatMap((item) => textOf(item) ?? []) }
}

/** The columns of a condition; one of several alternatives narrows it in a way that no single column tells. */
export function keysOf(where: Value | undefined, prefix = ''): { keys: Key[]; isOpaque: boolean } {
  if (where === undefined || where === UNDEFINED) return { keys: [], isOpaque: false }
  if (where.kind === 'list') {
    const all = where.items.map((item) => keysOf(item, prefix).keys)
    const shared = all.length > 0 && all.every((keys) => keys.length > 0)
    const value = either(
      all.map((keys) => ({ value: from(...keys.flatMap((key) => originsOf(key.value))), given: [] })),
    )
    return { keys: shared ? [{ column: all[0]![0]!.column, value }] : [], isOpaque: true }
  }
  if (where.kind !== 'object') {
    // `delete(id)`, `findOneBy(conditions)`.
    const isPlain = originsOf(where).length > 0 || where.kind === 'literal' || where.kind === 'text'
    return { keys: isPlain ? [{ column: 'id', value: where }] : [], isOpaque: !isPlain }
  }
  const keys: Key[] = []
  let isOpaque = where.others.length > 0
  for (const [name, value] of where.properties) {
    if (value.kind === 'object') {
      const inner = keysOf(value, `${prefix}${name}.`)
      keys.push(...inner.keys)
      isOpaque ||= inner.isOpaque
    } else if (value.kind === 'library' && value.package === library) {
      // `In(ids)`, `Not(null)`, `LessThan(now)`: the first two of them name what it is.
      const operator = value.path.at(-1)
      if (operator?.name === 'In' || operator?.name === 'Equal')
        keys.push({
          column: `${prefix}${name}`,
          value: from(...(operator.args ?? []).flatMap((arg) => originsOf(arg))),
        })
    } else keys.push({ column: `${prefix}${name}`, value })
  }
  return { keys, isOpaque }
}

/** What is stored or removed: a row that was found is written back, anything else is made, or written over where it says its own id. */
function stores(call: LibraryCall, table: string | null, does: QueryKind, said: Value): Value {
  const data = said.kind === 'list' && said.items.length === 1 ? said.items[0]! : said
  const row = itself(data).find((one) => one.from === 'row' && one.source.library === library)
  const source = row?.from === 'row' && call.step.name !== 'insert' ? row.source : undefined
  const id = source === undefined ? propertyOf(data, 'id') : undefined
  const isOver = call.step.name === 'save' && id !== undefined && id.kind !== 'literal'
  const written = source === undefined ? data : added(data)
  const query: Query = {
    fact: 'query',
    library,
    does: does === 'create' && source !== undefined && isFoundAgain(source) ? 'update' : isOver ? 'upsert' : does,
    table,
    keys: source !== undefined ? source.keys : isOver ? [{ column: 'id', value: id }] : [],
    // A row that is written back with nothing of the request put into it: what has changed in it is not seen.
    isOpaque: source !== undefined && (source.isOpaque || isUnseen(does, data)),
    data: does === 'delete' ? null : written,
    limit: null,
  }
  const noted = call.walker.note(call.spot, query)
  return data.kind === 'object' ? { ...data, others: [...data.others, rowOf(noted)] } : rowOf(noted)
}

/** What a value comes from itself: a row among its fields is what it refers to, and not what it is. */
function itself(value: Value): readonly Origin[] {
  if (value.kind === 'either') return value.cases.flatMap((one) => itself(one.value))
  return value.kind === 'object' ? value.others.flatMap((one) => originsOf(one, 0)) : originsOf(value)
}

function isUnseen(does: QueryKind, data: Value): boolean {
  return does === 'create' && data.kind !== 'object' && !originsOf(data).some(({ from: of }) => of === 'input')
}

const rowOf = (source: Query) => from(origin({ from: 'row', name: '', source }))

const isFoundAgain = ({ does }: Query) => does === 'find' || does === 'list'

/** What code has put over a row that it found; of the row itself nothing is the client's. */
function added(data: Value): Value | null {
  if (data.kind !== 'object') return null
  return { ...data, others: data.others.filter((one) => !originsOf(one, 0).some(({ from: of }) => of === 'row')) }
}

/** `repository.create(dto)` only makes an object of it. */
const makes: Meaning = (call) => {
  const { args } = entityOf(call)
  return args[0] ?? object({})
}

/** `repository.merge(row, dto)`. */
const merges: Meaning = (call) => ({ ...object({}), others: entityOf(call).args })

/** `repository.preload({ id, ...dto })`: the row with that id, and what is new over it. */
const preloads: Meaning = (call) => {
  const { name: table, args } = entityOf(call)
  const [data = UNKNOWN] = args
  const id = propertyOf(data, 'id')
  const keys = id === undefined ? [] : [{ column: 'id', value: id }]
  const query: Query = {
    fact: 'query',
    library,
    does: 'find',
    table,
    keys,
    isOpaque: id === undefined,
    data: null,
    limit: null,
  }
  const noted = call.walker.note(call.spot, query)
  const row: Value = { ...object({}), others: [data, rowOf(noted)] }
  return either([
    { value: row, given: [{ is: 'found', query: noted }] },
    { value: UNDEFINED, given: [{ is: 'absent', query: noted }] },
  ])
}

const raw: Meaning = ({ walker, spot, args: [text = UNKNOWN] }) => {
  const query: Query = {
    fact: 'query',
    library,
    does: 'raw',
    table: null,
    keys: [],
    isOpaque: true,
    data: null,
    limit: null,
    text,
  }
  return rowOf(walker.note(spot, query))
}

/** A manager is told the entity with each call, a repository when it is made. */
function entityOf({ value, args }: LibraryCall): { readonly name: string | null; readonly args: readonly Value[] } {
  const own = ownEntity(value)
  if (own !== undefined) return { name: own, args }
  const [first, ...others] = args
  if (first?.kind === 'class' || isMadeByManager(value))
    return { name: nameOfEntity(first), args: first?.kind === 'class' ? others : args }
  return { name: null, args }
}

function isMadeByManager({ path }: LibraryValue): boolean {
  return path.some(({ name }) => name === 'EntityManager' || name === 'manager')
}

/** `dataSource.transaction(async (manager) => …)`. */
const transaction: Meaning = (call) => {
  const work = call.args.findLast(({ kind }) => kind === 'function')
  const manager: LibraryValue = {
    kind: 'library',
    package: library,
    path: [{ name: 'EntityManager', args: [] }],
    origins: [],
  }
  return work === undefined ? undefined : followCallback(call.walker, work, [manager], call.spot)
}

const OWN: Readonly<Record<string, Meaning>> = {
  ...Object.fromEntries(Object.keys(METHODS).map((name) => [name, works])),
  create: makes,
  merge: merges,
  preload: preloads,
  query: raw,
  transaction,
}

/** A builder has names of its own for some of it. */
const meant = (name: string): Meaning => {
  const [own, building] = [OWN[name], typeormBuilder[name]]
  return (call) => (isBuilder(call.value) ? building : own)?.(call)
}

export const typeorm: Library = {
  packages: [library, 'typeorm/'],
  calls: Object.fromEntries(
    [...new Set([...Object.keys(OWN), ...Object.keys(typeormBuilder)])].map((name) => [`**.${name}()`, meant(name)]),
  ),
}
