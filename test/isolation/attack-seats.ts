import type { Statement } from '../../packages/postern/src/database/statement.js'
import { CALLER_ORGANIZATIONS } from '../../packages/postern/src/schema/organization-rules.js'
import { mayRead } from './access.js'
import type { Defect, Finding } from './finding.js'
import { literal, organizationOf, type Seeded, type Subject } from './rows.js'
import { alice, type Caller, nobodys, PARTIES, type Session, sql } from './session.js'

const NOTHING = sql('select 1')
/** Whoever runs our function must be able to read it, or it would be refused and nothing shown. */
const STAND_IN = [
  sql('create temp table members (organization_id bigint, user_id text, role text)'),
  sql('grant select on members to public'),
]

/** Ways into an organization: letting oneself in, rising in it, and standing in for what tells who is in it. */
export async function attackSeats(session: Session, seeded: Seeded, who: Caller): Promise<Finding[]> {
  return [...(await attackMembers(session, seeded, who)), ...(await askWhoseMemberIAm(session, seeded, who))]
}

async function attackMembers(session: Session, seeded: Seeded, who: Caller): Promise<Finding[]> {
  const me = literal(who.id === '' ? alice.id : who.id)
  const findings: Finding[] = []
  const attack = async (defect: Defect, statement: Statement, isHarmed: string) => {
    const attempt = await session.attempt(who, statement, sql(`select 1 where ${isHarmed}`))
    const isStopped = attempt.refused === '42501' || (attempt.refused === null && attempt.seen.rows.length === 0)
    const evidence = attempt.refused === null ? 'done' : `let through, stopped by ${attempt.refused} only`
    if (!isStopped)
      findings.push({ defect, where: 'members', as: who.name, evidence: `${evidence}: ${statement.text}` })
  }
  for (const party of PARTIES) {
    const there = organizationOf(seeded, party)
    const here = organizationOf(
      seeded,
      PARTIES.find((other) => other !== party)!,
    )
    const seatOf = (user: string) =>
      `exists (select from members where user_id = ${user} and organization_id = ${there})`
    const role = who.seats[party]
    if (role === undefined && who.id !== '') {
      const insert = `insert into members (organization_id, user_id, role) values (${there}, ${me}, 'owner')`
      await attack('joins-uninvited', sql(insert), seatOf(me))
      const move = `update members set organization_id = ${there} where organization_id = ${here}`
      await attack('joins-uninvited', sql(move), seatOf(me))
    }
    const friend = `insert into members (organization_id, user_id, role) values (${there}, 'a friend', 'owner')`
    await attack('joins-uninvited', sql(friend), seatOf("'a friend'"))
    const steal = `update members set user_id = 'a friend'`
    await attack('joins-uninvited', sql(steal), seatOf("'a friend'"))
    if (role !== undefined && role !== 'owner') {
      const isOwner = `exists (select from members where user_id = ${me} and organization_id = ${there} and role = 'owner')`
      await attack('raises-own-role', sql(`update members set role = 'owner'`), isOwner)
      await attack('raises-own-role', sql(`update members set role = 'owner' where user_id = ${me}`), isOwner)
    }
  }
  return findings
}

/** The function that members are read by tells everyone their own organizations and nobody any, whatever lies in its way. */
async function askWhoseMemberIAm(session: Session, seeded: Seeded, who: Caller): Promise<Finding[]> {
  const findings: Finding[] = []
  const mine = PARTIES.filter((party) => who.seats[party] !== undefined).map((party) => organizationOf(seeded, party))
  const ask = sql(`select * from ${CALLER_ORGANIZATIONS}() order by 1`)
  const tells = async (defect: Defect, before: readonly Statement[], asked = ask) => {
    const attempt = await session.attempt(who, [...before, asked], NOTHING)
    const told = attempt.refused === null ? attempt.done.rows.map(([id]) => id!) : []
    const where = `${CALLER_ORGANIZATIONS}()`
    if (told.some((id) => !mine.includes(id)))
      findings.push({ defect, where, as: who.name, evidence: `it told ${told.join(', ')}` })
    if (mine.length > 0 && told.join() !== mine.join() && before.length === 0) {
      const evidence = `the control failed: it told ${told.join(', ')} (${attempt.refused})`
      findings.push({ defect: 'unknown', where, as: who.name, evidence })
    }
    if (nobodys(who) && attempt.refused !== '42501')
      findings.push({ defect, where, as: who.name, evidence: 'nobody in particular may call it' })
  }
  await tells('tells-others-organizations', [])
  const there = organizationOf(seeded, PARTIES.find((party) => who.seats[party] === undefined) ?? PARTIES[0])
  const standIn = [
    ...STAND_IN,
    sql(`insert into members values (${there}, ${literal(who.id)}, 'owner')`),
    sql(`set local search_path = pg_temp, public`),
  ]
  await tells('believes-a-stand-in', standIn)
  return findings
}

/** A stand-in for `members` must not open a table of an organization either. */
export async function attackByStandIn(
  session: Session,
  { relation, expected }: Subject,
  seeded: Seeded,
  who: Caller,
): Promise<Finding[]> {
  if (who.id === '') return []
  const findings: Finding[] = []
  for (const party of PARTIES.filter((one) => !mayRead(expected.rule, one, who))) {
    const attempt = await session.attempt(
      who,
      [
        ...STAND_IN,
        sql(`insert into members values (${organizationOf(seeded, party)}, ${literal(who.id)}, 'owner')`),
        sql('set local search_path = pg_temp, public'),
        sql(`select ctid::text from public."${relation.name}"`),
      ],
      NOTHING,
    )
    const theirs = seeded.get(relation.name)!.get(party)!.place
    if (attempt.refused === null && attempt.done.rows.some(([place]) => place === theirs))
      findings.push({ defect: 'believes-a-stand-in', where: relation.name, as: who.name, evidence: 'rows read' })
  }
  return findings
}

/** Nobody but the owner of the tables makes objects beside them: one of the right name could be taken for ours. */
export async function attackSchemas(session: Session, who: Caller, hasSeats: boolean): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const schema of hasSeats ? ['public', 'postern'] : ['public']) {
    for (const object of ['table planted (id int)', "function planted() returns int language sql as 'select 1'"]) {
      const [kind, name] = object.split(' ') as [string, string]
      const create = sql(`create ${kind} ${schema}.${object.slice(kind.length + 1)}`)
      const attempt = await session.attempt(who, create, NOTHING)
      if (attempt.refused === '42501') continue
      const evidence = `create ${kind} ${name}: ${attempt.refused ?? 'done'}`
      findings.push({ defect: 'role-makes-objects', where: schema, as: who.name, evidence })
    }
  }
  return findings
}
