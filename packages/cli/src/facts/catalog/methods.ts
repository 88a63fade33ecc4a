import type { Value } from '../trace/model.js'
import { callValue, followCallback } from '../trace/call.js'
import { either, from, literal, memberOfList, originsOf, truthOf, UNDEFINED, UNKNOWN } from '../trace/value.js'
import { conditionsOf, equality } from '../trace/truth.js'
import type { MethodCall } from '../trace/walker.js'
import { named } from './web.js'
import { textOf } from './library.js'

type Method = (self: Value, call: MethodCall) => Value | undefined

/** Each item, one after the other: what is awaited in here is awaited as often as there are items. */
const each =
  (comesTo: (self: Value, result: Value) => Value): Method =>
  (self, { args: [callback], at, walker }) => {
    if (callback === undefined) return undefined
    const item = [memberOfList(self), UNKNOWN, self]
    return comesTo(
      self,
      walker.repeated(self, at.spot, () => followCallback(walker, callback, item, at.spot)),
    )
  }

/** What the test says of the one that was found, and of nobody's where there is none. */
const FIND = each((self, result) =>
  either([
    { value: memberOfList(self), given: conditionsOf(result).holds },
    { value: UNDEFINED, given: [] },
  ]),
)

const SOME = each((_, result) => ({
  kind: 'truth',
  holds: conditionsOf(result).holds,
  fails: [],
  origins: originsOf(result),
}))

/** What the test says of each it says where it holds; of none at all nothing, but nobody asks that of what is written out. */
const EVERY = each((self, result) =>
  self.kind === 'list' && self.isWhole && self.items.length > 0
    ? { kind: 'truth', holds: conditionsOf(result).holds, fails: [], origins: originsOf(result) }
    : UNKNOWN,
)

/** Methods of arrays, texts, maps and promises: what is true of them whoever made the value. */
export const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ...Object.entries<Method>({
    map: each((_, result) => ({ kind: 'list', items: [result], isWhole: false })),
    flatMap: each((_, result) => result),
    forEach: each(() => UNDEFINED),
    filter: each((self) => self),
    find: FIND,
    findLast: FIND,
    some: (self, call) => overLiterals(self, call, true) ?? SOME(self, call),
    every: (self, call) => overLiterals(self, call, false) ?? EVERY(self, call),
    startsWith: (self, { args }) => ofTexts(self, args, (text, part) => text.startsWith(part)),
    endsWith: (self, { args }) => ofTexts(self, args, (text, part) => text.endsWith(part)),
    reduce: each((self, result) => from(...originsOf(self), ...originsOf(result))),
    sort: each((self) => self),
    includes: (self, { args }) =>
      ofTexts(self, args, (text, part) => text.includes(part)) ?? oneOfMany(self, args[0] ?? UNKNOWN),
    has: (self, { args: [item] }) => (originsOf(self).length === 0 ? undefined : oneOfMany(self, item ?? UNKNOWN)),
    catch: (self) => self,
    finally: (self, { args: [callback], at, walker }) => {
      if (callback !== undefined) followCallback(walker, callback, [], at.spot)
      return self
    },
    save: (self, call) => written(self, call),
    update: (self, call) => written(self, call),
    destroy: (self, call) => written(self, call),
    deleteOne: (self, call) => written(self, call),
    remove: (self, call) => written(self, call),
    get: (self, { args: [name] }) => namedBy(self, name),
    getAll: (self, { args: [name] }) => namedBy(self, name),
    entries: (self) => self,
    join: (self) => (self.kind === 'list' ? { kind: 'text', parts: self.items } : undefined),
    concat: (self, { args }) => from(...originsOf(self), ...args.flatMap((arg) => originsOf(arg))),
    call: (self, { args, at, walker }) => callValue(walker, self, args.slice(1), at),
    apply: (self, { args: [, list], at, walker }) =>
      callValue(walker, self, list?.kind === 'list' ? list.items : [], at),
    bind: (self, { args }) =>
      self.kind === 'function' ? { ...self, bound: [...(self.bound ?? []), ...args.slice(1)] } : self,
  }),
  // As a property it would make of the object something that can be waited for.
  [
    'then',
    (self, { args: [callback], at, walker }) =>
      callback === undefined ? self : followCallback(walker, callback, [self], at.spot),
  ],
])

/** A text that is known, asked for a part that is known: `pathname.startsWith('/dashboard')`. */
function ofTexts(
  self: Value,
  [part, ...others]: readonly Value[],
  asks: (text: string, part: string) => boolean,
): Value | undefined {
  const [text, wanted] = [textOf(self), textOf(part)]
  return text === undefined || wanted === undefined || others.length > 0 ? undefined : literal(asks(text, wanted))
}

/** Longer lists than this nobody asks one by one. */
const MOST_ITEMS = 40

/** `['/dashboard', '/settings'].some((prefix) => pathname.startsWith(prefix))`, where each of them can be decided. */
function overLiterals(self: Value, { args: [callback], at, walker }: MethodCall, decides: boolean): Value | undefined {
  if (self.kind !== 'list' || !self.isWhole || callback?.kind !== 'function' || self.items.length > MOST_ITEMS)
    return undefined
  if (self.items.length === 0 || !self.items.every(({ kind }) => kind === 'literal')) return undefined
  for (const item of self.items) {
    const result = truthOf(followCallback(walker, callback, [item, UNKNOWN, self], at.spot))
    if (result === undefined) return undefined
    if (result === decides) return literal(decides)
  }
  return literal(!decides)
}

/** What a row does of itself, by the library that has found it. */
const OF_ROWS: Readonly<Record<string, Readonly<Record<string, 'update' | 'delete'>>>> = {
  mongoose: { save: 'update', deleteOne: 'delete', remove: 'delete' },
  sequelize: { save: 'update', update: 'update', destroy: 'delete' },
}

/** `await user.save()`, `await post.destroy()`: the row that was found is written back, or is no more. */
function written(self: Value, { args, at, walker }: MethodCall): Value | undefined {
  const row = originsOf(self).find((one) => one.from === 'row' && at.name != null && at.name in ofRow(one.source))
  if (row?.from !== 'row') return undefined
  const { table, keys, isOpaque, library } = row.source
  const does = OF_ROWS[library]![at.name!]!
  const data = at.name === 'update' ? (args[0] ?? null) : null
  walker.note(at.spot, { fact: 'query', library, does, table, keys, isOpaque, data, limit: null })
  return self
}

const ofRow = (found: { readonly library: string }) => OF_ROWS[found.library] ?? {}

function namedBy(self: Value, name: Value | undefined): Value | undefined {
  const text = textOf(name)
  return text === undefined || originsOf(self).length === 0 ? undefined : named(self, text)
}

/** `['admin', 'owner'].includes(user.role)`. */
export function oneOfMany(self: Value, item: Value): Value | undefined {
  if (self.kind !== 'list' || !self.items.every((one) => one.kind === 'literal')) return equality(self, item)
  const tests = self.items.map((one) => equality(item, one))
  return tests.find(({ kind }) => kind === 'truth') ?? literal(self.items.some((one) => isSame(one, item)))
}

const isSame = (a: Value, b: Value) => a.kind === 'literal' && b.kind === 'literal' && a.value === b.value
