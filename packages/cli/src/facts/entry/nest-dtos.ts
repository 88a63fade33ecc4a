import type { Decorator } from 'oxc-parser'
import type { ClassValue, LibraryValue, Value } from '../trace/model.js'
import { library } from '../trace/value.js'
import type { Meanings } from '../trace/walker.js'
import { memberName } from '../trace/fields.js'

/** What a class says of the values that it describes. */
export interface Dto {
  /** Its fields, each as a schema that says whether it may be missing and what it is then. */
  readonly fields: ReadonlyMap<string, LibraryValue>
  /** Whether any field has a decorator that checks. */
  readonly isChecked: boolean
  /** Whether it extends something whose fields are not known. */
  readonly isOpaque: boolean
  /** What `createZodDto` was given. */
  readonly schema?: Value
}

/** Decorators of these describe a field and check nothing of it. */
const DESCRIBES = /^@nestjs\/|^class-transformer|^typeorm$|^@mikro-orm\/|^type-graphql$|^@automapper\//

const known = new WeakMap<object, Dto>()

export function dtoOf(of: ClassValue, meanings: Meanings, depth = 6): Dto {
  const before = known.get(of.node)
  if (before !== undefined) return before
  const found = readDto(of, meanings, depth)
  known.set(of.node, found)
  return found
}

function readDto(of: ClassValue, meanings: Meanings, depth: number): Dto {
  const above = depth === 0 ? NOTHING : aboveOf(meanings.parentOf(of), meanings, depth)
  const fields = new Map(above.fields)
  let { isChecked } = above
  for (const member of of.node.body.body) {
    if (member.type !== 'PropertyDefinition' || member.static) continue
    const name = memberName(member.key)
    const checks = member.decorators.filter((one) => !describes(one, of))
    isChecked ||= checks.length > 0
    if (name !== undefined && checks.length > 0)
      fields.set(name, fieldOf(member.value !== null, member.optional || checks.some(isOptional)))
  }
  return { ...above, fields, isChecked }
}

const NOTHING: Dto = { fields: new Map(), isChecked: false, isOpaque: false }

/** The fields that a class has from the one above it, and from what `PartialType` and its like make of others. */
function aboveOf(parent: Value | undefined, meanings: Meanings, depth: number): Dto {
  if (parent === undefined) return NOTHING
  if (parent.kind === 'class') return dtoOf(parent, meanings, depth - 1)
  const step = parent.kind === 'library' ? parent.path.findLast(({ args }) => args !== undefined) : undefined
  if (step?.args === undefined) return { ...NOTHING, isChecked: true, isOpaque: true }
  if (step.name === 'createZodDto')
    return { ...NOTHING, isChecked: true, ...(step.args[0] && { schema: step.args[0] }) }
  const made = step.args.flatMap((one) => (one.kind === 'class' ? [dtoOf(one, meanings, depth - 1)] : []))
  const names =
    step.args[1]?.kind === 'list'
      ? step.args[1].items.flatMap((one) => (one.kind === 'literal' ? [String(one.value)] : []))
      : []
  const all = made.flatMap(({ fields }) => [...fields])
  const isKept = ([name]: readonly [string, unknown]) =>
    step.name === 'PickType' ? names.includes(name) : step.name !== 'OmitType' || !names.includes(name)
  const kept = all
    .filter(isKept)
    .map(([name, field]) => [name, step.name === 'PartialType' ? withStep(field, 'optional') : field] as const)
  return {
    fields: new Map(kept),
    isChecked: made.length === 0 || made.some(({ isChecked }) => isChecked),
    isOpaque: made.length === 0 || made.some(({ isOpaque }) => isOpaque),
  }
}

function describes({ expression }: Decorator, { scope }: ClassValue): boolean {
  const callee = expression.type === 'CallExpression' ? expression.callee : expression
  const value = callee.type === 'Identifier' ? scope.find(callee.name)?.initial : undefined
  return value?.kind === 'library' && DESCRIBES.test(value.package)
}

function isOptional({ expression }: Decorator): boolean {
  const callee = expression.type === 'CallExpression' ? expression.callee : expression
  return callee.type === 'Identifier' && callee.name === 'IsOptional'
}

/** A value that the class itself puts there is what a missing one becomes. */
function fieldOf(isFilled: boolean, mayBeMissing: boolean): LibraryValue {
  const plain = library('class-validator', 'field')
  return isFilled ? withStep(plain, 'default') : mayBeMissing ? withStep(plain, 'optional') : plain
}

function withStep(value: LibraryValue, name: string): LibraryValue {
  return { ...value, path: [...value.path, { name, args: [] }] }
}
