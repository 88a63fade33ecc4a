import { callValue } from '../trace/call.js'
import type { Step, Value } from '../trace/model.js'
import { type Library, type Meaning, textOf } from './library.js'

/** What was put into each `Map`, by the call that made it. */
const contents = new WeakMap<Step, Map<string, Value>>()

/** A module keeps its clients in one between two evaluations, by names that are written out. Nothing else in it is followed. */
const set: Meaning = ({ value: { path }, args: [key, held] }) => {
  const name = textOf(key)
  const made = path[0]!
  if (name !== undefined && held !== undefined)
    contents.set(made, new Map([...(contents.get(made) ?? []), [name, held]]))
  return undefined
}

const get: Meaning = ({ value: { path }, args: [key] }) => {
  const name = textOf(key)
  return name === undefined ? undefined : contents.get(path[0]!)?.get(name)
}

export const mapCalls: NonNullable<Library['calls']> = { 'Map().set()': set, 'Map().get()': get }

/** `remember('prisma', () => new PrismaClient())`. */
export const remember: Library = {
  packages: ['@epic-web/remember'],
  calls: {
    'remember()': ({ walker, spot, args: [, make] }) =>
      make === undefined ? undefined : callValue(walker, make, [], { spot }),
  },
}
