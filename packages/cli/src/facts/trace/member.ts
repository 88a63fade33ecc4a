import type { ClassValue, LibraryValue, ObjectValue, Spot, Value } from './model.js'
import { fieldOf, memberName } from './fields.js'
import type { Here } from './here.js'
import { memberOrigin } from './origin.js'
import { either, from, isNullish, literal, originsOf, UNDEFINED, UNKNOWN } from './value.js'
import type { Walker } from './walker.js'

export interface MemberAt {
  /** `?.`: where there is nothing, that is what comes of it. */
  readonly isOptional: boolean
  /** `null` where nobody is to hear that it was looked at. */
  readonly spot: Spot | null
  readonly isCalled?: boolean
}

/** A member of a value, by its name; `null` is one of which the name is not known. */
export function memberOf(walker: Walker, value: Value, name: string | null, at: MemberAt): Value {
  switch (value.kind) {
    case 'either':
      return memberOfEither(walker, value, name, at)
    case 'object':
      return memberOfObject(walker, value, name, at)
    case 'list': {
      if (name !== null && /^\d+$/.test(name))
        return value.items[Number(name)] ?? (value.isWhole ? UNDEFINED : anyOf(value.items))
      if (name === 'length') return value.isWhole ? literal(value.items.length) : UNKNOWN
      return name === null ? anyOf(value.items) : UNKNOWN
    }
    case 'library':
      if (name === null) return from(...originsOf(value))
      if (at.spot !== null) walker.here = at.spot
      return memberOfLibrary(walker, { ...value, path: [...value.path, { name }] })
    case 'unknown':
      return from(...value.origins.map((one) => memberOrigin(one, name ?? '*')))
    case 'class':
      return (
        staticMember(walker, value, name) ?? nameOfClass(value, name) ?? inheritedStatic(walker, value, name) ?? UNKNOWN
      )
    case 'literal':
      return isNullish(value) ? UNDEFINED : UNKNOWN
    default:
      return from(...originsOf(value))
  }
}

function memberOfLibrary(walker: Walker, value: LibraryValue): Value {
  return walker.meanings.member(value, walker) ?? value
}

/**
 * Of what may be nothing, a member without `?.` throws; so that what comes after knows that it was something: `user.id` where
 * nobody is signed in goes no further.
 */
function memberOfEither(walker: Walker, value: Value & { kind: 'either' }, name: string | null, at: MemberAt): Value {
  const there = value.cases.filter((one) => !isNullish(one.value))
  const members = there.map((one) => ({ ...one, value: memberOf(walker, one.value, name, at) }))
  if (there.length === value.cases.length) return either(members)
  if (at.isOptional)
    return either([
      ...members,
      ...value.cases.filter((one) => isNullish(one.value)).map((one) => ({ ...one, value: UNDEFINED })),
    ])
  const [first, ...others] = there
  const shared = (first?.given ?? []).filter((condition) => others.every((one) => one.given.includes(condition)))
  if (at.spot !== null) walker.learn(at.spot, shared)
  return either(members)
}

function memberOfObject(walker: Walker, value: ObjectValue, name: string | null, at: MemberAt): Value {
  if (name === null) return from(...originsOf(value))
  const own = value.properties.get(name)
  if (own !== undefined) return own
  const method = value.of === undefined ? undefined : methodOf(walker, value.of, name, value)
  if (method !== undefined) return method
  const others = value.others.map((other) => memberOf(walker, other, name, { ...at, isOptional: true }))
  return others.length === 0 ? UNDEFINED : either(others.map((other) => ({ value: other, given: [] })))
}

function anyOf(items: readonly Value[]): Value {
  return items.length === 1 ? items[0]! : from(...items.flatMap((item) => originsOf(item)))
}

/** `super.name`: looked for above the class that the method stands in, whatever class the object is of. */
export function inheritedMember(walker: Walker, self: Value, name: string | null, { scope }: Here): Value {
  const home = scope.find('super')?.initial
  const parent = home?.kind === 'class' ? walker.meanings.parentOf(home) : undefined
  if (home?.kind !== 'class' || parent === undefined || name === null) return UNKNOWN
  return memberThrough(walker, parent, name, self, [home]) ?? UNKNOWN
}

/** `below` are the classes that led here by `extends`, the object's own first. */
function methodOf(
  walker: Walker,
  of: ClassValue,
  name: string,
  self: Value,
  below: readonly ClassValue[] = [],
): Value | undefined {
  // Classes that extend each other in a ring don't run, but they are written.
  if (below.some(({ node }) => node === of.node)) return undefined
  for (const member of of.node.body.body) {
    if (member.type !== 'MethodDefinition' || member.static || memberName(member.key) !== name) continue
    const { value: node } = member
    if (node.body === null) continue
    return { kind: 'function', node, scope: of.scope, module: of.module, self, home: of, name }
  }
  const field = fieldOf(walker, of, name, below)
  if (field !== undefined) return field
  const parent = walker.meanings.parentOf(of)
  return parent === undefined ? undefined : memberThrough(walker, parent, name, self, [...below, of])
}

function memberThrough(
  walker: Walker,
  parent: Value,
  name: string,
  self: Value,
  below: readonly ClassValue[],
): Value | undefined {
  if (parent.kind === 'class') return methodOf(walker, parent, name, self, below)
  if (parent.kind !== 'library') return undefined
  return memberOf(walker, madeOf(parent, below.at(-1)), name, { isOptional: false, spot: null })
}

/** An object of a library's class: `PrismaClient`, `Repository<User>`, or what a call came to that makes classes. */
function madeOf(parent: LibraryValue, of: ClassValue | undefined): LibraryValue {
  const last = parent.path.at(-1)
  if (last === undefined || last.args !== undefined)
    return { ...parent, path: [...parent.path, { name: '', args: [] }] }
  const args = of === undefined ? [] : typeArguments(of)
  return { ...parent, path: [...parent.path.slice(0, -1), { ...last, args }] }
}

/** The classes that a class gives to the one that it extends: `extends Repository<User>`. */
function typeArguments({ node, scope }: ClassValue): Value[] {
  return (node.superTypeArguments?.params ?? []).flatMap((type) => {
    if (type.type !== 'TSTypeReference' || type.typeName.type !== 'Identifier') return []
    const value = scope.find(type.typeName.name)?.initial
    return value?.kind === 'class' ? [value] : []
  })
}

function staticMember(walker: Walker, of: ClassValue, name: string | null): Value | undefined {
  for (const member of of.node.body.body) {
    if (!('key' in member) || !('static' in member) || !member.static || memberName(member.key) !== name) continue
    if (member.type === 'MethodDefinition' && member.value.body !== null)
      return { kind: 'function', node: member.value, scope: of.scope, module: of.module, self: of, name }
    if (member.type === 'PropertyDefinition' && member.value !== null) return walker.meanings.apart(member.value, of)
  }
  return undefined
}

/** `class Post extends Model {}`: what `Post.findAll` is, the library says, which knows it by the class's name. */
function inheritedStatic(walker: Walker, of: ClassValue, name: string | null, depth = 4): Value | undefined {
  const parent = depth === 0 || name === null ? undefined : walker.meanings.parentOf(of)
  if (parent?.kind === 'class')
    return staticMember(walker, parent, name) ?? inheritedStatic(walker, parent, name, depth - 1)
  if (parent?.kind !== 'library' || parent.package === 'global') return undefined
  const model = { ...parent, path: [...parent.path, { name: of.node.id?.name ?? '*' }] }
  return memberOf(walker, model, name, { isOptional: false, spot: null })
}

function nameOfClass({ node }: ClassValue, name: string | null): Value | undefined {
  return name === 'name' && node.id !== null ? literal(node.id.name) : undefined
}
