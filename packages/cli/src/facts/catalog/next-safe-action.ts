import { followProcedure } from '../entry/procedure-chain.js'
import { SAFE_ACTION } from '../entry/procedure-dialect.js'
import { object, UNKNOWN } from '../trace/value.js'
import type { Library, Meaning } from './library.js'
import { building, middleware } from './procedures.js'

/** An action is called as it was made: what its client was told to use comes first. */
const action: Meaning = ({ value, walker, spot }) => {
  const made = value.path.findLastIndex(({ name }) => name === 'action' || name === 'stateAction')
  const handler = value.path[made]?.args?.[0] ?? UNKNOWN
  const built = { ...value, path: value.path.slice(0, made) }
  return followProcedure(walker, { built, handler, context: object({}), spot }, SAFE_ACTION)
}

export const nextSafeAction: Library = {
  packages: ['next-safe-action'],
  calls: {
    ...building('action', 'stateAction'),
    'createMiddleware().define()': middleware,
    '**.action().()': action,
    '**.stateAction().()': action,
  },
}
