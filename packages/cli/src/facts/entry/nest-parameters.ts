import type { Decorator, ParamPattern } from 'oxc-parser'
import { EXPRESS_RESPONSE } from '../catalog/express.js'
import { textOf } from '../catalog/library.js'
import { passed, readInput } from '../catalog/meaning.js'
import { NEST_FILES, NEST_PARTS } from '../catalog/nest.js'
import { callValue } from '../trace/call.js'
import { memberOf } from '../trace/member.js'
import type { Spot, Value } from '../trace/model.js'
import { literal, object, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'
import { decoratorsOf, isNests, type Told } from './decorators.js'
import type { NestRoute } from './nest-route.js'
import { type Piped, pipedThrough } from './nest-pipes.js'
import { typeOf } from './nest-types.js'

/** What the method of a route is called with: parts of the request as its pipes leave them, by the decorators of its parameters. */
export function nestArguments(walker: Walker, route: NestRoute, context: Value): Value[] {
  const { app, ofClass, ofMethod, home, member } = route
  const around = [...app.pipes, ...pipesOf(ofClass), ...pipesOf(ofMethod)]
  return member.value.params.map((param) => {
    const said = decoratorsOf(decoratorsIn(param), home, walker.meanings)
    const spot = { file: home.module.file, node: param }
    const [first] = said
    if (first === undefined) return UNKNOWN
    const read = readBy(walker, first, context, spot)
    if (read === undefined) return UNKNOWN
    const { value, part, name, pipes } = read
    if (part === undefined) return value
    const type = typeOf(param, home)
    const data = name === undefined ? UNDEFINED : literal(name)
    return pipedThrough(walker, value, [...around, ...pipes], { type, part, data, spot })
  })
}

function decoratorsIn(param: ParamPattern): readonly Decorator[] {
  if (!('decorators' in param)) return []
  const own = param.decorators ?? []
  return own.length > 0 || param.type !== 'AssignmentPattern' ? own : decoratorsIn(param.left)
}

function pipesOf(said: readonly Told[]): Value[] {
  return said.filter((one) => isNests(one, 'UsePipes')).flatMap(({ args }) => args)
}

interface Read {
  readonly value: Value
  /** What pipes are told that it is; nothing where no pipe sees it. */
  readonly part?: Piped['part']
  readonly name?: string
  readonly pipes: readonly Value[]
}

function readBy(
  walker: Walker,
  { package: from, name, args, value }: Told,
  context: Value,
  spot: Spot,
): Read | undefined {
  const maker = value.path.find((step) => step.name === 'createParamDecorator')
  if (maker !== undefined && from.startsWith('@nestjs/')) {
    const given = value.path.at(-1) === maker ? [] : (value.path.at(-1)?.args ?? [])
    const [data = UNDEFINED, ...pipes] = given
    const made = maker.args?.[0] ?? UNKNOWN
    return { value: callValue(walker, made, [data, context], { spot }), pipes, part: 'custom' }
  }
  if (!from.startsWith('@nestjs/')) {
    // Of a package that nobody has described: it may be whoever is calling.
    walker.isPartial = true
    return undefined
  }
  const part = NEST_PARTS[name]
  if (part !== undefined) {
    const key = textOf(args[0])
    const pipes = args.slice(key === undefined ? 0 : 1).filter(({ kind }) => kind !== 'object' || part !== 'argument')
    return { value: readInput(walker, spot, part, key ?? ''), part, pipes, ...(key === undefined ? {} : { name: key }) }
  }
  if (NEST_FILES.has(name)) return { value: passed(readInput(walker, spot, 'body', 'file')), pipes: [] }
  const request = walker.handed === null ? UNKNOWN : walker.state.get(walker.handed)
  switch (name) {
    case 'Req':
    case 'Request':
      return { value: request, pipes: [] }
    case 'Res':
    case 'Response':
      return { value: EXPRESS_RESPONSE, pipes: [] }
    case 'Session':
      return { value: memberOf(walker, request, 'session', { isOptional: true, spot }), pipes: [] }
    case 'Context':
      return { value: object({ req: request, request }), pipes: [] }
    default:
      return { value: UNKNOWN, pipes: [] }
  }
}
