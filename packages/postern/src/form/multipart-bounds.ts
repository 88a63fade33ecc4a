/** The boundary that a content type names, `null` where it names none that may be one: 1 to 70 of its characters (RFC 2046 §5.1.1). */
export function boundaryOf(contentType: string): string | null {
  const named = contentType
    .split(';')
    .slice(1)
    .filter((parameter) => /^\s*boundary\s*=/i.test(parameter))
  // Two of them would be one to a proxy in front and the other to us.
  if (named.length !== 1) return null
  const value = named[0]!.slice(named[0]!.indexOf('=') + 1).trim()
  const boundary = /^"(.*)"$/.exec(value)?.[1] ?? value
  return /^[\w'()+,./:=? -]{1,70}$/.test(boundary) && !boundary.endsWith(' ') ? boundary : null
}

/** How long the headers of a part may be: a name and a file name, several times over. */
const MOST_HEADER_BYTES = 4_000

/**
 * Whether a body has at most so many parts, each with headers of a bearable length. It reads nothing of them: what is no form
 * is left to the parser, which goes from one delimiter to the next as this does.
 */
export function isBounded(bytes: Buffer, boundary: string, mostParts: number): boolean {
  const delimiter = Buffer.from(`--${boundary}`)
  let parts = 0
  let at = bytes.indexOf(delimiter)
  while (at !== -1) {
    const headers = at + delimiter.length
    // The last one ends in two more dashes.
    if (bytes.toString('latin1', headers, headers + 2) === '--') return true
    parts += 1
    const end = bytes.subarray(headers, headers + MOST_HEADER_BYTES).indexOf('\r\n\r\n')
    if (parts > mostParts || end === -1) return false
    at = bytes.indexOf(delimiter, headers + end)
  }
  return true
}
