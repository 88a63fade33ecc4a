import type { InputError } from '../problems.js'

/**
 * Why no column can hold a text, in words for the client, or `null`.
 *
 * **Security:** half of a surrogate pair is no character, so encoding puts U+FFFD in its place: what was answered with 201 would
 * not be what is stored, two keys would become one, and what was checked would not be what is compared. PostgreSQL's text
 * holds no NUL, and what reads C strings takes what stands before it for the whole.
 *
 * Source: RFC 8259 §8.2; RFC 7493 §2.1; PostgreSQL, "Character Types".
 */
export function textRefusal(text: string): string | null {
  if (text.includes('\0')) return 'There is a NUL here, which no text may hold'
  return /\p{Surrogate}/u.test(text) ? 'There is half of a character here' : null
}

/**
 * Where in a value of JSON texts stand, and names of fields, that no column can hold: the first of them. Without recursion,
 * as how deep a value nests is for the limits to say.
 *
 * **Security:** no schema has passed the names yet, so they are the client's own, and an error never echoes the input: of a
 * list it is told at which place, of an object that it is in there (`body.*.3.*`).
 */
export function unstorableIn(part: string, value: unknown): InputError[] {
  const errors: InputError[] = []
  const judge = (text: string, place: Place) => {
    const message = textRefusal(text)
    if (message !== null) errors.push({ path: [part, ...stepsTo(place)].join('.'), message })
  }
  const open: Place[] = [{ value, key: '', outer: undefined }]
  for (let place = open.pop(); place !== undefined && errors.length < MOST; place = open.pop()) {
    const { value: one } = place
    if (typeof one === 'string') judge(one, place)
    if (typeof one !== 'object' || one === null) continue
    const outer = place
    const inner = Object.entries(one).map(([key, each]): Place => ({ value: each, key, outer }))
    if (!Array.isArray(one)) for (const field of inner) judge(field.key, field)
    // The last of the stack is the next: so they are told in the order in which they were sent.
    for (const field of inner.toReversed()) open.push(field)
  }
  return errors
}

/** More than an answer tells. */
const MOST = 50

interface Place {
  readonly value: unknown
  readonly key: string
  /** Absent for the whole value. */
  readonly outer: Place | undefined
}

function stepsTo(place: Place): string[] {
  const steps: string[] = []
  for (let at = place; at.outer !== undefined; at = at.outer) steps.push(Array.isArray(at.outer.value) ? at.key : '*')
  return steps.toReversed()
}
