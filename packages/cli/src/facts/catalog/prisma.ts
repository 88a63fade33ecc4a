import type { Key, LibraryValue, Query, QueryKind, Value } from '../trace/model.js'
import { followCallback } from '../trace/call.js'
import { origin } from '../trace/origin.js'
import { casesOf, either, from, NULL, originsOf, truthOf, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Library, type Meaning, propertyOf } from './library.js'

const library = 'prisma'

const METHODS: Readonly<Record<string, QueryKind>> = {
  findUnique: 'find',
  findUniqueOrThrow: 'find',
  findFirst: 'find',
  findFirstOrThrow: 'find',
  findMany: 'list',
  create: 'create',
  createMany: 'create',
  createManyAndReturn: 'create',
  update: 'update',
  updateMany: 'update',
  updateManyAndReturn: 'update',
  upsert: 'upsert',
  delete: 'delete',
  deleteMany: 'delete',
  count: 'count',
  aggregate: 'count',
  groupBy: 'count',
}

/** `prisma.post.findMany({ where, take })`. */
const query: Meaning = (call) => {
  const { value, walker, spot, args, step } = call
  const [options] = args
  // Rows that are there already stay as they are: a second delivery adds nothing.
  const isClaim = truthOf(propertyOf(options, 'skipDuplicates') ?? UNDEFINED) === true
  const does = isClaim ? 'upsert' : METHODS[step.name]!
  if (!isPrismas(value, options)) return undefined
  const { keys, isOpaque } = keysOf(propertyOf(options, 'where'))
  const data = propertyOf(options, 'data') ?? propertyOf(options, 'update') ?? null
  const limit = propertyOf(options, 'take') ?? null
  const table = value.path.at(-2)?.name ?? null
  const columns = columnsOf(options)
  const noted = walker.note(spot, { fact: 'query', library, does, table, keys, isOpaque, data, limit, ...columns })
  const row = from(origin({ from: 'row', name: '', source: noted }))
  if (does === 'count') return row
  if (step.name === 'findUnique' || step.name === 'findFirst')
    return either([
      { value: row, given: [{ is: 'found', query: noted }] },
      { value: NULL, given: [{ is: 'absent', query: noted }] },
    ])
  if (does === 'find') walker.learn(spot, [{ is: 'found', query: noted }])
  return row
}

/** Of a client that comes out of a package of the workspace only the shape of its calls is known. */
function isPrismas({ package: name, path }: LibraryValue, options: Value | undefined): boolean {
  if (name.startsWith('@prisma/client')) return true
  if (options === undefined) return /^(?:findMany|count|deleteMany)$/.test(path.at(-1)!.name)
  return (
    options.kind === 'object' &&
    [...options.properties.keys()].some((key) =>
      /^(?:where|data|select|include|take|orderBy|skip|create|by|_count|_sum)$/.test(key),
    )
  )
}

/** `select` names them; without it all are answered. */
function columnsOf(options: Value | undefined): Pick<Query, 'columns'> {
  const selected = propertyOf(options, 'select')
  if (selected?.kind === 'object' && selected.others.length === 0) return { columns: [...selected.properties.keys()] }
  return selected === undefined && propertyOf(options, 'omit') === undefined ? { columns: 'all' } : {}
}

/** The columns that a `where` names. `OR` and `NOT` narrow it in a way that no single column tells. */
export function keysOf(where: Value | undefined, prefix = ''): { keys: Key[]; isOpaque: boolean } {
  if (where === undefined) return { keys: [], isOpaque: false }
  if (where.kind === 'either') {
    const all = where.cases.map((one) => keysOf(one.value, prefix))
    return {
      keys: all[0]!.keys.filter(({ column }) => all.every(({ keys }) => keys.some((key) => key.column === column))),
      isOpaque: true,
    }
  }
  if (where.kind !== 'object') return { keys: [], isOpaque: true }
  const keys: Key[] = []
  let isOpaque = where.others.length > 0
  for (const [name, value] of where.properties) {
    if (name === 'AND') {
      for (const inner of value.kind === 'list' ? value.items : [value]) {
        const found = keysOf(inner, prefix)
        keys.push(...found.keys)
        isOpaque ||= found.isOpaque
      }
    } else if (name === 'OR') {
      isOpaque = true
      keys.push(...inEvery(value, prefix))
    } else if (name === 'NOT') {
      continue
    } else if (value.kind === 'object' && !isOperator(value)) {
      const found = keysOf(value, `${prefix}${name}.`)
      keys.push(...found.keys)
      isOpaque ||= found.isOpaque
    } else {
      const compared = value.kind === 'object' ? (value.properties.get('equals') ?? value.properties.get('in')) : value
      // Prisma leaves out a condition whose value is `undefined`, and finds everybody's.
      if (compared !== undefined && mayBeUndefined(compared)) continue
      if (compared !== undefined) keys.push({ column: `${prefix}${name}`, value: compared })
      else isOpaque = true
    }
  }
  return { keys, isOpaque }
}

/** One of them is enough to narrow an alternative. */
function oneOf([first, ...others]: readonly Key[]): Value {
  return others.length === 0 ? first!.value : from(...[first!, ...others].flatMap(({ value }) => originsOf(value)))
}

/** What all alternatives of an `OR` come down to: each names the caller, then the whole does. */
function inEvery(value: Value, prefix: string): Key[] {
  // An alternative that is there on some paths only is one nevertheless.
  const items = new Set(casesOf(value).flatMap((one) => (one.value.kind === 'list' ? one.value.items : [UNKNOWN])))
  if (items.size === 0) return []
  const all = [...items].map((item) => keysOf(item, prefix).keys)
  return all.every((keys) => keys.length > 0)
    ? [{ column: `${prefix}OR`, value: either(all.map((keys) => ({ value: oneOf(keys), given: [] }))) }]
    : []
}

function mayBeUndefined(value: Value): boolean {
  return casesOf(value).some((one) => one.value.kind === 'literal' && one.value.value === undefined)
}

const OPERATORS = new Set([
  'equals',
  'in',
  'notIn',
  'lt',
  'lte',
  'gt',
  'gte',
  'not',
  'contains',
  'startsWith',
  'endsWith',
  'mode',
  'search',
  'has',
  'hasSome',
  'hasEvery',
  'isEmpty',
])

function isOperator(value: Value & { kind: 'object' }): boolean {
  return [...value.properties.keys()].some((name) => OPERATORS.has(name))
}

const raw =
  (isSafe: boolean): Meaning =>
  ({ walker, spot, args }) => {
    const text: Value = isSafe ? from() : (args[0] ?? UNKNOWN)
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

/** Its own function is given the same client; a list is of queries that were made already. */
const transaction: Meaning = (call) => {
  const [work] = call.args
  if (work?.kind !== 'function') return work ?? UNKNOWN
  return followCallback(call.walker, work, [clientOf(call)], call.spot)
}

function clientOf({ value }: LibraryCall): LibraryValue {
  return { ...value, path: value.path.slice(0, -1) }
}

/** A client is known by how it is used, too: in many projects it comes out of a package that is built from the schema. */
export const prismaCalls: Readonly<Record<string, Meaning>> = {
  ...Object.fromEntries(Object.keys(METHODS).map((name) => [`**.*.${name}()`, query])),
  '**.$queryRaw()': raw(true),
  '**.$executeRaw()': raw(true),
  '**.$queryRawUnsafe()': raw(false),
  '**.$executeRawUnsafe()': raw(false),
  '**.$transaction()': transaction,
  '**.$extends()': (call) => clientOf(call),
}

const CLIENT: LibraryValue = {
  kind: 'library',
  package: '@prisma/client',
  path: [{ name: 'PrismaClient', args: [] }],
  origins: [],
}

export const prisma: Library = {
  packages: ['@prisma/client', '@prisma/client/'],
  calls: {
    ...prismaCalls,
    // One for development and one for production are asked the same.
    'PrismaClient()': () => CLIENT,
  },
}
