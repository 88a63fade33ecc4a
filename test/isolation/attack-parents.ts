import type { Statement } from '../../packages/postern/src/database/statement.js'
import { homeOf, mayWrite, partiesOf } from './access.js'
import { placesSeen } from './attack-reads.js'
import { descendantsGone, type Field } from './attack-writes.js'
import type { CatalogForeignKey } from './catalog.js'
import { isHampered } from './controls.js'
import type { Finding } from './finding.js'
import { compose, insertRow, isRow, literal, quoted, rowOf } from './rows.js'
import { type Caller, sql } from './session.js'

/** Hanging one's own row on a parent of another, by a new row and by moving an old one. A parent that may be read is fair game. */
export async function attackParents(field: Field, who: Caller, victim: string): Promise<Finding[]> {
  const home = homeOf(field.subject.expected.rule, who)
  if (home === undefined || home === victim) return []
  const findings: Finding[] = []
  for (const key of field.subject.relation.foreignKeys) findings.push(...(await attach(field, key, who, home, victim)))
  return findings
}

async function attach(
  field: Field,
  key: CatalogForeignKey,
  who: Caller,
  home: string,
  victim: string,
): Promise<Finding[]> {
  const { session, subjects, subject, seeded } = field
  const parent = subjects.find(({ relation }) => relation.name === key.target)
  const { ownerColumn, readableReferences, rule } = subject.expected
  const column = key.columns.find((name) => name !== ownerColumn)
  // A key of nothing but the owner is the organization's own: the attacks on owners try that.
  if (parent === undefined || column === undefined || partiesOf(parent.expected.rule).length < 2) return []
  const theirs = rowOf(seeded, key.target, victim)!
  const theirKey = theirs.values[key.targetColumns[key.columns.indexOf(column)]!]!
  const table = quoted(subject.relation.name)
  const own = compose(subject, home, seeded)
  const mine = ownerColumn === null ? null : `${quoted(ownerColumn)} = ${literal(own[ownerColumn]!)}`
  const isTheirs = isRow(subject, rowOf(seeded, subject.relation.name, victim)!)
  const isAttached = `${quoted(column)} = ${literal(theirKey)} and ${mine ?? `not (${isTheirs})`}`
  const look = sql(`select 1 from ${table} where ${isAttached}`)
  const through = rule.kind === 'through' && rule.parents.some((one) => one.column === column)
  const mayAttach = through
    ? mayWrite(parent.expected.rule, victim, who)
    : readableReferences.includes(column) && (await placesSeen(session, parent, who)).includes(theirs.place)
  const ways: Record<string, { statement: Statement; clear: Statement[] }> = {
    'a new row': {
      statement: insertRow(subject, { ...own, [column]: theirKey }),
      clear: [...descendantsGone(field), sql(`delete from ${table} where ${mine ?? 'false'}`)],
    },
    'a row moved': {
      statement: sql(`update ${table} set ${quoted(column)} = ${literal(theirKey)}`),
      clear: descendantsGone(field),
    },
  }
  const findings: Finding[] = []
  for (const [way, { statement, clear }] of Object.entries(ways)) {
    const attempt = await session.attempt(who, statement, look, clear)
    const isDone = attempt.refused === null && attempt.seen.rows.length > 0
    const finding = { where: subject.relation.name, as: who.name }
    if (isDone && !mayAttach)
      findings.push({ ...finding, defect: 'attaches-to-others', evidence: `${way} by ${key.name}` })
    if (!isDone && mayAttach && !isHampered(field, who, home))
      findings.push({
        ...finding,
        defect: 'unknown',
        evidence: `the control failed: ${way} by ${key.name} (${attempt.refused})`,
      })
  }
  return findings
}
