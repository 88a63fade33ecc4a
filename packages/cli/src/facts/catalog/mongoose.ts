import type { Key, Query, QueryKind, Step, Value } from '../trace/model.js'
import { origin } from '../trace/origin.js'
import { either, from, NULL, UNDEFINED, UNKNOWN } from '../trace/value.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { keysOfFilter, keysOfStages, limitOfStages } from './mongo-filter.js'
import { awaited, limitIn } from './rows.js'

const library = 'mongoose'

const METHODS: Readonly<Record<string, QueryKind>> = {
  find: 'list',
  findOne: 'find',
  findById: 'find',
  findByIdAndUpdate: 'update',
  findOneAndUpdate: 'update',
  findOneAndReplace: 'update',
  findByIdAndDelete: 'delete',
  findByIdAndRemove: 'delete',
  findOneAndDelete: 'delete',
  updateOne: 'update',
  updateMany: 'update',
  replaceOne: 'update',
  deleteOne: 'delete',
  deleteMany: 'delete',
  create: 'create',
  insertMany: 'create',
  countDocuments: 'count',
  estimatedDocumentCount: 'count',
  exists: 'find',
  distinct: 'list',
  aggregate: 'list',
  save: 'create',
}

/** `Post.find({ author }).limit(20)`, when it is waited for. */
const settles: Meaning = ({ value, walker, spot }) => {
  const at = value.path.findIndex(({ name, args }) => name in METHODS && args !== undefined)
  if (at === -1) return undefined
  const start = value.path[at] as Step
  const model = modelOf(value.path.slice(0, at))
  if (model === null) return undefined
  const isCounted = value.path.slice(at + 1).some(({ name }) => name === 'countDocuments' || name === 'count')
  const does = isCounted ? 'count' : METHODS[start.name]!
  const [first, second] = start.args ?? []
  const isById = start.name.startsWith('findById')
  const keys: Key[] = isById
    ? [{ column: '_id', value: first ?? UNKNOWN }]
    : [
        ...(start.name === 'aggregate' ? keysOfStages(first) : keysOfFilter(first)),
        ...keysOfSteps(value.path.slice(at + 1)),
      ]
  const data =
    does === 'create'
      ? start.name === 'save'
        ? dataOfNew(value.path.slice(0, at))
        : (first ?? null)
      : does === 'update'
        ? (second ?? null)
        : null
  const isUpsert = propertyOf(start.args?.[2], 'upsert') !== undefined
  const isStaged = start.name === 'aggregate'
  const limit =
    value.path.slice(at).find(({ name }) => name === 'limit')?.args?.[0] ??
    (isStaged ? limitOfStages(first) : limitIn(start.args?.[2]))
  const noted = walker.note(spot, {
    fact: 'query',
    library,
    does: isUpsert ? 'upsert' : does,
    table: model,
    keys: does === 'create' ? [] : keys,
    isOpaque: false,
    data,
    limit,
    ...columnsOf(start, value.path.slice(at + 1)),
  })
  const row = from(origin({ from: 'row', name: '', source: noted }))
  if (does === 'list' || does === 'create' || does === 'count') return row
  return either([
    { value: row, given: [{ is: 'found', query: noted }] },
    { value: NULL, given: [{ is: 'absent', query: noted }] },
  ])
}

/** All, where neither a projection nor `select()` says which. */
function columnsOf({ name, args = [] }: Step, after: readonly Step[]): Pick<Query, 'columns'> {
  const isWhole = name === 'findById' || name === 'findOne' || name === 'find'
  return isWhole && args.length < 2 && !after.some((step) => step.name === 'select') ? { columns: 'all' } : {}
}

/** `model('Post', schema)`, or what `new` made of it. */
function modelOf(path: readonly Step[]): string | null {
  const made = path.find(({ name, args }) => name === 'model' && args !== undefined)
  if (made === undefined) return null
  return textOf(made.args?.[0]) ?? path.at(-1)?.name ?? null
}

function dataOfNew(path: readonly Step[]): Value | null {
  return path.at(-1)?.args?.at(0) ?? null
}

/** `.find({ … })` after `distinct()`, and `.where({ … })` after anything. */
function keysOfSteps(steps: readonly Step[]): Key[] {
  return steps.flatMap(({ name, args }) => (name === 'find' || name === 'where' ? keysOfFilter(args?.[0]) : []))
}

export const mongoose: Library = {
  packages: ['mongoose'],
  calls: { '**.then()': awaited(settles) },
  settles,
  members: { 'models.*': () => UNDEFINED, 'default.models.*': () => UNDEFINED },
}
