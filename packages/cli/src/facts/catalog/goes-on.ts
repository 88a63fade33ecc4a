import { UNKNOWN } from '../trace/value.js'
import type { Meaning } from './library.js'

/** What stands before a handler lets through: of Express it is called with `(req, res, next)`, of Hono with `(c, next)`. */
export const goesOn: Meaning = ({ args, spot }) => {
  const next = args.find(({ kind }) => kind === 'native')
  return next?.kind === 'native' ? next.call([], { spot }) : UNKNOWN
}
