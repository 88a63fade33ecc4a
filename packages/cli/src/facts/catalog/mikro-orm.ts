import type { Key, QueryKind, Value } from '../trace/model.js'
import { followCallback } from '../trace/call.js'
import { from, literal, NULL, originsOf, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Library, type Meaning, propertyOf } from './library.js'
import { asks, limitIn, rowOf, rowOrNothing, rowOrThrow } from './rows.js'
import { query } from './sql-client.js'

const library = 'mikro-orm'

const METHODS: Readonly<Record<string, QueryKind>> = {
  find: 'list',
  findAll: 'list',
  findAndCount: 'list',
  findByCursor: 'list',
  findOne: 'find',
  findOneOrFail: 'find',
  count: 'count',
  nativeInsert: 'create',
  insert: 'create',
  insertMany: 'create',
  nativeUpdate: 'update',
  nativeDelete: 'delete',
  upsert: 'upsert',
  upsertMany: 'upsert',
}

/** `em.find(Post, where, options)`; a repository knows which: `posts.find(where, options)`. */
const asking: Meaning = (call) => {
  const repository = call.value.path.findLast(({ name, args }) => name === 'getRepository' && args !== undefined)
  const entity = repository?.args?.[0] ?? call.args[0]
  const [first, second] = repository === undefined ? call.args.slice(1) : call.args
  const does = METHODS[call.step.name]!
  const isAll = call.step.name === 'findAll'
  const where = does === 'create' || does === 'upsert' ? undefined : isAll ? propertyOf(first, 'where') : first
  const options = does === 'update' ? undefined : isAll ? first : second
  const asked = asks(call, {
    library,
    does,
    table: nameOf(entity),
    ...keysOf(where),
    data: does === 'update' ? (second ?? null) : does === 'create' || does === 'upsert' ? (first ?? null) : null,
    limit: propertyOf(options, 'first') ?? limitIn(options),
    ...(does !== 'find' && does !== 'list'
      ? {}
      : propertyOf(options, 'fields') === undefined
        ? { columns: 'all' as const }
        : {}),
  })
  if (call.step.name === 'findOneOrFail') return rowOrThrow(call, asked)
  return does === 'find' ? rowOrNothing(asked, NULL) : rowOf(asked)
}

function nameOf(entity: Value | undefined): string | null {
  if (entity?.kind === 'class') return entity.node.id?.name ?? null
  if (entity?.kind === 'literal') return String(entity.value)
  return entity?.kind === 'library' ? (entity.path.at(-1)?.name ?? null) : null
}

/** By its key, or by columns. */
function keysOf(where: Value | undefined): { keys: Key[]; isOpaque: boolean } {
  if (where === undefined) return { keys: [], isOpaque: false }
  if (where.kind !== 'object') return { keys: [{ column: 'id', value: where }], isOpaque: false }
  return {
    keys: [...where.properties].flatMap(([column, value]) => (column.startsWith('$') ? [] : [{ column, value }])),
    isOpaque: where.others.length > 0 || [...where.properties.keys()].some((name) => name.startsWith('$')),
  }
}

/** `em.create(Post, data)` is what `persist` stores. */
const makes: Meaning = (call) => {
  const repository = call.value.path.findLast(({ name, args }) => name === 'getRepository' && args !== undefined)
  const [entity, data] = repository === undefined ? call.args : [repository.args?.[0], call.args[0]]
  made.set(call.step, { table: nameOf(entity), data: data ?? UNKNOWN })
  return { ...call.value, origins: originsOf(data ?? UNKNOWN) }
}

const made = new WeakMap<object, { readonly table: string | null; readonly data: Value }>()

const persists: Meaning = (call) => {
  const [entity = UNKNOWN] = call.args
  const row = rowIn(entity)
  const one = entity.kind === 'library' ? made.get(entity.path.at(-1)!) : undefined
  if (row !== undefined) asks(call, { ...row.source, does: 'update', data: null, limit: null })
  else asks(call, { library, does: 'create', table: one?.table ?? tableOf(entity), data: one?.data ?? entity })
  return call.value.path.length > 1 ? { ...call.value, path: call.value.path.slice(0, -1) } : literal(undefined)
}

function tableOf(entity: Value): string | null {
  return entity.kind === 'object' ? (entity.of?.node.id?.name ?? null) : null
}

const removes: Meaning = (call) => {
  const row = rowIn(call.args[0] ?? UNKNOWN)
  if (row !== undefined) asks(call, { ...row.source, does: 'delete', data: null, limit: null })
  return { ...call.value, path: call.value.path.slice(0, -1) }
}

/** `em.assign(post, data)`, `wrap(post).assign(data)`: written with what is flushed. */
const assigns: Meaning = (call) => {
  const wrapped = call.value.path.at(-2)?.name === 'wrap' ? call.value.path.at(-2)!.args?.[0] : undefined
  const [entity = UNKNOWN, data] = wrapped === undefined ? call.args : [wrapped, call.args[0]]
  const row = rowIn(entity)
  if (row !== undefined) asks(call, { ...row.source, does: 'update', data: data ?? null, limit: null })
  return entity
}

function rowIn(value: Value) {
  const row = originsOf(value).find((one) => one.from === 'row' && one.source.library === library)
  return row?.from === 'row' ? row : undefined
}

const within: Meaning = ({ value, args: [work], walker, spot }) =>
  work === undefined ? undefined : followCallback(walker, work, [{ ...value, path: value.path.slice(0, -1) }], spot)

const fork = ({ value }: LibraryCall): Value => ({ ...value, path: value.path.slice(0, -1) })

export const mikroOrm: Library = {
  packages: ['@mikro-orm/'],
  calls: {
    ...Object.fromEntries(Object.keys(METHODS).map((name) => [`**.${name}()`, asking])),
    '**.create()': makes,
    '**.persist()': persists,
    '**.persistAndFlush()': persists,
    '**.remove()': removes,
    '**.removeAndFlush()': removes,
    '**.assign()': assigns,
    '**.transactional()': within,
    '**.fork()': fork,
    '**.getReference()': ({ args: [, id] }) => from(...originsOf(id ?? UNKNOWN)),
    '**.getConnection().execute()': query,
    '**.execute()': query,
  },
}
