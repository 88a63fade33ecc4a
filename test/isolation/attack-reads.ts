import type { Statement } from '../../packages/postern/src/database/statement.js'
import type { Finding } from './finding.js'
import { mayRead, partiesOf } from './access.js'
import { isRow, quoted, rowOf, type Seeded, type Subject } from './rows.js'
import { type Caller, type Session, sql } from './session.js'

const NOTHING = sql('select 1')

/** Who sees which rows, by a list and by id, against what the schema promises. */
export async function attackReads(session: Session, subject: Subject, seeded: Seeded, who: Caller): Promise<Finding[]> {
  const { relation, expected } = subject
  const finding = (defect: Finding['defect'], evidence: string): Finding => ({
    defect,
    where: relation.name,
    as: who.name,
    evidence,
  })
  const list = await placesSeen(session, subject, who)
  const findings: Finding[] = []
  for (const party of partiesOf(expected.rule)) {
    const row = rowOf(seeded, relation.name, party)!
    const byId = (await placesSeen(session, subject, who, isRow(subject, row))).includes(row.place)
    const listed = list.includes(row.place)
    const may = mayRead(expected.rule, party, who)
    if (!may && (listed || byId))
      findings.push(finding('reads-others', `${list.length} rows listed, by id ${byId ? 'found' : 'not found'}`))
    if (may && !(listed && byId))
      findings.push(finding('unknown', 'the control failed: a row that they may read was not seen'))
  }
  return findings
}

/** Where the rows lie that a caller sees; none where the table may not be asked at all. */
export async function placesSeen(
  session: Session,
  { relation }: Subject,
  who: Caller,
  where = 'true',
  clear: readonly Statement[] = [],
): Promise<string[]> {
  const attempt = await session.attempt(
    who,
    sql(`select ctid::text from ${quoted(relation.name)} where ${where}`),
    NOTHING,
    clear,
  )
  return attempt.refused === null ? attempt.done.rows.map(([place]) => place!) : []
}
