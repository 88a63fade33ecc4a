import type { StandardSchemaV1 } from '@standard-schema/spec'
import { askSchema } from '../ask-schema.js'
import type { Input, RouteParams } from '../call.js'
import { isRowId } from '../database/paved/row-match.js'
import { formOf } from '../form/form-slot.js'
import { readJson } from '../http/json-body.js'
import { queryOf } from '../http/query.js'
import { shownPath } from '../http/shown-path.js'
import { unstorableIn } from '../http/storable-text.js'
import type { Limits } from '../limits.js'
import type { Plan } from '../plan.js'
import { type InputError, isProblem, problem, problemOfInput } from '../problems.js'

/**
 * Stage 2: every declared part of the input passes its schema, or nothing goes on. All that is wrong is told at once.
 * Throws the problems `invalid`, `unsupported-media-type` and `too-large`.
 */
export async function validate(
  request: Request,
  params: RouteParams,
  plan: Plan,
  maxBodyBytes: number,
  limits: Limits,
): Promise<Input> {
  const { schemas } = plan
  const judging = new Judging()
  const { errors } = judging
  if (schemas.params !== undefined) {
    const unstorable = unstorableIn('params', params)
    if (unstorable.length > 0) errors.push(...unstorable)
    else await judging.judge('params', schemas.params, { ...params })
  }
  if (schemas.query !== undefined) {
    const query = await readable(errors, async () => queryOf(request.url, limits.queryParameters))
    if (query !== undefined) await judging.judge('query', schemas.query, query.value)
  }
  if (schemas.body !== undefined) {
    const { body: schema } = schemas
    const read = () => formOf(schema)?.read(request, maxBodyBytes) ?? readJson(request, maxBodyBytes, limits)
    const body = await readable(errors, read)
    if (body !== undefined) await judging.judge('body', schemas.body, body.value)
  }
  return judging.passed()
}

/** The parts of an input as they pass, and all that is wrong with them. */
export class Judging {
  readonly errors: InputError[] = []
  readonly #input: Input = {}

  async judge(part: keyof Input, schema: StandardSchemaV1, value: unknown): Promise<void> {
    const result = await askSchema(schema, value)
    if (result.issues === undefined) this.#input[part] = result.value
    else this.errors.push(...result.issues.map((issue) => inputError(part, issue)))
  }

  /** The input, if all of it has passed. Throws the problem `invalid`. */
  passed(): Input {
    const { errors } = this
    if (errors.length > 0) throw problemOfInput(errors.slice(0, MOST_ERRORS))
    return this.#input
  }
}

/** The organization that a client says it works in. Throws the problem `invalid` for what can't be the id of one. */
export function organizationNamed(request: Request): string | undefined {
  const named = request.headers.get('x-organization-id')
  if (named === null || isRowId(named)) return named ?? undefined
  const errors = [{ path: 'headers.x-organization-id', message: 'Give the id of an organization' }]
  throw problem('invalid', undefined, { errors })
}

/** A body of a hundred thousand wrong items is told of its first mistakes, not of all. */
const MOST_ERRORS = 50

/** A body that is not JSON is one more error beside those of the query; one that can't be read at all ends it here. */
async function readable<T>(errors: InputError[], read: () => Promise<T>): Promise<{ value: T } | undefined> {
  try {
    return { value: await read() }
  } catch (error) {
    if (!isProblem(error) || error.errors === undefined) throw error
    errors.push(...error.errors)
    return undefined
  }
}

/** **Security:** an error never echoes the input. Schemas write the values they expect, but zod names unknown keys. */
function inputError(part: string, issue: StandardSchemaV1.Issue): InputError {
  const keys = (issue.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment))
  const isUnknownKey = 'code' in issue && issue.code === 'unrecognized_keys'
  const message = isUnknownKey ? 'There is a field here that is not known' : issue.message
  return { path: shownPath(part, keys), message }
}
