import type { Statement } from '../../packages/postern/src/database/statement.js'
import { homeOf } from './access.js'
import type { Defect, Finding } from './finding.js'
import {
  compose,
  insertRow,
  isRow,
  literal,
  ownerValue,
  parentsFirst,
  quoted,
  rowOf,
  sample,
  type Seeded,
  type Subject,
} from './rows.js'
import { ALICE, type Caller, PARTIES, type Session, sql } from './session.js'

/** What the attacks on one table share. */
export interface Field {
  readonly session: Session
  readonly subjects: readonly Subject[]
  readonly subject: Subject
  readonly seeded: Seeded
}

/** A write that must change nothing: as whom, what, and how the service sees that it has. */
interface Attack {
  readonly defect: Defect
  readonly attack: Statement
  /** Answers a row as long as all is well. */
  readonly look: Statement
  readonly clear?: readonly Statement[]
}

/**
 * Everything that `who` could do to the row of `victim`. No attack names a column in WHERE or asks for RETURNING where it need not:
 * then PostgreSQL asks the reading policy too, and that one would hide what the writing policy lets through.
 */
export async function attackWrites(field: Field, who: Caller, victim: string): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const attack of attacksOn(field, who, victim)) {
    const evidence = await harm(field, who, attack)
    if (evidence !== null)
      findings.push({ defect: attack.defect, where: field.subject.relation.name, as: who.name, evidence })
  }
  return findings
}

/**
 * What it did, or `null`. Only 42501 is the policy's own no: a foreign key or a unique value that stopped the write stands behind
 * the policy, so the policy has let it through.
 */
async function harm({ session }: Field, who: Caller, { attack, look, clear }: Attack): Promise<string | null> {
  const attempt = await session.attempt(who, attack, look, clear)
  if (attempt.refused !== null)
    return attempt.refused === '42501' ? null : `let through, stopped by ${attempt.refused} only`
  return attempt.seen.rows.length > 0 ? null : `done: ${attack.text}`
}

function attacksOn(field: Field, who: Caller, victim: string): Attack[] {
  const { subject, seeded } = field
  const table = quoted(subject.relation.name)
  const theirs = rowOf(seeded, subject.relation.name, victim)!
  const intact = sql(`select 1 from ${table} where ${isRow(subject, theirs)} and ctid = ${literal(theirs.place)}::tid`)
  const clear = descendantsGone(field)
  const theirId = isRow(subject, theirs)
  const plain = plainColumn(subject)
  const set = plain === null ? null : `${quoted(plain.name)} = ${literal(sample(plain))}`
  const attacks: Attack[] = [
    { defect: 'deletes-others', attack: sql(`delete from ${table} where ${theirId}`), look: intact, clear },
    { defect: 'deletes-all', attack: sql(`delete from ${table}`), look: intact, clear },
    insertAsAnother(field, victim),
  ]
  if (set !== null) {
    attacks.push(
      { defect: 'updates-others', attack: sql(`update ${table} set ${set} where ${theirId}`), look: intact, clear },
      { defect: 'updates-all', attack: sql(`update ${table} set ${set}`), look: intact, clear },
    )
  }
  const steal = takeOver(field, who, victim)
  if (steal === null) return attacks
  const { rule, ownerColumn: owner } = subject.expected
  const home = homeOf(rule, who)
  const mine = home === undefined ? undefined : rowOf(seeded, subject.relation.name, home)
  return [
    ...attacks,
    { defect: 'takes-over', attack: sql(`update ${table} set ${steal}`), look: intact, clear },
    { defect: 'upserts-others', attack: upsert(field, sideOf(field, who, victim), victim, steal), look: intact, clear },
    ...(mine === undefined || owner === null ? [] : [giveAway(field, owner, victim, mine, clear)]),
  ]
}

/** What makes a row of theirs one's own: the owner's column, or the parent's. */
function takeOver({ subject, seeded }: Field, who: Caller, victim: string): string | null {
  const { rule, ownerColumn } = subject.expected
  const side = sideOf({ subject }, who, victim)
  if (ownerColumn !== null) return `${quoted(ownerColumn)} = ${literal(ownerValue(subject, side, seeded))}`
  if (rule.kind !== 'through') return null
  const sets = rule.parents.map(({ column }) => {
    const { values } = rowOf(seeded, subject.relation.name, side)!
    return `${quoted(column)} = ${literal(values[column]!)}`
  })
  return sets.join(', ')
}

/** As whose a caller would like to have it: their own, or of anyone but the victim. */
function sideOf({ subject }: Pick<Field, 'subject'>, who: Caller, victim: string): string {
  const { rule } = subject.expected
  if (rule.kind === 'user' && who.id !== '') return who.id
  return homeOf(rule, who) ?? PARTIES.find((party) => party !== victim)!
}

function giveAway(
  { subject, seeded }: Field,
  owner: string,
  victim: string,
  mine: { place: string },
  clear: Statement[],
): Attack {
  const table = quoted(subject.relation.name)
  const look = sql(`select 1 from ${table} where ctid = ${literal(mine.place)}::tid`)
  const away = `${quoted(owner)} = ${literal(ownerValue(subject, victim, seeded))}`
  return { defect: 'gives-away', attack: sql(`update ${table} set ${away}`), look, clear }
}

/** Rows of nobody: with an empty owner, and with the owner or parent that comes of missing claims. */
export async function attackAsNobodysOwner(field: Field, who: Caller): Promise<Finding[]> {
  const { subject, seeded } = field
  const { rule, ownerColumn } = subject.expected
  if (ownerColumn === null && rule.kind !== 'through') return []
  const own = compose(subject, '', seeded)
  const { [ownerColumn ?? '']: empty, ...defaulted } = own
  const findings: Finding[] = []
  for (const values of rule.kind === 'user' ? [{ ...defaulted, [ownerColumn!]: empty! }, defaulted] : [defaulted]) {
    const evidence = await harm(field, who, { ...insertAsAnother(field, ALICE), attack: insertRow(subject, values) })
    const where = subject.relation.name
    if (evidence !== null) findings.push({ defect: 'inserts-as-another', where, as: who.name, evidence })
  }
  return findings
}

/** With the table empty, so that no unique value stands in the way of what the policy should refuse. */
function insertAsAnother(field: Field, victim: string): Attack {
  const { subject, seeded } = field
  const table = quoted(subject.relation.name)
  return {
    defect: 'inserts-as-another',
    attack: insertRow(subject, compose(subject, victim, seeded)),
    look: sql(`select 1 where not exists (select from ${table})`),
    clear: [...descendantsGone(field), sql(`delete from ${table}`)],
  }
}

/** An insert of one's own that turns into an update of theirs. */
function upsert({ subject, seeded }: Field, home: string, victim: string, steal: string): Statement {
  const theirs = rowOf(seeded, subject.relation.name, victim)!
  const own = compose(subject, home, seeded)
  for (const column of subject.relation.key) own[column] = theirs.values[column]!
  const { text, values } = insertRow(subject, own)
  const overriding = text.replace(') values (', ') overriding system value values (')
  return sql(
    `${overriding} on conflict (${subject.relation.key.map(quoted).join(', ')}) do update set ${steal}`,
    values,
  )
}

/** Rows that refer to these would stop a change by their foreign keys, and hide that the policy allowed it. */
export function descendantsGone({ subjects, subject }: Field): Statement[] {
  const below = new Set([subject.relation.name])
  const order = parentsFirst(subjects)
  for (const { relation } of order) {
    if (relation.foreignKeys.some(({ target }) => below.has(target))) below.add(relation.name)
  }
  below.delete(subject.relation.name)
  // Without their seats nobody could do what the seats allow them to.
  below.delete('members')
  return order
    .toReversed()
    .filter(({ relation }) => below.has(relation.name))
    .map(({ relation }) => sql(`delete from ${quoted(relation.name)}`))
}

/** A column that nothing but the policy guards. */
function plainColumn({ relation, expected }: Subject) {
  const guarded = new Set([
    expected.ownerColumn,
    ...relation.key,
    ...relation.foreignKeys.flatMap(({ columns }) => columns),
  ])
  return relation.columns.find(({ name, isGenerated }) => !isGenerated && !guarded.has(name)) ?? null
}
