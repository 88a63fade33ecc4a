import type { TableFacts } from './facts.js'

/**
 * The SQL of an owner rule, for policies and for the `owns` check alike: said in one place, so that they can't drift.
 * `null` means that no principal passes: only the service may.
 */
export interface OwnerRules {
  readonly read: { readonly to: readonly PrincipalRole[]; readonly using: string } | null
  readonly write: { readonly to: readonly PrincipalRole[]; readonly using: string } | null
}

export type PrincipalRole = 'anon' | 'authenticated'

const EVERYONE: readonly PrincipalRole[] = ['anon', 'authenticated']
const SIGNED_IN: readonly PrincipalRole[] = ['authenticated']

/**
 * Who is calling, as the database sees it: the claim that Postern sets, else the JSON that PostgREST and Supabase set.
 * Through `nullif`, because a custom setting that was SET LOCAL once reads as '' ever after on the same connection, and
 * a policy that compares with '' would match rows whose owner is empty.
 */
export const CALLER_ID =
  `coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), ` +
  `nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''))`

/** For policies: in a sub-select it is computed once a statement and not once a row. */
export const CALLER = `(select ${CALLER_ID})`

export function ownerRulesOf(facts: Pick<TableFacts, 'ownership' | 'columns'>): OwnerRules {
  const { ownership } = facts
  if (ownership.kind === 'unowned') {
    if (ownership.read === 'service') return { read: null, write: null }
    return { read: { to: ownership.read === 'anyone' ? EVERYONE : SIGNED_IN, using: 'true' }, write: null }
  }
  const owner = facts.columns[ownership.column]
  if (owner === undefined) throw new TypeError(`The owner column ${ownership.column} is not a column of the table`)
  const mine = { to: SIGNED_IN, using: `"${owner.sqlName}" = ${CALLER}` }
  if (ownership.read === 'anyone') return { read: { to: EVERYONE, using: 'true' }, write: mine }
  if (ownership.read === 'signed-in') return { read: { to: SIGNED_IN, using: 'true' }, write: mine }
  return { read: mine, write: mine }
}
