import type { Query, QueryKind, Step, Value } from '../trace/model.js'
import { NULL } from '../trace/value.js'
import { followCallback } from '../trace/call.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { keysOfFilter, keysOfStages, limitOfStages } from './mongo-filter.js'
import { asks, awaited, limitIn, rowOf, rowOrNothing } from './rows.js'

const METHODS: Readonly<Record<string, QueryKind>> = {
  find: 'list',
  findOne: 'find',
  findOneAndUpdate: 'update',
  findOneAndReplace: 'update',
  findOneAndDelete: 'delete',
  insertOne: 'create',
  insertMany: 'create',
  updateOne: 'update',
  updateMany: 'update',
  replaceOne: 'update',
  deleteOne: 'delete',
  deleteMany: 'delete',
  countDocuments: 'count',
  estimatedDocumentCount: 'count',
  distinct: 'list',
  aggregate: 'list',
  bulkWrite: 'update',
}

/** `db.collection('posts').find({ author }).limit(20).toArray()`, when it is waited for. */
const settles: Meaning = (call) => {
  const { path } = call.value
  const at = path.findIndex(({ name, args }) => name in METHODS && args !== undefined)
  if (at === -1) return undefined
  const start = path[at] as Step
  const steps = path.slice(at + 1).filter(({ args }) => args !== undefined)
  const [first, second, third] = start.args ?? []
  const does = METHODS[start.name]!
  const isUpsert = propertyOf(third, 'upsert') !== undefined
  const filter = start.name === 'distinct' ? second : does === 'create' ? undefined : first
  const query = asks(call, {
    library: 'mongodb',
    does: isUpsert ? 'upsert' : steps.some(({ name }) => name === 'count') ? 'count' : does,
    table: textOf(path.slice(0, at).findLast(({ name }) => name === 'collection')?.args?.[0]) ?? null,
    keys: start.name === 'aggregate' ? keysOfStages(first) : keysOfFilter(filter),
    isOpaque: filter !== undefined && filter.kind !== 'object',
    data:
      does === 'create' || start.name === 'bulkWrite' ? (first ?? null) : does === 'update' ? (second ?? null) : null,
    limit: steps.find(({ name }) => name === 'limit')?.args?.[0] ?? limitOf(start),
    ...columnsOf(start, steps),
  })
  const isOne = does === 'find' || start.name.startsWith('findOne') || steps.some(({ name }) => name === 'next')
  return isOne ? rowOrNothing(query, NULL) : rowOf(query)
}

/** Said as an option, or as a stage. */
function limitOf({ name, args = [] }: Step): Value | null {
  return name === 'aggregate' ? limitOfStages(args[0]) : limitIn(args[1])
}

function columnsOf({ name, args = [] }: Step, after: readonly Step[]): Pick<Query, 'columns'> {
  const isWhole = name === 'find' || name === 'findOne'
  const isNarrowed = propertyOf(args[1], 'projection') !== undefined || after.some((one) => one.name === 'project')
  return isWhole && !isNarrowed && (args[1] === undefined || args[1].kind === 'object') ? { columns: 'all' } : {}
}

/** `session.withTransaction(async () => …)`: what is done in it is done. */
const within: Meaning = ({ walker, spot, args: [work] }) =>
  work === undefined ? undefined : followCallback(walker, work, [], spot)

/** MongoDB's own driver. */
export const mongodb: Library = {
  packages: ['mongodb', '@fastify/mongodb'],
  calls: { '**.then()': awaited(settles), '**.withTransaction()': within },
  settles,
}
