/** Longest token that is looked at, in characters: issuers stay under 4 KiB, and proxies refuse headers of 8 KiB. */
const LONGEST = 8192

/**
 * RFC 9110 §11.1: the scheme is case-insensitive and one or more spaces follow. RFC 7515 §3.1: three parts, none of them empty.
 * A second Authorization header arrives joined by a comma, which no token holds: nobody picks which of the two counts.
 */
const BEARER = /^bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i

/** The signed token of an `Authorization: Bearer` header, or `null` where there is none that could hold. */
export function bearerToken(headers: Headers): string | null {
  const header = headers.get('authorization')
  if (header === null || header.length > LONGEST) return null
  return BEARER.exec(header)?.[1] ?? null
}
