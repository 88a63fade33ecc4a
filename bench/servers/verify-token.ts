import { createHmac, timingSafeEqual } from 'node:crypto'
import { AUDIENCE, ISSUER, SECRET } from '../world.js'

interface Claims {
  readonly sub: string
  readonly iss: string
  readonly aud: string
  readonly exp: number
}

const KEPT = 1000
const known = new Map<string, Claims>()

/** Who calls, by a token that is signed with HS256 (RFC 7515), or `null`. A token seen before costs a look at its end. */
export function callerOf(authorization: string | undefined): string | null {
  if (authorization === undefined || !authorization.startsWith('Bearer ')) return null
  const token = authorization.slice(7)
  const claims = known.get(token) ?? verified(token)
  if (claims === null || claims.exp * 1000 <= Date.now()) return null
  if (known.size >= KEPT) known.clear()
  known.set(token, claims)
  return claims.sub
}

function verified(token: string): Claims | null {
  const [header = '', payload = '', signature = '', ...more] = token.split('.')
  if (more.length > 0) return null
  const expected = createHmac('sha256', SECRET).update(`${header}.${payload}`).digest()
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  if (JSON.parse(Buffer.from(header, 'base64url').toString()).alg !== 'HS256') return null
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims
  return claims.iss === ISSUER && claims.aud === AUDIENCE ? claims : null
}
