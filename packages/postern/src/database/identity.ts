import type { Principal } from '../principal.js'

/** As whom PostgreSQL runs a statement: one of its three roles, and the claims that policies read. */
export interface Identity {
  readonly role: 'anon' | 'authenticated' | 'service_role'
  /** `request.jwt.claims`: JSON. */
  readonly claims: string
  /** `request.jwt.claim.sub`: what owner columns are compared with. Empty for nobody and for the service. */
  readonly sub: string
}

const NOBODY: Identity = { role: 'anon', claims: '{"role":"anon"}', sub: '' }

/** The backend itself, acting for nobody. */
export const SERVICE: Identity = { role: 'service_role', claims: '{"role":"service_role"}', sub: '' }

/** The names are Supabase's and PostgREST's, so that the same policies hold there unchanged. */
export function identityOf(principal: Principal | null): Identity {
  if (principal === null) return NOBODY
  const claims = JSON.stringify({ ...principal.claims, sub: principal.id, role: 'authenticated' })
  return { role: 'authenticated', claims, sub: principal.id }
}
