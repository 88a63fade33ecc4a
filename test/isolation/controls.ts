import type { Statement } from '../../packages/postern/src/database/statement.js'
import { descendantsGone, type Field } from './attack-writes.js'
import type { Finding } from './finding.js'
import { compose, insertRow, isRow, literal, quoted, rowOf } from './rows.js'
import { type Caller, sql } from './session.js'

/** What an owner must be able to do. Where they can't, a refusal of others proves nothing. */
export async function checkControls(field: Field, who: Caller): Promise<Finding[]> {
  const { session, subject, seeded } = field
  const owner = subject.expected.ownerColumn
  if (owner === null) return []
  const table = quoted(subject.relation.name)
  const mine = rowOf(seeded, subject.relation.name, who.id)!
  const isMine = `${quoted(owner)} = ${literal(who.id)}`
  const emptied = [...descendantsGone(field), sql(`delete from ${table}`)]
  const { [owner]: _said, ...defaulted } = compose(subject, who.id, seeded)
  const there = sql(`select 1 from ${table} where ${isMine}`)
  const controls: [name: string, Statement, look: Statement, clear: readonly Statement[]][] = [
    ['insert', insertRow(subject, compose(subject, who.id, seeded)), there, emptied],
    ['insert without naming the owner', insertRow(subject, defaulted), there, emptied],
    [
      'update',
      sql(`update ${table} set ${isMine} where ${isRow(subject, mine)}`),
      sql(`select 1 where not exists (select from ${table} where ctid = ${literal(mine.place)}::tid)`),
      descendantsGone(field),
    ],
    [
      'delete',
      sql(`delete from ${table} where ${isRow(subject, mine)}`),
      sql(`select 1 where not exists (select from ${table} where ${isMine})`),
      descendantsGone(field),
    ],
  ]
  const findings: Finding[] = []
  for (const [name, statement, look, clear] of controls) {
    const attempt = await session.attempt(who, statement, look, clear)
    if (attempt.refused === null && attempt.seen.rows.length > 0) continue
    const evidence = `the control failed: ${name} of their own row (${attempt.refused ?? 'no effect'})`
    findings.push({ defect: 'unknown', where: subject.relation.name, as: who.name, evidence })
  }
  return findings
}
