import { callValue } from '../trace/call.js'
import { memberOf } from '../trace/member.js'
import { casesOf, literal, UNKNOWN } from '../trace/value.js'
import { type Meaning, textOf } from './library.js'

/** A name that no member has: what a trap does with it, it does with any. */
const ANY = '(any member)'

/**
 * `new Proxy({} as PrismaClient, { get: (_, name) => Reflect.get(clientOf(), name) })`, which makes its client when it is first
 * asked for anything: it is what it hands on to.
 */
export const proxies: Meaning = ({ args: [target = UNKNOWN, traps], walker, spot }) => {
  const get = traps?.kind === 'object' ? traps.properties.get('get') : undefined
  if (get?.kind !== 'function') return target
  const member = callValue(walker, get, [target, literal(ANY), UNKNOWN], { spot })
  for (const { value } of casesOf(member)) {
    if (value.kind !== 'library') continue
    const at = value.path.findIndex(({ name }) => name === ANY)
    if (at > 0) return { ...value, path: value.path.slice(0, at) }
  }
  return target
}

export const reflected: Meaning = ({ args: [value = UNKNOWN, name], walker, spot }) =>
  memberOf(walker, value, textOf(name) ?? null, { isOptional: false, spot })
