import type { Statement } from '../../packages/postern/src/database/statement.js'
import { homeOf, mayRead, partiesOf } from './access.js'
import { descendantsGone, type Field } from './attack-writes.js'
import type { Finding } from './finding.js'
import { compose, insertRow, isRow, literal, ownerValue, quoted, rowOf, type SeededRow } from './rows.js'
import { type Caller, sql } from './session.js'

/** What whoever may write must be able to do. Where they can't, a refusal of others proves nothing. */
export async function checkControls(field: Field, who: Caller): Promise<Finding[]> {
  const { session, subject, seeded } = field
  const home = homeOf(subject.expected.rule, who)
  if (home === undefined || isHampered(field, who, home)) return []
  const { rule, ownerColumn: owner, deletedColumn: deleted } = subject.expected
  const table = quoted(subject.relation.name)
  const mine = rowOf(seeded, subject.relation.name, home)!
  const itself = sameAgain(field, home, mine)
  const emptied = [...descendantsGone(field), sql(`delete from ${table}`)]
  const own = compose(subject, home, seeded)
  const there = sql(`select 1 from ${table} where ${itself}`)
  const controls: [name: string, Statement, look: Statement, clear: readonly Statement[]][] = [
    ['insert', insertRow(subject, own), there, emptied],
    [
      'update',
      sql(`update ${table} set ${itself} where ${isRow(subject, mine)}`),
      sql(`select 1 where not exists (select from ${table} where ctid = ${literal(mine.place)}::tid)`),
      descendantsGone(field),
    ],
  ]
  // An organization is only known where the caller works in one.
  if (owner !== null && (rule.kind !== 'organization' || who.active !== undefined)) {
    const { [owner]: _said, ...defaulted } = own
    controls.push(['insert without naming the owner', insertRow(subject, defaulted), there, emptied])
  }
  if (deleted === null) {
    const gone = sql(`select 1 where not exists (select from ${table} where ${isRow(subject, mine)})`)
    controls.push(['delete', sql(`delete from ${table} where ${isRow(subject, mine)}`), gone, descendantsGone(field)])
  } else {
    const mark = sql(`update ${table} set ${quoted(deleted)} = now() where ${isRow(subject, mine)}`)
    const marked = sql(`select 1 from ${table} where ${isRow(subject, mine)} and ${quoted(deleted)} is not null`)
    controls.push(['soft delete', mark, marked, []])
  }
  const findings: Finding[] = []
  for (const [name, statement, look, clear] of controls) {
    const attempt = await session.attempt(who, statement, look, clear)
    if (attempt.refused === null && attempt.seen.rows.length > 0) continue
    const evidence = `the control failed: ${name} of their own row (${attempt.refused ?? 'no effect'})`
    findings.push({ defect: 'unknown', where: subject.relation.name, as: who.name, evidence })
  }
  return findings
}

/**
 * Whether a row of theirs points at one that they may not read: a member's row at a fellow member's own, a user's at one of an
 * organization that they do not work in just now. PostgreSQL asks the whole new row of an update, so it refuses them rightly.
 */
export function isHampered({ subjects, subject }: Field, who: Caller, home: string): boolean {
  const { readableReferences } = subject.expected
  return subject.relation.foreignKeys.some(({ columns, target }) => {
    const parent = subjects.find(({ relation }) => relation.name === target)
    if (parent === undefined || !columns.some((column) => readableReferences.includes(column))) return false
    const { rule } = parent.expected
    return !mayRead(rule, partiesOf(rule).length > 1 ? home : '', who)
  })
}

/** What says whose the row is, as SQL for SET and for WHERE: the owner, or the first parent. */
function sameAgain({ subject, seeded }: Field, home: string, mine: SeededRow): string {
  const { rule, ownerColumn } = subject.expected
  if (ownerColumn !== null) return `${quoted(ownerColumn)} = ${literal(ownerValue(subject, home, seeded))}`
  if (rule.kind !== 'through') throw new Error(`${subject.relation.name} has rows that principals write, and no owner`)
  const { column } = rule.parents[0]!
  return `${quoted(column)} = ${literal(mine.values[column]!)}`
}
