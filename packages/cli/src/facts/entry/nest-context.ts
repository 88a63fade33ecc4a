import { EXPRESS_REQUEST, EXPRESS_RESPONSE } from '../catalog/express.js'
import { metadataKey } from '../catalog/nest.js'
import type { ObjectValue, Value } from '../trace/model.js'
import { Variable } from '../trace/scope.js'
import { literal, object, UNKNOWN } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'
import type { Told } from './decorators.js'

/**
 * What guards, interceptors, filters and decorators of parameters are handed: the request, which is one for all of them, and what
 * decorators have said of the route and of its class.
 */
export function nestContext(walker: Walker, ofMethod: readonly Told[], ofClass: readonly Told[]): ObjectValue {
  walker.handed ??= new Variable(EXPRESS_REQUEST)
  const { handed } = walker
  const request = () => walker.state.get(handed)
  const http = object({
    getRequest: gives(request),
    getResponse: gives(() => EXPRESS_RESPONSE),
    getNext: gives(() => UNKNOWN),
  })
  const list = (): Value => ({ kind: 'list', items: [request(), EXPRESS_RESPONSE, UNKNOWN], isWhole: false })
  return object({
    switchToHttp: gives(() => http),
    getHandler: gives(() => metadataOf(ofMethod)),
    getClass: gives(() => metadataOf(ofClass)),
    getType: gives(() => literal('http')),
    getArgs: gives(list),
    getArgByIndex: gives(() => UNKNOWN),
  })
}

function gives(give: () => Value): Value {
  return { kind: 'native', name: 'get', call: give }
}

/** What `SetMetadata` and `Reflector.createDecorator` keep, by its key. */
function metadataOf(said: readonly Told[]): ObjectValue {
  const properties = new Map<string, Value>()
  for (const { name, args, value, package: from } of said) {
    if (name === 'SetMetadata' && from.startsWith('@nestjs/')) {
      const key = metadataKey(args[0])
      if (key !== undefined) properties.set(key, args[1] ?? UNKNOWN)
    } else if (name === 'createDecorator') {
      const key = metadataKey(value)
      if (key !== undefined) properties.set(key, value.path.at(-1)?.args?.[0] ?? UNKNOWN)
    }
  }
  return { kind: 'object', properties, others: [] }
}
