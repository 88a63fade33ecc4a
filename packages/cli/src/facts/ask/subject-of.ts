import type { Spot } from '../trace/model.js'
import type { EntryPoint } from '../entry/entry-point.js'
import type { QueryFact } from './guarded.js'

/** A page has no name that anybody calls: a finding in it is about the function that asks. */
export function subjectOf(
  entry: EntryPoint,
  { within }: QueryFact,
): { readonly subject?: { readonly kind: 'query'; readonly symbol: string | null; readonly at: Spot } } {
  if (entry.kind !== 'page' || within === null) return {}
  return { subject: { kind: 'query', symbol: within.name, at: within } }
}
