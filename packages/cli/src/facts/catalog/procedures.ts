import type { LibraryValue } from '../trace/model.js'
import type { ProcedureDialect } from '../entry/procedure-dialect.js'
import type { Library, Meaning } from './library.js'

/** What only makes a builder of procedures longer: its steps are followed when a procedure is. */
const builds: Meaning = ({ value }) => value

const STEPS =
  'use input output meta metadata errors route context $context schema inputSchema outputSchema bindArgsSchemas concat unstable_concat'.split(
    ' ',
  )

/** The steps of builders, and of those that are more `also`. */
export function building(...also: readonly string[]): NonNullable<Library['calls']> {
  return Object.fromEntries([...STEPS, ...also].map((name) => [`**.${name}()`, builds]))
}

/** A procedure is there to be called once it has its handler. */
export function serves(dialect: ProcedureDialect, method: string): Meaning {
  return ({ value, args, spot, walker }) => {
    const handler = args.findLast(({ kind }) => kind === 'function')
    if (handler === undefined) return undefined
    const built: LibraryValue = { ...value, path: value.path.slice(0, -1) }
    walker.meanings.registry.procedures.push({ built, handler, spot, dialect, method })
    return value
  }
}

/** `t.middleware(fn)`: the function itself, which a builder is told to use. */
export const middleware: Meaning = ({ args: [own] }) => own
