import { queriesOf, type QueryFact } from '../../facts/ask/guarded.js'
import { type SchemaShape, shapeOf } from '../../facts/ask/schema-shape.js'
import { wholeInputs } from '../../facts/ask/whole-inputs.js'
import type { ProjectFacts } from '../../facts/project-facts.js'
import type { InputOrigin, LibraryValue, Value } from '../../facts/trace/model.js'
import { originsOf } from '../../facts/trace/value.js'
import type { Confidence, EntryPoint, Rule } from '../rule.js'
import { undefaultEdits } from './undefault-edits.js'
import { zodMajor } from './zod-major.js'

/** What a patch leaves out is set to its default. */
export const rule: Rule = {
  title: 'What a patch leaves out is set to its default',
  severity: 'error',
  references: ['CWE-684'],
  *entry({ entry, facts, isWhole }, project) {
    for (const fact of facts) {
      if (fact.fact !== 'validation') continue
      const input = originsOf(fact.value).find(isSent)
      const shape = shapeOf(fact.schema)
      if (input === undefined || shape === undefined) continue
      const filled = filledIn(shape, fact.schema, fact.file.path, project)
      const write = queriesOf(facts).find((query) => query.does === 'update' && carries(query, input, filled))
      const confidence = confidenceOf(entry, shape, filled)
      if (write === undefined || confidence === undefined) continue
      yield {
        at: write,
        confidence: isWhole ? confidence : 'medium',
        message: `${entry.symbol} sets ${filled.join(', ')} of ${write.table ?? 'the row'} back to ${filled.length === 1 ? 'its default' : 'their defaults'} wherever the request leaves ${filled.length === 1 ? 'it' : 'them'} out`,
        fix: 'Give the schema of a patch no defaults: let what is made anew have them, or the database',
        trace: write.via,
        edits: () => undefaultEdits(fact.file, fact.node, filled),
      }
    }
  },
}

function isSent(one: { readonly from: string }): one is InputOrigin {
  return one.from === 'input' && ['body', 'argument'].includes((one as InputOrigin).part)
}

/** zod 4 fills a default in under `optional` and `partial` too; zod 3 leaves it out there. */
function filledIn(shape: SchemaShape, { package: name }: LibraryValue, file: string, project: ProjectFacts): string[] {
  const isFour = zodMajor(name, file, project) === 4
  return [...shape.fields].flatMap(([key, { fills }]) =>
    fills === 'always' || (fills === 'under-optional' && isFour) ? [key] : [],
  )
}

/** Whether what was parsed goes into the row: whole, or one of those keys of it. */
function carries({ data }: QueryFact, input: InputOrigin, keys: readonly string[]): boolean {
  if (data === null || keys.length === 0) return false
  const isIt = (one: InputOrigin) => one.source === input.source && one.name === input.name
  return (
    wholeInputs(data).some(isIt) ||
    keys.some((key) => columns(data).some(([name, value]) => name === key && isOf(value, input)))
  )
}

function columns(data: Value): readonly (readonly [string, Value])[] {
  return data.kind === 'object' ? [...data.properties] : []
}

function isOf(value: Value, input: InputOrigin): boolean {
  return originsOf(value).some((one) => one.from === 'input' && one.source === input.source)
}

/** A form that sends all of its fields leaves nothing out: only where another may be missing it is a patch. */
function confidenceOf(
  { method, symbol }: EntryPoint,
  { fields }: SchemaShape,
  filled: readonly string[],
): Confidence | undefined {
  const isPatchLike = [...fields].some(([key, { isOptional }]) => isOptional && !filled.includes(key))
  if (method === 'PATCH') return isPatchLike ? 'high' : 'medium'
  return method !== 'PUT' && isPatchLike && /update|edit|patch|change/i.test(symbol) ? 'medium' : undefined
}
