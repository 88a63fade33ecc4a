import type { Spot } from '../trace/model.js'
import type { Walker } from '../trace/walker.js'

/** What somebody outside can call. */
export interface EntryPoint {
  readonly kind: 'endpoint' | 'action' | 'page'
  readonly framework: string
  /** The exported name, or the method and the path. */
  readonly symbol: string
  readonly method: string | null
  readonly path: string | null
  /** Makes an answer of errors: of all that fly out of the routes of its app, or of those that another has heard of before. */
  readonly answersErrors?: 'all' | 'passed-on'
  /** Where it is declared. */
  readonly spot: Spot
  /** Follows what a call of it does. */
  readonly follow: (walker: Walker) => void
}
