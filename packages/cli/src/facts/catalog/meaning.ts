import { appOf, type ErrorHandler } from '../entry/registry.js'
import type { Condition, InputPart, Origin, Value } from '../trace/model.js'
import { origin, validated } from '../trace/origin.js'
import { either, from, NULL, originsOf } from '../trace/value.js'
import type { LibraryCall, Walker } from '../trace/walker.js'
import type { Library, Meaning } from './library.js'

/** Somebody, or nobody: what a library of sessions answers when it is asked who is calling. */
export function maybeSomeone(
  call: Pick<LibraryCall, 'spot' | 'walker'>,
  library: string,
  shape: (who: Value) => Value = (who) => who,
): Value {
  const { who, authenticated } = lookUp(call, library)
  return either([
    { value: shape(who), given: [authenticated] },
    { value: NULL, given: [] },
  ])
}

/** Somebody: where nobody is signed in, what was called throws or redirects. */
export function someone(
  call: Pick<LibraryCall, 'spot' | 'walker'>,
  library: string,
  shape: (who: Value) => Value = (who) => who,
): Value {
  const { who, authenticated } = lookUp(call, library)
  call.walker.learn(call.spot, [authenticated])
  return shape(who)
}

/** One look-up of who is calling. */
export function lookUp(
  { walker, spot }: Pick<LibraryCall, 'spot' | 'walker'>,
  library: string,
): { who: Value; authenticated: Condition } {
  const source = walker.note(spot, { fact: 'identity', library })
  return {
    who: from(origin({ from: 'principal', name: '', source })),
    authenticated: { is: 'authenticated', by: source },
  }
}

/** What the client sent, as it is read. */
export function readInput(walker: Walker, spot: LibraryCall['spot'], part: InputPart, name = ''): Value {
  const read = origin({ from: 'input', part, name, source: walker.sourceOf(part), validated: false })
  walker.note(spot, { fact: 'input', origin: read })
  return from(read)
}

/** A part of the request that a framework has read already: `request.body`. */
export const partOf =
  (part: InputPart): NonNullable<Library['members']>[string] =>
  (_, walker) =>
    from(
      origin({
        from: 'input',
        part,
        name: '',
        source: walker.sourceOf(part),
        validated: walker.isValidated.has(part),
      }),
    )

/** Whatever is called like a caller may be one, or nobody. */
export function looksLikeCaller(name: string): boolean {
  return /user|session|auth|account|member|viewer|identity|principal/i.test(name)
}

/** What a schema has passed. */
export function passed(value: Value): Value {
  switch (value.kind) {
    case 'object':
      return {
        ...value,
        properties: new Map([...value.properties].map(([name, inner]) => [name, passed(inner)])),
        others: value.others.map(passed),
      }
    case 'list':
      return { ...value, items: value.items.map(passed) }
    case 'either':
      return either(value.cases.map((one) => ({ ...one, value: passed(one.value) })))
    case 'unknown':
      return from(...value.origins.map(validated))
    case 'literal':
    case 'function':
    case 'class':
      return value
    // The environment is what it was.
    case 'library':
      return value.package === 'global' ? value : from(...value.origins.map(validated))
    default:
      return from(...originsOf(value).map(validated))
  }
}

/** The sources of what is in a value, as far as the client sent it. */
export function inputsIn(value: Value): Origin[] {
  return originsOf(value).filter((one) => one.from === 'input')
}

/** A call that goes to somebody else. */
export function outside(library: string): Meaning {
  return ({ walker, spot, step, args }) => {
    walker.note(spot, { fact: 'outside', library, name: step.name, args })
    return undefined
  }
}

/** A call that ends the path it is on. */
export function ends(name: string): Meaning {
  return ({ walker, spot }) => {
    walker.note(spot, { fact: 'steer', name })
    if (walker.inCatch !== null) walker.inCatch.throwsOn = true
    walker.leave()
    return undefined
  }
}

/** A call that answers one of the things it was given. */
export function passesOn(index = 0): Meaning {
  return ({ args }) => args[index] ?? from()
}

/** What an app is told to make an answer of errors with. */
export const handlesErrors =
  (framework: ErrorHandler['framework']): Meaning =>
  ({ value, args, spot, walker }) => {
    for (const handler of args)
      if (handler.kind === 'function')
        walker.meanings.registry.errorHandlers.push({ framework, handler, app: value, spot })
    return appOf(value)
  }
