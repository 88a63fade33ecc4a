import { createHash, randomBytes } from 'node:crypto'
import { Secret } from 'postern/schema'

/** A new token: 256 random bits, so that guessing is hopeless and hashing it needs no salt. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What is stored of a token, and looked up: whoever tries one learns nothing from how long comparing it takes. */
export function hashOfToken(token: string): Secret<string> {
  return new Secret(createHash('sha256').update(token).digest('hex'))
}
