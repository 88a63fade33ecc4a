import { UNKNOWN } from '../trace/value.js'
import type { Meaning } from './library.js'
import { someone } from './meaning.js'

/** What stands before a handler lets through: of Express it is called with `(req, res, next)`, of Hono with `(c, next)`. */
export const goesOn: Meaning = ({ args, spot }) => {
  const next = args.find(({ kind }) => kind === 'native')
  return next?.kind === 'native' ? next.call([], { spot }) : UNKNOWN
}

/** Refuses by itself, or sends away, whoever does not show who is calling, and lets through whoever does. */
export const guards =
  (library: string): Meaning =>
  (call) => {
    someone(call, library)
    return goesOn(call)
  }
