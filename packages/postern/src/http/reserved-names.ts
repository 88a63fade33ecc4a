/**
 * Names that JavaScript gives a meaning. As the name of a field from a client they have none: code that copies a field of
 * that name into an object changes what the object is (prototype pollution), and no form or API calls a field so.
 */
export function isReservedName(name: string): boolean {
  return name === '__proto__' || name === 'constructor' || name === 'prototype'
}
