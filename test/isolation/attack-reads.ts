import type { Finding } from './finding.js'
import { isRow, quoted, rowOf, type Seeded, type Subject } from './rows.js'
import { alice, bob, type Caller, nobody, type Session, sql } from './session.js'

const NOTHING = sql('select 1')

/** Who sees which rows, by a list and by id, against what the schema promises. */
export async function attackReads(session: Session, subject: Subject, seeded: Seeded): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [who, other] of [
    [alice, bob],
    [bob, alice],
    [nobody, bob],
    [nobody, alice],
  ] as const) {
    findings.push(...(await readAs(session, subject, seeded, who, other)))
  }
  return findings
}

async function readAs(
  session: Session,
  subject: Subject,
  seeded: Seeded,
  who: Caller,
  other: Caller,
): Promise<Finding[]> {
  const { relation, expected } = subject
  const finding = (defect: Finding['defect'], evidence: string): Finding => ({
    defect,
    where: relation.name,
    as: who.name,
    evidence,
  })
  const mine = rowOf(seeded, relation.name, who.id)
  const theirs = rowOf(seeded, relation.name, other.id)!
  const list = await placesSeen(session, subject, who)
  const byId = await placesSeen(session, subject, who, isRow(subject, theirs))
  const sees = { listed: list.includes(theirs.place), byId: byId.includes(theirs.place) }
  const may = mayReadOthers(expected.read, who)
  if (!may && (sees.listed || sees.byId))
    return [finding('reads-others', `${list.length} rows listed, by id ${sees.byId ? 'found' : 'not found'}`)]
  if (may && !(sees.listed && sees.byId)) return [finding('unknown', 'a row that all of them may read was not seen')]
  const ownIsSeen = expected.ownerColumn === null || who === nobody || list.includes(mine!.place)
  return ownIsSeen ? [] : [finding('unknown', 'the control failed: their own row was not seen')]
}

/** Where the rows lie that a caller sees; none where the table may not be asked at all. */
export async function placesSeen(
  session: Session,
  { relation }: Subject,
  who: Caller,
  where = 'true',
): Promise<string[]> {
  const attempt = await session.attempt(
    who,
    sql(`select ctid::text from ${quoted(relation.name)} where ${where}`),
    NOTHING,
  )
  return attempt.refused === null ? attempt.done.rows.map(([place]) => place!) : []
}

function mayReadOthers(read: Subject['expected']['read'], who: Caller): boolean {
  return read === 'anyone' || (read === 'signed-in' && who !== nobody)
}
