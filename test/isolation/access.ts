import type { Rule } from './expected.js'
import { type Caller, nobodys, PARTIES } from './session.js'

/**
 * Who may do what to a row, worked out from seats and roles alone. A *party* is the side that a row was made for: one user, that
 * user's organization, or whatever hangs on a row of theirs. Rows of nobody are of the party ''.
 */
export function partiesOf(rule: Rule): readonly string[] {
  if (rule.kind === 'unowned') return ['']
  if (rule.kind === 'through') return rule.parents.some((one) => partiesOf(one.rule).length > 1) ? PARTIES : ['']
  return PARTIES
}

export function mayRead(rule: Rule, party: string, who: Caller): boolean {
  if (rule.kind === 'through') return rule.parents.every((parent) => mayRead(parent.rule, party, who))
  if (rule.kind === 'user' || rule.kind === 'unowned') {
    if (rule.read === 'anyone') return true
    if (rule.read === 'signed-in') return !nobodys(who)
    return rule.kind === 'user' && who.id !== '' && who.id === party
  }
  // A fellow member is seen whichever organization one works in just now.
  if (rule.kind === 'members') return who.seats[party] !== undefined
  return hasSeat(who, party, rule.kind === 'organization' ? rule.read : null)
}

export function mayWrite(rule: Rule, party: string, who: Caller): boolean {
  if (rule.kind === 'user') return who.id !== '' && who.id === party
  if (rule.kind === 'organization') return hasSeat(who, party, rule.write)
  // The parent is looked up as the writer: one that may be written and not read is not found.
  if (rule.kind === 'through') {
    return rule.parents.every((one) => mayWrite(one.rule, party, who) && mayRead(one.rule, party, who))
  }
  return false
}

/** The party whose rows a caller reads and writes: where the controls are. */
export function homeOf(rule: Rule, who: Caller): string | undefined {
  return partiesOf(rule).find((party) => mayWrite(rule, party, who) && mayRead(rule, party, who))
}

/** Whether anyone's seat in an organization has a say in it. */
export function asksForSeats(rule: Rule): boolean {
  if (rule.kind === 'through') return rule.parents.some((parent) => asksForSeats(parent.rule))
  return rule.kind !== 'user' && rule.kind !== 'unowned'
}

function hasSeat({ seats, active }: Caller, party: string, roles: readonly string[] | null): boolean {
  const role = seats[party]
  return role !== undefined && (roles === null || roles.includes(role)) && (active === undefined || active === party)
}
