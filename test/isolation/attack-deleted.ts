import type { Statement } from '../../packages/postern/src/database/statement.js'
import { mayWrite, partiesOf } from './access.js'
import { placesSeen } from './attack-reads.js'
import { descendantsGone, type Field } from './attack-writes.js'
import type { Defect, Finding } from './finding.js'
import { compose, insertRow, isRow, quoted, rowOf, type Subject } from './rows.js'
import { type Caller, sql } from './session.js'

/**
 * A row that is marked as deleted is gone for its owner too: to read, to bring back, to hang something on. `who` may be anyone; the
 * ones who could do all of it before are those who matter.
 */
export async function attackDeleted(field: Field, who: Caller): Promise<Finding[]> {
  const { subject } = field
  const { deletedColumn, rule } = subject.expected
  if (deletedColumn === null) return []
  const findings: Finding[] = []
  for (const party of partiesOf(rule)) {
    const mark = `update ${quoted(subject.relation.name)} set ${quoted(deletedColumn)} = now() - interval '1 day'`
    const isIt = isRow(subject, rowOf(field.seeded, subject.relation.name, party)!)
    const deleted = [sql(`${mark} where ${isIt}`)]
    findings.push(...(await onTheRow(field, who, isIt, deleted)))
    for (const below of field.subjects) findings.push(...(await onItsChildren(field, below, who, party, deleted)))
  }
  return findings
}

async function onTheRow(field: Field, who: Caller, isIt: string, deleted: Statement[]): Promise<Finding[]> {
  const { session, subject } = field
  const { relation, expected } = subject
  const table = quoted(relation.name)
  const column = quoted(expected.deletedColumn!)
  const still = sql(`select 1 from ${table} where ${isIt} and ${column} is not null`)
  const findings: Finding[] = []
  const tried = async (
    defect: Defect,
    attack: Statement,
    isHarm: (rows: number, seen: number) => boolean,
    clear: Statement[],
  ) => {
    const attempt = await session.attempt(who, attack, still, clear)
    if (attempt.refused === '42501') return
    if (attempt.refused === null && !isHarm(attempt.done.rows.length, attempt.seen.rows.length)) return
    findings.push({
      defect,
      where: relation.name,
      as: who.name,
      evidence: `${attempt.refused ?? 'done'}: ${attack.text}`,
    })
  }
  await tried('reads-deleted', sql(`select 1 from ${table} where ${isIt}`), (rows) => rows > 0, deleted)
  await tried('undeletes', sql(`update ${table} set ${column} = null`), (_, seen) => seen === 0, deleted)
  await tried('undeletes', sql(`update ${table} set ${column} = now()`), (_, seen) => seen === 0, deleted)
  await tried('deletes-for-good', sql(`delete from ${table}`), (_, seen) => seen === 0, [
    ...descendantsGone(field),
    ...deleted,
  ])
  return findings
}

/** The rows that are owned through it go with it. */
async function onItsChildren(
  field: Field,
  below: Subject,
  who: Caller,
  party: string,
  deleted: Statement[],
): Promise<Finding[]> {
  const { session, subject, seeded } = field
  const { rule } = below.expected
  const isBelow =
    rule.kind === 'through' &&
    below.relation.foreignKeys.some(
      ({ target, columns }) =>
        target === subject.relation.name && rule.parents.some(({ column }) => columns.includes(column)),
    )
  if (!isBelow) return []
  const findings: Finding[] = []
  const row = rowOf(seeded, below.relation.name, party)!
  const where = below.relation.name
  const table = quoted(where)
  const seen = await placesSeen(session, below, who, isRow(below, row), deleted)
  if (seen.length > 0)
    findings.push({ defect: 'reads-deleted', where, as: who.name, evidence: 'the parent is deleted' })
  if (!mayWrite(rule, party, who)) return findings
  const column = quoted(rule.parents[0]!.column)
  const writes: Record<string, { attack: Statement; look: Statement }> = {
    update: {
      attack: sql(`update ${table} set ${column} = ${column}`),
      look: sql(`select 1 from ${table} where ${isRow(below, row)} and ctid = '${row.place}'::tid`),
    },
    insert: {
      attack: insertRow(below, compose(below, party, seeded)),
      look: sql(`select 1 where (select count(*) from ${table}) = ${seeded.get(where)!.size}`),
    },
  }
  for (const [way, { attack, look }] of Object.entries(writes)) {
    const attempt = await session.attempt(who, attack, look, deleted)
    if (attempt.refused === '42501' || (attempt.refused === null && attempt.seen.rows.length > 0)) continue
    findings.push({
      defect: 'writes-below-deleted',
      where,
      as: who.name,
      evidence: `${way}: ${attempt.refused ?? 'done'}`,
    })
  }
  return findings
}
