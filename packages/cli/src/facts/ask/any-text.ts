import type { Fact, InputOrigin, LibraryValue, Value } from '../trace/model.js'
import { originsOf } from '../trace/value.js'
import { propertyOf, textOf } from '../catalog/library.js'

/**
 * Whether every schema that an input has passed lets any text through at its place. A schema that narrows it, and one that could not be
 * read there, is none of these.
 */
export function isAnyText(input: InputOrigin, facts: readonly Fact[]): boolean {
  const schemas = facts.flatMap((fact) =>
    fact.fact === 'validation' ? originsOf(fact.value).flatMap((one) => partOf(fact.schema, one, input)) : [],
  )
  return schemas.length > 0 && schemas.every((schema) => schema !== undefined && isText(schema))
}

type Read = ReturnType<typeof originsOf>[number]

/** What a schema says of the input, where it was asked about it, or about what it is in. */
function partOf(schema: Value, asked: Read, input: InputOrigin): (Value | undefined)[] {
  if (asked.from !== 'input' || asked.source !== input.source) return []
  const isIn = asked.name === '' || asked.name === input.name || input.name.startsWith(`${asked.name}.`)
  if (!isIn) return []
  const rest = input.name.slice(asked.name.length).split('.')
  return [rest.filter((name) => name !== '').reduce<Value | undefined>(fieldOf, schema)]
}

/** The steps after which the fields of an object are what they were. */
const OBJECT =
  /^(?:type|object|strictObject|looseObject|Object|extend|safeExtend|keys|partial|pick|required|strict|passthrough|strip|loose|noUnknown|describe|meta|brand|readonly)$/

function fieldOf(schema: Value | undefined, name: string): Value | undefined {
  if (schema?.kind !== 'library') return undefined
  const steps = stepsOf(schema)
  if (name === '*' || /^\d+$/.test(name)) return steps[0]?.name.toLowerCase() === 'array' ? steps[0].args[0] : undefined
  if (!steps.every((step) => OBJECT.test(step.name))) return undefined
  return steps.map(({ args: [said] }) => propertyOf(said, name)).findLast((one) => one !== undefined)
}

/** The steps of a schema that were called. */
function stepsOf({ path }: LibraryValue) {
  return path.flatMap(({ name, args }) => (args === undefined ? [] : [{ name, args }]))
}

/** An address of mail may hold a quote. */
const TEXT = /^(?:string|String|email)$/

/** What leaves a text any text: how long it is, whether it is there, how it is called. */
const PLAIN =
  /^(?:min|max|length|size|minLength|maxLength|nonempty|nonEmpty|trim|toLowerCase|toUpperCase|lowercase|uppercase|optional|nullable|nullish|notNull|defined|required|default|describe|meta|label|brand|readonly|pipe|Optional)$/

/** A text that is narrowed by nothing. What says its pattern among its options is not looked into. */
function isText(schema: Value): boolean {
  // So arktype writes it.
  if (textOf(schema) === 'string') return true
  const steps = schema.kind === 'library' ? deepSteps(schema) : []
  return (
    steps.some(({ name }) => TEXT.test(name)) &&
    steps.every(
      ({ name, args }) =>
        PLAIN.test(name) || (TEXT.test(name) && !args.some((arg) => NARROWS.some((key) => propertyOf(arg, key)))),
    )
  )
}

const NARROWS = ['pattern', 'format', 'enum', 'const']

/** With those of the schemas that it was made of: `pipe(string(), maxLength(9))`. */
function deepSteps(schema: LibraryValue, depth = 4): ReturnType<typeof stepsOf> {
  return stepsOf(schema).flatMap((step) => [
    step,
    ...(depth === 0 ? [] : step.args.flatMap((arg) => (arg.kind === 'library' ? deepSteps(arg, depth - 1) : []))),
  ])
}
