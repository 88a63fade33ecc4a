import type { JWTPayload } from 'jose'
import type { Principal } from '../principal.js'

/** What a verified token says: `sub`, `exp` and whatever else the issuer put there. */
export type Claims = Readonly<JWTPayload>

/** Who a token speaks for unless `principal` says otherwise: `sub`, and the roles of a claim `roles` that is a list of strings. */
export function principalOfClaims(claims: Claims): Principal | null {
  if (claims.sub === undefined) return null
  const roles = Array.isArray(claims['roles']) ? claims['roles'] : []
  return { id: claims.sub, roles: roles.every((role) => typeof role === 'string') ? roles : [], claims }
}

/**
 * NUL and half of a surrogate pair: JSON may hold them, PostgreSQL's jsonb may not, and policies read the claims as jsonb.
 * Without this a display name at the issuer would turn each of its owner's requests into an error of ours.
 */
const UNREADABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][\da-f]{2})/

/** Whether a principal can be bound to a connection: it has an id, and PostgreSQL can read its claims. */
export function isBindable(principal: Principal): boolean {
  if (typeof principal.id !== 'string' || principal.id === '') return false
  return !UNREADABLE.test(JSON.stringify([principal.id, principal.claims]))
}

/** A cached principal serves many requests: one that could be written to would carry one request's change into the next. */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}
