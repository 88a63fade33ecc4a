import type { Statement } from '../../packages/postern/src/database/statement.js'
import type { CatalogColumn, Relation } from './catalog.js'
import type { Expected } from './expected.js'
import { partiesOf } from './access.js'
import { ALICE, BOB, fay, PARTIES, PEOPLE, type Session, sql } from './session.js'

/** A table under test: what the catalog says of it, and what the schema promises. */
export interface Subject {
  readonly relation: Relation
  readonly expected: Expected
}

/** A row as text, by column, and where it lies: an update, even to the same values, moves it. */
export interface SeededRow {
  readonly values: Readonly<Record<string, string | null>>
  readonly place: string
}

/** The rows of a table by the party that they were made for; those of nobody under ''. */
export type Seeded = Map<string, Map<string, SeededRow>>

/**
 * Puts one row for Alice and one for Bob into each owned table and one into each other, parents first. Everyone has their seat, and
 * Fay has lost hers.
 */
export async function seed(session: Session, subjects: readonly Subject[]): Promise<Seeded> {
  const seeded: Seeded = new Map()
  for (const subject of parentsFirst(subjects)) {
    const rows = new Map<string, SeededRow>()
    seeded.set(subject.relation.name, rows)
    for (const party of partiesOf(subject.expected.rule)) {
      const insert = insertRow(subject, compose(subject, party, seeded))
      const text = `${insert.text} returning row_to_json(${quoted(subject.relation.name)})::text, ctid::text`
      const {
        rows: [row],
      } = await session.asService({ ...insert, text })
      rows.set(party, { values: texts(JSON.parse(row![0]!) as Record<string, unknown>), place: row![1]! })
    }
    if (subject.expected.rule.kind === 'members') await seat(session, seeded)
  }
  return seeded
}

async function seat(session: Session, seeded: Seeded): Promise<void> {
  const held = PEOPLE.filter(({ id }) => id !== ALICE && id !== BOB).flatMap(({ id, seats }) =>
    Object.entries(seats).map(([party, role]) => ({ id, party, role })),
  )
  const lost = PARTIES.map((party) => ({ id: fay.id, party, role: 'owner' }))
  for (const { id, party, role } of [...held, ...lost]) {
    const values = [organizationOf(seeded, party), id, role]
    await session.asService(sql('insert into members (organization_id, user_id, role) values ($1, $2, $3)', values))
  }
  await session.asService(sql('delete from members where user_id = $1', [fay.id]))
}

/** The id of a party's organization. */
export function organizationOf(seeded: Seeded, party: string): string {
  return rowOf(seeded, 'organizations', party)!.values['id']!
}

/** What the owner column holds in a row of a party. */
export function ownerValue({ expected }: Subject, party: string, seeded: Seeded): string {
  return expected.rule.kind === 'organization' && party !== '' ? organizationOf(seeded, party) : party
}

/** Values for a new row of a party, on parents of the same. */
export function compose(subject: Subject, party: string, seeded: Seeded): Record<string, string> {
  const { relation, expected } = subject
  const values: Record<string, string> = {}
  for (const column of relation.columns) {
    if (!column.isGenerated && column.isRequired && !column.hasDefault) values[column.name] = sample(column)
  }
  if (expected.ownerColumn !== null) values[expected.ownerColumn] = ownerValue(subject, party, seeded)
  if (expected.rule.kind === 'members') Object.assign(values, { user_id: party, role: 'owner' })
  for (const { columns, target, targetColumns } of relation.foreignKeys) {
    // A row below another of its own table would need that one first, and tables are emptied here.
    const parent = target === relation.name ? undefined : rowOf(seeded, target, party)
    columns.forEach((column, index) => {
      const value = parent?.values[targetColumns[index]!]
      if (value != null && column !== expected.ownerColumn) values[column] = value
    })
  }
  return values
}

export function insertRow({ relation }: Subject, values: Readonly<Record<string, string>>): Statement {
  const types = new Map(relation.columns.map(({ name, type }) => [name, type]))
  const keys = Object.keys(values)
  const places = keys.map((key, index) => `$${index + 1}::text::${types.get(key)!}`)
  const into = `insert into ${quoted(relation.name)}`
  if (keys.length === 0) return sql(`${into} default values`)
  return sql(`${into} (${keys.map(quoted).join(', ')}) values (${places.join(', ')})`, Object.values(values))
}

/** The row of an owner, or the one of nobody where the table has no owner. */
export function rowOf(seeded: Seeded, table: string, owner: string): SeededRow | undefined {
  const rows = seeded.get(table)
  return rows?.get(owner) ?? rows?.get('')
}

/** The condition that names one row by its key, for text that follows `where`. */
export function isRow({ relation }: Subject, { values }: SeededRow): string {
  return relation.key.map((column) => `${quoted(column)} = ${literal(values[column]!)}`).join(' and ')
}

export function parentsFirst(subjects: readonly Subject[]): Subject[] {
  const sorted: Subject[] = []
  const visit = (subject: Subject, path: readonly Subject[]) => {
    if (sorted.includes(subject) || path.includes(subject)) return
    for (const { target } of subject.relation.foreignKeys) {
      const parent = subjects.find(({ relation }) => relation.name === target)
      if (parent !== undefined) visit(parent, [...path, subject])
    }
    sorted.push(subject)
  }
  for (const subject of subjects) visit(subject, [])
  return sorted
}

let counter = 0

/** A value of the column's type that no other row has. */
export function sample({ type, label }: CatalogColumn): string {
  counter += 1
  if (label !== null) return label
  if (type.endsWith('[]')) return '{}'
  if (/^(bigint|integer|smallint|numeric|real|double)/.test(type)) return String(counter)
  if (type === 'boolean') return 'true'
  if (type === 'uuid') return `00000000-0000-4000-8000-${String(counter).padStart(12, '0')}`
  if (type.startsWith('json')) return '{}'
  if (/^(timestamp|date)/.test(type)) return new Date(Date.UTC(2026, 0, 1) + counter * 86_400_000).toISOString()
  const length = Number(/\((\d+)\)/.exec(type)?.[1] ?? 30)
  return `s${counter}`.slice(-length)
}

function texts(row: Record<string, unknown>): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key,
      value === null ? null : typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
}

export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
export const literal = (value: string) => `'${value.replaceAll("'", "''")}'`
