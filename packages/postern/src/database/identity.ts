import type { Principal } from '../principal.js'
import { isRowId } from './paved/row-match.js'

/** As whom PostgreSQL runs a statement: one of its three roles, and the claims that policies read. */
export interface Identity {
  readonly role: 'anon' | 'authenticated' | 'service_role'
  /** `request.jwt.claims`: JSON. */
  readonly claims: string
  /** `request.jwt.claim.sub`: what owner columns are compared with. Empty for nobody and for the service. */
  readonly sub: string
  /** The organization that the caller works in: where a new row of an organization goes. */
  readonly organization?: string | undefined
}

const NOBODY: Identity = { role: 'anon', claims: '{"role":"anon"}', sub: '' }

/** The backend itself, acting for nobody. */
export const SERVICE: Identity = { role: 'service_role', claims: '{"role":"service_role"}', sub: '' }

/**
 * The names are Supabase's and PostgREST's, so that the same policies hold there unchanged. An active organization that
 * the request merely names goes in unverified: policies ask for membership, and naming one can only narrow what is there.
 */
export function identityOf(principal: Principal | null, namedOrganization?: string): Identity {
  if (principal === null) return NOBODY
  if (namedOrganization !== undefined) return identified(principal, namedOrganization)
  const known = identities.get(principal)
  if (known !== undefined) return known
  const identity = identified(principal)
  if (isUnchangeable(principal)) identities.set(principal, identity)
  return identity
}

/** Of principals that an adapter keeps with their tokens: with the next request they are the same. */
const identities = new WeakMap<Principal, Identity>()

/**
 * **Security:** frozen to the last claim. `Object.freeze` stops at the first floor, and a role that was taken out of the claims
 * below would still be there for the policies.
 */
function isUnchangeable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isUnchangeable)
}

function identified(principal: Principal, namedOrganization?: string): Identity {
  const organization = principal.organizationId ?? claimed(principal) ?? namedOrganization
  const claims = JSON.stringify({
    ...principal.claims,
    sub: principal.id,
    role: 'authenticated',
    ...(organization === undefined ? {} : { organization_id: organization }),
  })
  return { role: 'authenticated', claims, sub: principal.id, organization }
}

/**
 * **Security:** a token made for one organization stays in it: a header must not lead its holder into another of theirs.
 */
function claimed({ claims }: Principal): string | undefined {
  const claim = claims['organization_id']
  const id = typeof claim === 'number' ? String(claim) : claim
  return typeof id === 'string' && isRowId(id) ? id : undefined
}
