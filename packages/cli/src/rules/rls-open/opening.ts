import type { DatabaseFacts, PolicyFacts, Reach, TableFacts } from '../../facts/database-facts.js'
import { isStorageObjects } from '../../facts/sql/storage-objects.js'
import type { Confidence } from '../rule.js'
import { isOwned, isPrivate, isPublicForm, isUnderstatement, personalIn, secretsIn } from './what-it-holds.js'

export interface Opening {
  readonly confidence: Confidence
  /** What it lets through, after the names of the policy and its table. */
  readonly says: string
  readonly fix: string
}

/** Roles that a caller from outside has. What only others may do is inside business. */
const CALLERS = ['public', 'anon', 'authenticated']

/** What a policy lets through that it should not; nothing where it holds, or where it is meant to be open. */
export function openingOf(policy: PolicyFacts, table: TableFacts, database: DatabaseFacts): Opening | undefined {
  const roles = policy.roles.filter((role) => CALLERS.includes(role) && !table.revokedFrom.includes(role))
  if (policy.isRestrictive || roles.length === 0 || isHeldByAnother(policy, table)) return undefined
  if (table.revokedFrom.includes('anon') && table.revokedFrom.includes('authenticated')) return undefined
  const isForAnyone = roles.some((role) => role !== 'authenticated')
  const who = (reach: Reach) => (isForAnyone && reach === 'everything' ? 'anyone' : 'anyone who is signed in')
  // Without PostgREST in front, `public` may be no more than the application's own role.
  const sure = (confidence: Confidence): Confidence => (database.isExposed ? confidence : 'medium')
  const thing = isStorageObjects(table) ? 'object' : 'row'
  const write = openWrite(policy, thing)
  if (write !== undefined) {
    const { does } = write
    if (policy.command === 'insert' && isPublicForm(policy, table)) return undefined
    const isUpload = policy.command === 'insert' && isStorageObjects(table)
    const confidence = isUpload ? uploadConfidence(policy, table, who(write.reach) === 'anyone') : write.confidence
    if (confidence === undefined) return undefined
    return { confidence: sure(confidence), says: `lets ${who(write.reach)} ${does}`, fix: writeFix(policy, table) }
  }
  if (policy.command !== 'select' && policy.command !== 'all') return undefined
  const { using } = policy
  if (using !== 'everything' && using !== 'signed-in') return undefined
  const says = `lets ${who(using)} read every ${thing}`
  const isToAll = who(using) === 'anyone'
  const fix = readFix(policy)
  if (isUnderstatement(policy, table)) return { confidence: sure('high'), says: `${says}, whatever its name says`, fix }
  const secrets = secretsIn(table)
  const shown = [...secrets, ...(isToAll || isOwned(table) ? personalIn(table) : [])].slice(0, MOST_NAMES)
  if (shown.length > 0) {
    return {
      confidence: sure(isToAll ? 'high' : 'medium'),
      says: `${says}, with ${shown.map((name) => `\`${name}\``).join(', ')}`,
      fix,
    }
  }
  if (isToAll && isPrivate(table) && isOwned(table))
    return { confidence: 'medium', says: `${says}, and they belong to somebody`, fix }
  return undefined
}

const MOST_NAMES = 3

/** Restrictive policies narrow what the others permit. */
function isHeldByAnother(policy: PolicyFacts, { policies }: TableFacts): boolean {
  return policies.some(
    ({ isRestrictive, command, using, check, roles }) =>
      isRestrictive &&
      (command === 'all' || command === policy.command) &&
      [using, check].some((reach) => reach === 'own' || reach === 'service' || reach === 'nothing') &&
      (roles.includes('public') || policy.roles.every((role) => roles.includes(role))),
  )
}

interface OpenWrite {
  readonly confidence: Confidence
  readonly reach: Reach
  readonly does: string
}

/** An upload takes nobody's object away: whoever is signed in may well be meant to, and strangers seldom are. */
function uploadConfidence(policy: PolicyFacts, table: TableFacts, isForAnyone: boolean): Confidence | undefined {
  if (isUnderstatement(policy, table)) return 'high'
  return isForAnyone ? 'medium' : undefined
}

const isOpen = (reach: Reach | null): reach is Reach => reach === 'everything' || reach === 'signed-in'

function openWrite({ command, using, check }: PolicyFacts, thing: 'row' | 'object'): OpenWrite | undefined {
  if (command === 'select') return undefined
  if (command === 'insert')
    return isOpen(check) ? { confidence: 'high', reach: check, does: `insert any ${thing}` } : undefined
  if (isOpen(using)) {
    const does =
      command === 'all'
        ? `read, change and delete every ${thing}`
        : command === 'update'
          ? `change every ${thing}`
          : `delete every ${thing}`
    return { confidence: 'high', reach: using, does }
  }
  // A row that is mine to change need not stay mine where the check is open; and `all` inserts by its check alone.
  if (command !== 'delete' && isOpen(check) && using !== null) {
    return {
      confidence: 'high',
      reach: check,
      does:
        command === 'all'
          ? `insert any ${thing}, because its check is open`
          : `give ${thing === 'row' ? 'a row' : 'an object'} away, because its check is open`,
    }
  }
  if (using === 'rows')
    return {
      confidence: 'medium',
      reach: 'everything',
      does: `${command === 'delete' ? 'delete' : 'change'} ${thing}s whoever they belong to`,
    }
  return undefined
}

function writeFix(policy: PolicyFacts, table: TableFacts): string {
  if (/service/i.test(policy.name) && isUnderstatement(policy, table)) return readFix(policy)
  if (isStorageObjects(table)) {
    const isTheirs = '((storage.foldername(name))[1] = (select auth.uid())::text)'
    return policy.command === 'insert'
      ? `Let everybody upload into a folder of their own: with check ${isTheirs}`
      : `Say whose objects: using ${isTheirs}`
  }
  if (policy.command === 'insert')
    return 'Check that the new row is the caller’s: with check ((select auth.uid()) = user_id)'
  return 'Say whose rows: using ((select auth.uid()) = user_id), and the same with check'
}

function readFix(policy: PolicyFacts): string {
  if (/service/i.test(policy.name))
    return 'Add to service_role, or drop it: the service role passes row-level security anyway'
  return 'Say whose rows: using ((select auth.uid()) = user_id)'
}
