import { problem } from '../problems.js'
import { isReservedName } from './reserved-names.js'
import { textRefusal } from './storable-text.js'

/** What a form holds, by the names of its fields. */
export type FormEntries = ReadonlyMap<string, readonly (string | File)[]>

/** What a form may hold. */
export interface FormBounds {
  /** For everything that is no file, the names of fields too, in bytes. */
  readonly maxBytes: number
  /** For one file of each field that has files, in bytes. */
  readonly largest: ReadonlyMap<string, number>
}

/** How many parts a form may have, texts and files together. */
export const MOST_PARTS = 100

/**
 * Gathers the parts of a form by their names. Throws the problems `invalid` and `too-large`.
 * @param part what the form stands for: a body, or an action's input
 */
export function formEntries(
  pairs: Iterable<readonly [string, string | File]>,
  bounds: FormBounds,
  part = 'body',
): FormEntries {
  const entries = new Map<string, (string | File)[]>()
  let texts = 0
  for (const [name, value] of pairs) {
    if (isReservedName(name)) throw malformedForm('There is a field here whose name is not allowed', part)
    const unstorable = textRefusal(name) ?? (typeof value === 'string' ? textRefusal(value) : null)
    if (unstorable !== null) throw malformedForm(unstorable, `${part}.*`)
    const most = bounds.largest.get(name)
    if (typeof value !== 'string' && most !== undefined && value.size > most) {
      throw problem('too-large', `${name} takes files of at most ${most} bytes`)
    }
    // The room that files have is theirs: no text may fill it.
    texts += Buffer.byteLength(name) + (typeof value === 'string' ? Buffer.byteLength(value) : 0)
    if (texts > bounds.maxBytes) throw problem('too-large')
    entries.set(name, [...(entries.get(name) ?? []), value])
  }
  return entries
}

/** @param path what the form stands for: a body, or an action's input */
export function malformedForm(message: string, path = 'body') {
  return problem('invalid', undefined, { errors: [{ path, message }] })
}
