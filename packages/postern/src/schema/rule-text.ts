import type { TableFacts } from './facts.js'

/** What of a table its rules are made of. */
export type RuledTable = Pick<TableFacts, 'name' | 'ownership' | 'columns' | 'idKey' | 'deletedKey'>

/** Tells a table's rules as SQL. `at` is the alias under which the statement knows the table; a policy has none. */
export type RulesOf = (facts: RuledTable, at?: string) => OwnerRules

/** A column of the table that a rule is about. */
export function columnAt(at: string | undefined, sqlName: string): string {
  return at === undefined ? `"${sqlName}"` : `${at}."${sqlName}"`
}

/** What a principal must pass, as SQL; `null` means that no principal passes: only the service may. */
export interface OwnerRules {
  readonly read: Rule | null
  readonly write: Rule | null
}

export interface Rule {
  readonly to: readonly PrincipalRole[]
  readonly using: string
}

export type PrincipalRole = 'anon' | 'authenticated'

export const EVERYONE: readonly PrincipalRole[] = ['anon', 'authenticated']
export const SIGNED_IN: readonly PrincipalRole[] = ['authenticated']

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

/** The organization that the caller works in, by claim or by header; nobody has verified a header. */
export const ACTIVE_ORGANIZATION_ID =
  `substring(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'organization_id' ` +
  `from '^[1-9][0-9]{0,18}$')::bigint`

export const ACTIVE_ORGANIZATION = `(select ${ACTIVE_ORGANIZATION_ID})`

/** An SQL text literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
