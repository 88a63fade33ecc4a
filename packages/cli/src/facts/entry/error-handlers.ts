import type { FunctionValue, NativeFunction, Value } from '../trace/model.js'
import { ELYSIA_CONTEXT } from '../catalog/elysia-context.js'
import { EXPRESS_REQUEST, EXPRESS_RESPONSE } from '../catalog/express.js'
import { FASTIFY_REQUEST } from '../catalog/fastify.js'
import { HONO_CONTEXT } from '../catalog/hono.js'
import { callValue } from '../trace/call.js'
import { origin } from '../trace/origin.js'
import { from, UNDEFINED } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'
import type { EntryPoint } from './entry-point.js'
import type { ErrorHandler, Registry } from './registry.js'

/** What each framework calls what makes an answer of an error with. */
const ARGUMENTS: Record<ErrorHandler['framework'], (caught: Value, next: Value) => readonly Value[]> = {
  express: (caught, next) => [caught, EXPRESS_REQUEST, EXPRESS_RESPONSE, next],
  hono: (caught) => [caught, HONO_CONTEXT],
  fastify: (caught) => [caught, FASTIFY_REQUEST, EXPRESS_RESPONSE],
  elysia: (caught) => [{ kind: 'object', properties: new Map([['error', caught]]), others: [ELYSIA_CONTEXT] }],
}

/**
 * What makes an answer of whatever flies out of the routes of an app: each is followed once, with an error of which nothing is known,
 * however many apps are told of it.
 */
export function errorHandlers(registry: Registry): EntryPoint[] {
  const seen = new Set<object>()
  const all = registry.errorHandlers
  return all.flatMap(({ framework, handler, spot }): EntryPoint[] => {
    if (seen.has(handler.node)) return []
    seen.add(handler.node)
    const follow: EntryPoint['follow'] = (walker) => {
      // What it returns is the answer, where the framework says so.
      if (framework === 'elysia') walker.returnsAnswers(500)
      const caught = from(origin({ from: 'error', name: '', source: handler.node }))
      callValue(walker, handler, ARGUMENTS[framework](caught, nextOf(walker)), { spot })
    }
    return [
      {
        kind: 'endpoint',
        framework,
        symbol: nameOf(handler),
        method: null,
        path: null,
        answersErrors: all.every((one) => one.handler.node !== handler.node || registry.isFirst(one))
          ? 'all'
          : 'passed-on',
        spot: placeOf(handler),
        follow,
      },
    ]
  })
}

/** With an argument it hands the error to whoever comes after. */
const nextOf = (walker: Walker): NativeFunction => ({
  kind: 'native',
  name: 'next',
  call: (args, { spot }) => {
    if (args.length > 0) walker.note(spot, { fact: 'throw', value: args[0]! })
    return UNDEFINED
  },
})

const nameOf = ({ name }: FunctionValue) => name ?? 'app'

/** Where it is declared, which need not be where the app is told of it. */
const placeOf = ({ node, module }: FunctionValue) => ({ file: module.file, node })
