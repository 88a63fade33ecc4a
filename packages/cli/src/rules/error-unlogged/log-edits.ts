import type { Spot } from '../../facts/trace/model.js'
import { around, beginCatch } from '../edit.js'
import type { Edit } from '../rule.js'

/** Logs what was caught before anything else is done with it. */
export function logEdits(caught: Spot): readonly Edit[] | undefined {
  const clause = around(caught, 'CatchClause')
  return clause && beginCatch(caught.file, clause, (name) => `console.error(${name})`)
}
