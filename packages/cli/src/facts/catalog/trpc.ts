import type { LibraryValue } from '../trace/model.js'
import { TRPC } from '../entry/procedure-dialect.js'
import { UNKNOWN } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'
import type { Library } from './library.js'
import { looksLikeCaller, maybeSomeone } from './meaning.js'
import { building, middleware, serves } from './procedures.js'

export const trpc: Library = {
  packages: ['@trpc/server', '@trpc/server/adapters/'],
  calls: {
    ...building(),
    '**.middleware()': middleware,
    '**.query()': serves(TRPC, 'GET'),
    '**.subscription()': serves(TRPC, 'GET'),
    '**.mutation()': serves(TRPC, 'POST'),
  },
}

/** The context of a call of which nobody found what makes it. */
export const TRPC_CONTEXT: LibraryValue = {
  kind: 'library',
  package: 'trpc/context',
  path: [{ name: 'ctx' }],
  origins: [],
}

const kept = ({ path }: LibraryValue, walker: Walker) =>
  walker.here !== null && looksLikeCaller(path.at(-1)!.name)
    ? maybeSomeone({ walker, spot: walker.here }, 'trpc')
    : UNKNOWN

export const trpcContext: Library = { packages: ['trpc/context'], members: { 'ctx.*': kept } }
