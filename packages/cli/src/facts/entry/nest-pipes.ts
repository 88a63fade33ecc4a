import { passed } from '../catalog/meaning.js'
import { propertyOf } from '../catalog/library.js'
import { NEST_PARSERS } from '../catalog/nest.js'
import { callValue } from '../trace/call.js'
import { memberOf } from '../trace/member.js'
import type { InputPart, LibraryValue, Spot, Value } from '../trace/model.js'
import { literal, object, originsOf, truthOf, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'
import { dtoOf } from './nest-dtos.js'
import { instanceOf } from './nest-guards.js'
import type { RunTimeType } from './nest-types.js'
import { superArguments } from '../trace/fields.js'

/** A value on its way through pipes, with what they are told of it. */
export interface Piped {
  readonly type: RunTimeType
  readonly part: InputPart | 'custom'
  readonly data: Value
  readonly spot: Spot
}

/** A value as it leaves a row of pipes. */
export function pipedThrough(walker: Walker, value: Value, pipes: readonly Value[], piped: Piped): Value {
  return pipes.reduce((one, pipe) => through(walker, one, pipe, piped), value)
}

function through(walker: Walker, value: Value, pipe: Value, piped: Piped): Value {
  if (pipe.kind === 'either')
    return pipe.cases.length === 0 ? value : through(walker, value, pipe.cases[0]!.value, piped)
  const said = libraryOf(walker, pipe)
  if (said === undefined) return followed(walker, value, pipe, piped)
  const { name } = said.path.find(({ args }) => args !== undefined) ?? said.path.at(-1)!
  const { args = [] } = said.path.findLast((step) => step.args !== undefined) ?? {}
  if (said.package.startsWith('@nestjs/')) {
    if (name === 'ValidationPipe') return checked(walker, value, args[0], piped)
    return NEST_PARSERS.test(name) ? passed(value) : value
  }
  if (said.package.startsWith('nestjs-zod')) return zodChecked(walker, value, args[0], piped)
  walker.isPartial = true
  return passed(value)
}

/** What a pipe is of a library's: itself, or what its class extends without a `transform` of its own. */
function libraryOf(walker: Walker, pipe: Value): LibraryValue | undefined {
  if (pipe.kind === 'library') return pipe
  const of = pipe.kind === 'class' ? pipe : pipe.kind === 'object' ? pipe.of : undefined
  if (of === undefined) return undefined
  const hasOwn = of.node.body.body.some((one) => (one as { key?: { name?: string } }).key?.name === 'transform')
  const parent = hasOwn ? undefined : walker.meanings.parentOf(of)
  if (parent?.kind !== 'library') return parent?.kind === 'class' ? libraryOf(walker, parent) : undefined
  // Whatever it is given there that can't be followed may be what makes it strict.
  const handed = superArguments(of)
  const args = handed?.map((one) => (one.type === 'SpreadElement' ? UNKNOWN : walker.meanings.apart(one, of))) ?? []
  return { ...parent, path: [...parent.path, { name: parent.path.at(-1)?.name ?? '', args }] }
}

/** A pipe of somebody's own does what its `transform` does. */
function followed(walker: Walker, value: Value, pipe: Value, { type, part, data, spot }: Piped): Value {
  const before = walker.facts.length
  const self = instanceOf(walker, pipe, spot)
  const transform = memberOf(walker, self, 'transform', { isOptional: true, spot: null })
  if (transform.kind !== 'function') {
    walker.isPartial = true
    return passed(value)
  }
  const metatype = type.is === 'class' || type.is === 'library' ? type.value : UNDEFINED
  const kind = part === 'params' ? 'param' : part
  const metadata = object({ metatype, type: literal(kind), data })
  const result = callValue(walker, transform, [value, metadata], { spot })
  const hasChecked = walker.facts.slice(before).some(({ fact }) => fact === 'validation')
  return hasChecked ? passed(result) : result
}

/** NestJS' own: it checks classes by their decorators, and takes out what they don't name where it was told to. */
function checked(walker: Walker, value: Value, options: Value | undefined, { type, part, spot }: Piped): Value {
  if (part === 'custom') return value
  const says = (name: string) => options !== undefined && (options.kind !== 'object' || isOn(options, name))
  if (type.is === 'number') return says('transform') && (part === 'query' || part === 'params') ? passed(value) : value
  if (type.is === 'library') return passed(value)
  if (type.is !== 'class') return value
  const dto = dtoOf(type.value, walker.meanings)
  if (dto.schema !== undefined) return value
  if (!dto.isChecked) return says('whitelist') ? passed(value) : value
  const isClosed = says('whitelist') || says('forbidNonWhitelisted')
  const name = isClosed || dto.isOpaque ? 'object' : 'looseObject'
  const path = [{ name, args: [object(Object.fromEntries(dto.fields))] }]
  const schema: LibraryValue = { kind: 'library', package: 'class-validator', path, origins: [] }
  walker.note(spot, { fact: 'validation', library: 'class-validator', how: 'tells', value, schema })
  return passed(value)
}

/** Of a spread that can't be seen through nobody can say that it does not. */
function isOn(options: Value & { kind: 'object' }, name: string): boolean {
  const said = propertyOf(options, name)
  return said === undefined ? options.others.length > 0 : truthOf(said) !== false
}

/** By the schema that it was made with, or by that of a class that `createZodDto` has made. */
function zodChecked(walker: Walker, value: Value, own: Value | undefined, { type, spot }: Piped): Value {
  const of = own ?? (type.is === 'class' ? type.value : undefined)
  const schema = of?.kind === 'class' ? dtoOf(of, walker.meanings).schema : of
  if (schema === undefined) return type.is === 'library' ? passed(value) : value
  if (schema.kind === 'library') walker.note(spot, { fact: 'validation', library: 'zod', how: 'tells', value, schema })
  return originsOf(value).length === 0 ? value : passed(value)
}
