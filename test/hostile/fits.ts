/**
 * What the schemas of the target allow, said once more by hand: a schema that lets too much through must not be what says
 * that all is well.
 */
export function fitsStrict(value: unknown): boolean {
  if (!isObject(value)) return false
  const { title, count, tags, ...rest } = value
  if (Object.keys(rest).length > 0 || !isText(title, 40)) return false
  if (count !== undefined && !(Number.isInteger(count) && Number(count) >= 0 && Number(count) <= 1000)) return false
  return tags === undefined || (Array.isArray(tags) && tags.length <= 5 && tags.every((tag) => isText(tag, 10)))
}

export function fitsParams(value: unknown): boolean {
  if (!isObject(value)) return false
  return ['day', 'week'].includes(String(value['kind'])) && /^\d{1,3}$/.test(String(value['number']))
}

/** Within the limits, and of no other kind than JSON has: whatever the schema, a function gets nothing else. */
export function isHarmless(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth >= 32) return false
  if (Array.isArray(value)) return value.length <= 10_000 && value.every((item) => isHarmless(item, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null && !(value instanceof Date)) return false
  const keys = Object.keys(value)
  if (keys.length > 1_000 || keys.some((key) => RESERVED.includes(key))) return false
  return Object.values(value).every((item) => isHarmless(item, depth + 1))
}

const RESERVED = ['__proto__', 'constructor', 'prototype']

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown, longest: number): boolean {
  return typeof value === 'string' && value.length <= longest
}
