import type { Key, LibraryValue, Query, QueryKind, Step, Value } from '../trace/model.js'
import { origin } from '../trace/origin.js'
import { either, from, literal, NULL, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Meaning, propertyOf } from './library.js'
import { nameOfEntity, ownEntity } from './typeorm-entity.js'

/** What each builder was told, by the call that made it: it is changed by its methods, whoever holds what they answer. */
const told = new WeakMap<Step, Step[]>()

const STEPS =
  'select addSelect where andWhere orWhere whereInIds leftJoin innerJoin leftJoinAndSelect innerJoinAndSelect leftJoinAndMapOne leftJoinAndMapMany innerJoinAndMapOne orderBy addOrderBy groupBy addGroupBy having andHaving limit take skip offset setParameter setParameters from into values set update delete softDelete insert orIgnore orUpdate returning withDeleted distinctOn loadRelationCountAndMap cache setLock comment'.split(
    ' ',
  )

const builds: Meaning = ({ value, step }) => {
  const root = value.path.find(({ name, args }) => name === 'createQueryBuilder' && args !== undefined)
  if (root === undefined) return undefined
  told.set(root, [...(told.get(root) ?? []), step])
  return value
}

const ENDS: Readonly<Record<string, QueryKind>> = {
  getMany: 'list',
  getManyAndCount: 'list',
  getRawMany: 'list',
  getRawAndEntities: 'list',
  stream: 'list',
  getOne: 'find',
  getOneOrFail: 'find',
  getRawOne: 'find',
  getCount: 'count',
  getExists: 'count',
  execute: 'raw',
}

const ends: Meaning = (call) => {
  const root = call.value.path.find(({ name, args }) => name === 'createQueryBuilder' && args !== undefined)
  if (root === undefined) return undefined
  const steps = told.get(root) ?? []
  const one = (...names: string[]) => steps.findLast(({ name }) => names.includes(name))
  const does = kindOf(call.step.name, steps)
  const conditions = steps.filter(({ name }) => /[wW]here/.test(name))
  const texts = conditions.flatMap(({ args }) => args?.slice(0, 1) ?? [])
  const limit = one('limit', 'take')?.args?.[0] ?? null
  const query: Query = {
    fact: 'query',
    library: 'typeorm',
    does,
    table: tableOf(call, root, steps),
    keys: conditions.filter(({ name }) => name !== 'orWhere').flatMap(keysOf),
    isOpaque: conditions.some(isOpaque) || steps.some(({ name }) => /[jJ]oin/.test(name)),
    data: (does === 'create' ? one('values') : one('set'))?.args?.[0] ?? null,
    limit,
    ...(one('select', 'addSelect', 'softDelete') === undefined ? { columns: 'all' as const } : {}),
    ...(texts.some(({ kind }) => kind !== 'literal' && kind !== 'object')
      ? { text: { kind: 'text', parts: texts } as Value }
      : {}),
  }
  const noted = call.walker.note(call.spot, query)
  const row = from(origin({ from: 'row', name: '', source: noted }))
  if (call.step.name === 'getManyAndCount') return { kind: 'list', items: [row, UNKNOWN], isWhole: true }
  if (call.step.name === 'getOneOrFail') {
    call.walker.learn(call.spot, [{ is: 'found', query: noted }])
    return row
  }
  if (does !== 'find' && call.step.name !== 'getExists') return row
  return either([
    { value: does === 'find' ? row : literal(true), given: [{ is: 'found', query: noted }] },
    { value: does === 'find' ? NULL : literal(false), given: [{ is: 'absent', query: noted }] },
  ])
}

function kindOf(name: string, steps: readonly Step[]): QueryKind {
  if (name !== 'execute') return ENDS[name]!
  if (steps.some((step) => step.name === 'insert')) return 'create'
  if (steps.some((step) => step.name === 'update')) return 'update'
  return steps.some((step) => step.name === 'delete' || step.name === 'softDelete') ? 'delete' : 'list'
}

/** That of its repository, or the one that it was told. */
function tableOf({ value }: LibraryCall, root: Step, steps: readonly Step[]): string | null {
  const names = ['from', 'into', 'update']
  const said = steps.find(({ name, args }) => names.includes(name) && args?.[0] !== undefined)?.args?.[0]
  if (said !== undefined) return nameOfEntity(said)
  return ownEntity(value) ?? (root.args?.[0]?.kind === 'class' ? nameOfEntity(root.args[0]) : null)
}

/** `where('post.authorId = :authorId', { authorId })`. */
function keysOf({ args = [] }: Step): Key[] {
  const [said, values] = args
  if (said?.kind === 'object') return [...said.properties].map(([column, value]) => ({ column, value }))
  const text = said?.kind === 'literal' ? String(said.value) : ''
  return [...text.matchAll(/\b(\w+)["`]?\s*(?:=|IN)\s*(?:\(\s*)?:(?:\.\.\.)?(\w+)/gi)].map(([, column, name]) => ({
    column: column!,
    value: propertyOf(values, name!) ?? UNKNOWN,
  }))
}

function isOpaque(step: Step): boolean {
  return (
    step.name === 'orWhere' ||
    keysOf(step).length === 0 ||
    / or /i.test(String((step.args?.[0] as { value?: unknown })?.value ?? ''))
  )
}

/** What is called on a query builder: it grows longer, or is asked. */
export const typeormBuilder: Readonly<Record<string, Meaning>> = {
  ...Object.fromEntries(STEPS.map((name) => [name, builds])),
  ...Object.fromEntries(Object.keys(ENDS).map((name) => [name, ends])),
}

export function isBuilder({ path }: LibraryValue): boolean {
  return path.slice(0, -1).some(({ name, args }) => name === 'createQueryBuilder' && args !== undefined)
}
