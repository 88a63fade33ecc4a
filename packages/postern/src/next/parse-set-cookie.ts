/** A cookie as `cookies().set()` of Next.js takes it. */
export interface CookieSet {
  name: string
  value: string
  path?: string
  domain?: string
  maxAge?: number
  expires?: Date
  httpOnly?: boolean
  secure?: boolean
  sameSite?: 'lax' | 'strict' | 'none'
  partitioned?: boolean
}

/** Reads a line of `set-cookie` (RFC 6265 §5.2, CHIPS); `undefined` for one that names nothing. Its value is decoded, because Next.js encodes it. */
export function parseSetCookie(line: string): CookieSet | undefined {
  const [pair = '', ...attributes] = line.split(';')
  const at = pair.indexOf('=')
  const name = pair.slice(0, at).trim()
  if (at < 1 || name === '') return undefined
  const cookie: CookieSet = { name, value: decoded(pair.slice(at + 1).trim()) }
  for (const attribute of attributes) {
    const [key = '', ...rest] = attribute.split('=')
    const value = rest.join('=').trim()
    switch (key.trim().toLowerCase()) {
      case 'path':
        cookie.path = value
        break
      case 'domain':
        cookie.domain = value
        break
      case 'max-age':
        if (/^-?\d+$/.test(value)) cookie.maxAge = Number(value)
        break
      case 'expires':
        if (!Number.isNaN(Date.parse(value))) cookie.expires = new Date(value)
        break
      case 'httponly':
        cookie.httpOnly = true
        break
      case 'secure':
        cookie.secure = true
        break
      case 'partitioned':
        cookie.partitioned = true
        break
      case 'samesite':
        cookie.sameSite = (['strict', 'none'] as const).find((site) => site === value.toLowerCase()) ?? 'lax'
    }
  }
  return cookie
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
