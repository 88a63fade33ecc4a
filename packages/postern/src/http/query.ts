import { problem } from '../problems.js'
import { isReservedName } from './reserved-names.js'
import { textRefusal } from './storable-text.js'

/**
 * The query of a URL as an object without a prototype; a repeated name is a list. Throws the problem `invalid` where there
 * are more than `most` parameters, for names that JavaScript gives a meaning, and for texts that no column can hold.
 */
export function queryOf(url: string, most: number): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null)
  const start = url.indexOf('?')
  if (start === -1) return query
  // Repeated names are gathered in one list each: a list that is copied for each name more takes quadratic time.
  let count = 0
  for (const [name, value] of new URLSearchParams(url.slice(start))) {
    if ((count += 1) > most) throw refusal('There are too many parameters')
    if (isReservedName(name)) throw refusal('There is a parameter whose name is not allowed')
    const unstorable = textRefusal(name) ?? textRefusal(value)
    if (unstorable !== null) throw refusal(unstorable, 'query.*')
    const known = query[name]
    if (known === undefined) query[name] = value
    else if (Array.isArray(known)) known.push(value)
    else query[name] = [known, value]
  }
  return query
}

function refusal(message: string, path = 'query') {
  return problem('invalid', undefined, { errors: [{ path, message }] })
}
