import type { Expression, PropertyKey } from 'oxc-parser'
import type { Here } from './here.js'
import type { Walker } from './walker.js'

/** The name of a property; `null` where it is computed and not known. */
export function keyName(walker: Walker, key: PropertyKey, isComputed: boolean, here: Here): string | null {
  if (!isComputed && key.type === 'Identifier') return key.name
  if (key.type === 'PrivateIdentifier') return `#${key.name}`
  const value = walker.evaluate(key as Expression, here)
  return value.kind === 'literal' ? String(value.value) : null
}
