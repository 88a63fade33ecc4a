import type { Origin } from './model.js'
const interned = new WeakMap<object, Map<string, Origin>>()

/** The one origin that says this: so that two are equal where they are the same object. */
export function origin<O extends Origin>(said: O): O {
  const known = interned.get(said.source) ?? new Map<string, Origin>()
  interned.set(said.source, known)
  const key = `${said.from} ${said.from === 'input' ? `${said.part} ${said.validated}` : ''} ${said.name}`
  const twin = known.get(key)
  if (twin !== undefined) return twin as O
  known.set(key, said)
  return said
}

const TEST = '#is'

/** Deeper than this all is one: a circle in the code would grow a name for ever. */
const MOST_DEPTH = 6

/** Of a member of what came from there. */
export function memberOrigin(of: Origin, name: string): Origin {
  if (of.name.split('.').length > MOST_DEPTH) return of
  return origin({ ...of, name: of.name === '' ? name : `${of.name}.${name}` })
}

export function validated(of: Origin): Origin {
  return of.from === 'input' ? origin({ ...of, validated: true }) : of
}

/** What somebody has made of a row is no longer the row as it was found. */
export function madeOf(of: Origin): Origin {
  return of.from === 'row' ? memberOrigin(of, '#made') : of
}

/** What says of a row whether something is so is none of what stands in it. */
export function testOf(of: Origin): Origin {
  return of.from === 'row' ? memberOrigin(of, TEST) : of
}

export function isTest({ name }: Origin): boolean {
  return name.endsWith(TEST)
}

/** Of what stands for each item of a list of rows: the rows. */
export function allOf(of: Origin): Origin {
  return of.from === 'row' && isOneItem(of) ? origin({ ...of, name: of.name.slice(2) }) : of
}

/** One of the rows of a list, or what stands in it. */
export function isOneItem({ name }: Origin): boolean {
  return name === '*' || name.startsWith('*.')
}
