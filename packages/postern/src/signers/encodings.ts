/**
 * Bytes of hexadecimal digits in lower case, or `null` for anything else.
 *
 * **Security:** `Buffer.from(text, 'hex')` stops at the first character that it does not know and answers what it has.
 *
 * @example
 * decodeHex('00ff') // two bytes
 * decodeHex('00FF') // null
 */
export function decodeHex(text: string): Uint8Array | null {
  return /^(?:[0-9a-f]{2})+$/.test(text) ? Buffer.from(text, 'hex') : null
}

/**
 * Bytes of base64 as RFC 4648 §4 writes them, padding and all, or `null` for anything else.
 *
 * **Security:** `Buffer.from(text, 'base64')` skips what it does not know and takes bits that mean nothing, so that one
 * signature could be spelled in many ways.
 *
 * @example
 * decodeBase64('AP8=') // two bytes
 * decodeBase64('AP8') // null
 */
export function decodeBase64(text: string): Uint8Array | null {
  if (text === '') return null
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}
