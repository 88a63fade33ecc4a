import { isReservedName } from '../http/reserved-names.js'

/** Whether a client may call a field of an action's input so: neither what makes an object another one, nor what is called. */
export function isUsableName(name: string): boolean {
  return !isReservedName(name) && !CALLED_BY_LANGUAGE.has(name)
}

/** What `await`, templates, comparisons and `JSON.stringify` call where they find it. */
const CALLED_BY_LANGUAGE: ReadonlySet<string> = new Set(['then', 'toString', 'valueOf', 'toJSON', 'toLocaleString'])
