import { askSchema } from '../ask-schema.js'
import type { Plan } from '../plan.js'

/** What a function returns, as JSON, with only what the response slot allows. Throws where it does not fit its schema. */
export async function allowedValue(plan: Plan, value: unknown): Promise<string> {
  if (plan.response !== null) return stringify(await checked(plan.response, value))
  if (plan.columns !== null) return stringify(picked(value, plan.columns.keys))
  return stringify(value)
}

/** The same for the text of a row or a page: columns are part of the statement already. */
export async function allowedJson(plan: Plan, json: string): Promise<string> {
  return plan.response === null ? json : stringify(await checked(plan.response, JSON.parse(json)))
}

/** What a function made itself, if it is one. Throws where an action did: data is all that an action answers. */
export function responseIn(plan: Plan, value: unknown): Response | undefined {
  if (!isResponse(value)) return undefined
  if (plan.kind === 'endpoint') return value
  throw new TypeError('An action answers data, and a Response is none: an endpoint can answer one')
}

/** By its looks: hosts replace the global `Response`, and what `fetch()` gives is no instance of that. */
function isResponse(value: unknown): value is Response {
  return (
    typeof value === 'object' && value !== null && 'status' in value && 'headers' in value && 'arrayBuffer' in value
  )
}

async function checked(schema: NonNullable<Plan['response']>, value: unknown): Promise<unknown> {
  const result = await askSchema(schema, value)
  if (result.issues === undefined) return result.value
  const places = result.issues.map((issue) => `${(issue.path ?? []).map(String).join('.')}: ${issue.message}`)
  throw new Error(`What was to be answered does not fit the response schema: ${places.join('; ')}`)
}

/** A row, a list of rows, or a page of them: the allow-list is of the rows' columns. */
function picked(value: unknown, keys: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => picked(item, keys))
  if (typeof value !== 'object' || value === null) return value
  if ('data' in value && Array.isArray(value.data)) return { ...value, data: picked(value.data, keys) }
  return Object.fromEntries(
    keys.filter((key) => key in value).map((key) => [key, (value as Record<string, unknown>)[key]]),
  )
}

/** JSON has no BigInt, and a row read by plain Drizzle may hold one: it travels as text, like every key. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch {
    // Only now: a function that sees every item makes JSON three times as dear.
    return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item)) ?? 'null'
  }
}
