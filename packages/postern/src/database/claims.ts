import type { Identity } from './identity.js'
import { prepared } from './paved/prepared.js'
import { roleNames } from './role-names.js'
import type { Statement } from './statement.js'

const SET =
  "select set_config('role',$1,true), set_config('request.jwt.claims',$2,true), set_config('request.jwt.claim.sub',$3,true), " +
  "set_config('statement_timeout',$4,true)"

const READ_ONLY = "set_config('transaction_read_only','on',true)"
const LOCK_TIMEOUT = "set_config('lock_timeout',$5,true)"

const CLAIMS = prepared(SET)
const CLAIMS_READ_ONLY = prepared(`${SET}, ${READ_ONLY}`)
const CLAIMS_OF_RIDER = prepared(`${SET}, ${LOCK_TIMEOUT}`)
const CLAIMS_READ_ONLY_OF_RIDER = prepared(`${SET}, ${LOCK_TIMEOUT}, ${READ_ONLY}`)

/** What holds for the transaction beside who asks. */
interface Bounds {
  readonly readOnly: boolean
  readonly statementTimeoutMs: number
  /** How long it waits for a lock; where nothing is said, as long as for anything else. */
  readonly lockTimeoutMs?: number | undefined
}

/**
 * Says as whom the rest of the transaction runs. Local to the transaction, so a connection that goes back to the pool has
 * forgotten it, whatever went wrong in between.
 */
export function claimsStatement(
  { role, claims, sub }: Identity,
  { readOnly, statementTimeoutMs, lockTimeoutMs }: Bounds,
): Statement {
  const values = [role, claims, sub, String(statementTimeoutMs)]
  if (lockTimeoutMs === undefined) {
    const { name, text } = readOnly ? CLAIMS_READ_ONLY : CLAIMS
    return { name, text, values }
  }
  const { name, text } = readOnly ? CLAIMS_READ_ONLY_OF_RIDER : CLAIMS_OF_RIDER
  return { name, text, values: [...values, String(lockTimeoutMs)] }
}

/** The statement under the name that its role prepares it by. */
export function preparedFor(role: Identity['role'], statement: Statement): Statement {
  const { name, text, values } = statement
  if (name === undefined) return statement
  const names = statement.names === undefined ? roleNames(name) : statement.names
  return names === null ? { text, values } : { name: names[role], text, values }
}

/** The same without a name, for poolers that hand out another session each time. */
export function unprepared({ text, values }: Statement): Statement {
  return { text, values }
}
