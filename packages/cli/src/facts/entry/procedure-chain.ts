import type { LibraryValue, NativeFunction, ObjectValue, Spot, Step, Value } from '../trace/model.js'
import { propertyOf } from '../catalog/library.js'
import { passed, readInput } from '../catalog/meaning.js'
import { callValue, opaque } from '../trace/call.js'
import { object, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'
import type { ProcedureDialect } from './procedure-dialect.js'

/** A call of a procedure that was built step by step. */
export interface ProcedureCall {
  /** Everything that was said before its handler. */
  readonly built: LibraryValue
  readonly handler: Value
  /** What is known of the call before its first middleware. */
  readonly context: Value
  readonly spot: Spot
}

/**
 * Follows a procedure as it runs: its middleware in the order in which it was built, each of which goes on by `next`, then its handler. A
 * middleware that does not go on lets nothing through, so what it has found out by then is known in what follows.
 */
export function followProcedure(
  walker: Walker,
  { built, handler, context, spot }: ProcedureCall,
  dialect: ProcedureDialect,
): Value {
  const steps = stepsOf(built)
  const middleware = steps.flatMap(({ name, args }) => (MIDDLEWARE.has(name) ? (args?.slice(0, 1) ?? []) : []))
  const schemas = steps.flatMap(({ name, args }) => (dialect.schemas.includes(name) ? (args?.[0] ?? []) : []))
  // Where code of the tree calls it, what it returns is its caller's, and no answer.
  const isCalledByClient = walker.frame === null
  const { onAnswer } = walker
  // What a middleware returns is what it was given by `next`.
  if (isCalledByClient) walker.onAnswer = undefined
  const result = run(0, context)
  walker.onAnswer = onAnswer
  return result

  function run(index: number, known: Value): Value {
    const own = middleware[index]
    if (own === undefined) {
      const given = object({ [dialect.context]: known, [dialect.input]: inputOf(walker, spot, schemas, dialect) })
      const call = () => callValue(walker, handler, [given], { spot })
      return isCalledByClient ? answering(walker, call) : call()
    }
    const next: NativeFunction = {
      kind: 'native',
      name: 'next',
      call: ([handed]) => {
        const more = propertyOf(handed, dialect.context)
        return run(index + 1, more === undefined ? known : together(known, more))
      },
    }
    if (own.kind === 'function' || own.kind === 'native' || own.kind === 'either')
      return callValue(walker, own, [object({ [dialect.context]: known, next }), UNKNOWN, UNKNOWN], { spot })
    // Nobody knows what it does: it may well ask who is calling.
    opaque(walker, own, [], { spot })
    walker.isGuardUnsure = true
    return run(index + 1, known)
  }
}

/** What the handler returns is what the client gets. */
function answering(walker: Walker, call: () => Value): Value {
  const { onAnswer, handlerIn } = walker
  walker.returnsAnswers()
  walker.handlerIn = walker.frame
  const result = call()
  walker.onAnswer = onAnswer
  walker.handlerIn = handlerIn
  return result
}

const MIDDLEWARE = new Set(['use', 'useMiddleware'])

/** The steps of one builder, with those of another that was taken into it. */
function stepsOf({ path }: LibraryValue, depth = 0): readonly Step[] {
  return path.flatMap((step) => {
    const [other] = step.args ?? []
    const isTakenIn = /^(?:unstable_)?concat$/.test(step.name) && other?.kind === 'library' && depth < 4
    return isTakenIn ? stepsOf(other, depth + 1) : [step]
  })
}

/** What a client has sent, as it leaves the schemas. A function in place of a schema says nothing of what it lets through. */
function inputOf(walker: Walker, spot: Spot, schemas: readonly Value[], { part }: ProcedureDialect): Value {
  if (schemas.length === 0) return UNDEFINED
  const input = readInput(walker, spot, part)
  return schemas.every(({ kind }) => kind === 'function') ? input : passed(input)
}

/** What was known, with what was handed on: the newer is what it says, of the rest the older is. */
function together(known: Value, more: Value): Value {
  const older: ObjectValue = known.kind === 'object' ? known : { ...object({}), others: [known] }
  if (more.kind !== 'object') return { ...object({}), others: [more, older] }
  return {
    ...older,
    properties: new Map([...older.properties, ...more.properties]),
    others: [...more.others, ...older.others],
  }
}
