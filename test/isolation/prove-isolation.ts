import type { Connection } from '../../packages/postern/src/database/connections.js'
import { asksForSeats, homeOf, mayRead, mayWrite, partiesOf } from './access.js'
import { attackDeleted } from './attack-deleted.js'
import { attackParents } from './attack-parents.js'
import { attackReads, placesSeen } from './attack-reads.js'
import { attackByStandIn, attackSchemas, attackSeats } from './attack-seats.js'
import { attackAsNobodysOwner, attackWrites, type Field } from './attack-writes.js'
import { type Catalog, readCatalog } from './catalog.js'
import { checkControls, isHampered } from './controls.js'
import { type Expected, expectedOf } from './expected.js'
import type { Finding } from './finding.js'
import { judgeCatalog } from './judge-catalog.js'
import { organizationOf, quoted, seed, type Seeded, type Subject } from './rows.js'
import {
  ALICE,
  alice,
  BOB,
  bob,
  type Caller,
  carol,
  emptyClaims,
  emptyNobody,
  erin,
  fay,
  gil,
  nobody,
  nullClaims,
  nullNobody,
  PEOPLE,
  Session,
  sql,
  workingIn,
} from './session.js'

/** What was looked at, so that an empty list of findings can be told from an empty proof. */
export interface Proof {
  readonly findings: readonly Finding[]
  readonly tables: number
  readonly statements: number
}

/**
 * Proves from the catalog, and then by trying everything, that a database keeps what its schema promises. `connection` is of the
 * server's own login and must be fresh: one that has set claims can't show what a policy does without. Nothing that is tried stays.
 * `only` tries one table, for what is known to be wrong with it.
 */
export async function proveIsolation(
  connection: Connection,
  schema: Readonly<Record<string, unknown>>,
  only?: string,
): Promise<Proof> {
  let statements = 0
  const counted: Connection = {
    batch(batch) {
      statements += batch.length
      return connection.batch(batch)
    },
  }
  const ask = async (text: string) => (await counted.batch([sql(text)]))[0]!.rows
  const hasNoClaims = (await ask(NO_CLAIMS))[0]?.[0] === 't'
  const catalog = await readCatalog(ask)
  const expected = expectedOf(schema)
  const findings = judgeCatalog(catalog, expected)
  if (!hasNoClaims)
    findings.push(unknown('the connection', 'claims were set on it before: NULL claims can not be tried'))
  const session = new Session(counted)
  const subjects = subjectsOf(catalog, expected)
  await session.begin()
  try {
    findings.push(...(await tryEverything(session, subjects, catalog, only)))
  } catch (error) {
    findings.push(unknown('the attacks', String(error)))
  } finally {
    await session.rollback()
  }
  return { findings: distinct(findings), tables: subjects.length, statements }
}

const NO_CLAIMS = `select current_setting('request.jwt.claims', true) is null and current_setting('request.jwt.claim.sub', true) is null`

async function tryEverything(
  session: Session,
  subjects: readonly Subject[],
  catalog: Catalog,
  only: string | undefined,
): Promise<Finding[]> {
  const seeded = await seed(session, subjects)
  const chosen = subjects.filter(({ relation }) => only === undefined || relation.name === only)
  const fields = chosen.map((subject): Field => ({ session, subjects, subject, seeded }))
  const hasSeats = seeded.has('members')
  const callers = [...PEOPLE, ...(hasSeats ? named(seeded) : [])]
  const findings: Finding[] = []
  // NULL claims first: once anyone has claims, they never read as NULL again on this connection.
  for (const field of fields) findings.push(...(await attackWithout('null-claim', field, [nullClaims, nullNobody])))
  if (hasSeats) for (const who of [nullNobody, nullClaims]) findings.push(...(await attackSeats(session, seeded, who)))
  for (const field of fields) {
    const { rule } = field.subject.expected
    if (!callers.some((who) => isControl(field, who)) && isWritten(rule))
      findings.push(unknown(field.subject.relation.name, 'nobody may write it: there is no control'))
    for (const who of [...(asksForSeats(rule) ? callers : [alice, bob, gil]), nobody]) {
      findings.push(...(await attackReads(session, field.subject, seeded, who)))
      findings.push(...(await checkControls(field, who)))
      for (const party of partiesOf(rule)) {
        if (mayWrite(rule, party, who)) continue
        findings.push(...(await attackWrites(field, who, party)))
        if (party !== '') findings.push(...(await attackParents(field, who, party)))
      }
      findings.push(...(await attackDeleted(field, who)))
      if (hasSeats && partiesOf(rule).length > 1)
        findings.push(...(await attackByStandIn(session, field.subject, seeded, who)))
    }
    findings.push(...(await attackWithout('empty-claim', field, [emptyClaims, emptyNobody])))
  }
  for (const who of [...callers, nobody, emptyClaims]) {
    if (hasSeats) findings.push(...(await attackSeats(session, seeded, who)))
    findings.push(...(await attackSchemas(session, who, hasSeats)))
  }
  findings.push(...(await readBare(session, seeded, catalog)))
  return findings
}

function isControl(field: Field, who: Caller): boolean {
  const home = homeOf(field.subject.expected.rule, who)
  return home !== undefined && !isHampered(field, who, home)
}

/** Whether principals write such rows at all. */
function isWritten(rule: Expected['rule']): boolean {
  if (rule.kind === 'through') return rule.parents.every((parent) => isWritten(parent.rule))
  return rule.kind === 'user' || rule.kind === 'organization'
}

/** People who say where they work: in their own organization, in one of their two, in another's, in one that is not there. */
function named(seeded: Seeded): Caller[] {
  const at = (who: Caller, party: string) => workingIn(who, party, organizationOf(seeded, party))
  return [
    at(alice, ALICE),
    at(bob, BOB),
    at(carol, ALICE),
    at(erin, ALICE),
    at(erin, BOB),
    at(bob, ALICE),
    at(gil, ALICE),
    at(fay, BOB),
    workingIn(alice, 'none', '999999999'),
  ]
}

/** Claims that are missing must be worth nothing: neither rows of someone, nor a row of nobody in an owned table. */
async function attackWithout(
  defect: 'null-claim' | 'empty-claim',
  field: Field,
  callers: readonly Caller[],
): Promise<Finding[]> {
  const { session, subject } = field
  const findings: Finding[] = []
  for (const who of callers) {
    const seen = partiesOf(subject.expected.rule).some((party) => mayRead(subject.expected.rule, party, who))
      ? []
      : await placesSeen(session, subject, who)
    if (seen.length > 0)
      findings.push({ defect, where: subject.relation.name, as: who.name, evidence: `${seen.length} rows read` })
    const victims = partiesOf(subject.expected.rule)
    const written = await attackAsNobodysOwner(field, who)
    for (const victim of victims) written.push(...(await attackWrites(field, who, victim)))
    findings.push(
      ...written.map((finding) => ({ ...finding, defect, evidence: `${finding.defect}: ${finding.evidence}` })),
    )
  }
  return findings
}

/** A statement that forgets to say who runs it must find nothing. */
async function readBare(session: Session, seeded: Seeded, { login }: Catalog): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const table of seeded.keys()) {
    const rows = await session.attempt(bareCaller(login), sql(`select 1 from ${quoted(table)}`), sql('select 1'))
    if (rows.refused !== null || rows.done.rows.length === 0) continue
    findings.push({ defect: 'bare-login-reads', where: table, as: login, evidence: `${rows.done.rows.length} rows` })
  }
  return findings
}

function bareCaller(login: string): Caller {
  return { name: login, become: sql("select set_config('role', 'none', true)"), id: '', seats: {} }
}

/** Only tables that can be seeded: a table that no schema speaks of is a finding already. */
function subjectsOf({ relations }: Catalog, expected: readonly Expected[]): Subject[] {
  return expected.flatMap((one) => {
    const relation = relations.find(({ name, kind }) => name === one.table && (kind === 'r' || kind === 'p'))
    return relation === undefined ? [] : [{ relation, expected: one }]
  })
}

function unknown(where: string, evidence: string): Finding {
  return { defect: 'unknown', where, as: null, evidence }
}

function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()]
}
