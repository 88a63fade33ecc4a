import type { Database } from 'postern/database'

export type Ask = (text: string, as?: string | null) => Promise<readonly (readonly (string | null)[])[]>

export const PEOPLE = ['alice', 'bob'] as const
export type Person = (typeof PEOPLE)[number]

/** A row by its table's oid and its key: neither changes when a table or column is renamed. */
type RowName = string

/** What was put into a database, by which its later versions are judged. */
export interface Seeded {
  readonly tables: readonly SeededTable[]
}

interface SeededTable {
  readonly oid: string
  /** The key's and the owner's column by number: numbers survive renames. */
  readonly key: string
  readonly owner: string | null
  readonly rows: readonly { readonly key: string; readonly owner: string | null }[]
}

/** Statements as the service, or as a person (`null`: as nobody), each a transaction of its own. */
export function askOf(db: Database<Record<string, never>>): Ask {
  return async (text, as) => {
    const role = as === undefined ? 'service_role' : as === null ? 'anon' : 'authenticated'
    const claims = `select set_config('role', '${role}', true), set_config('request.jwt.claim.sub', '${as ?? ''}', true),
      set_config('request.jwt.claims', '${as ? JSON.stringify({ sub: as }) : ''}', true)`
    const results = await db.asOwner((connection) =>
      connection.batch([claims, text].map((one) => ({ text: one, values: [] }))),
    )
    return results[1]?.rows ?? []
  }
}

interface Column {
  readonly name: string
  readonly type: string
  /** A value that is allowed: of an enum, or of a check. */
  readonly label: string | null
  readonly mayBeLeft: boolean
  readonly target: string | null
  readonly targetColumn: string | null
  readonly isKey: boolean
}

/** One row for each person in every table, parents first, with values made from the columns' types. Asks the catalog alone. */
export async function seedEveryTable(ask: Ask): Promise<Seeded> {
  const tables = parentsFirst(await tablesOf(ask))
  const seeded: SeededTable[] = []
  for (const table of tables) {
    const columns = await columnsOf(ask, table.oid)
    for (const [index, person] of PEOPLE.entries()) {
      const given = columns.filter(
        ({ name, target, mayBeLeft }) => name === table.ownerName || target !== null || !mayBeLeft,
      )
      const values = given.map((column) => valueOf(column, table.ownerName, person, index))
      const names = given.map(({ name }) => `"${name}"`).join(', ')
      await ask(`insert into ${table.name} (${names}) select ${values.join(', ')}`)
    }
    const owner = table.ownerName === null ? 'null' : `"${table.ownerName}"`
    const rows = await ask(`select "${table.keyName}"::text, ${owner}::text from ${table.name}`)
    seeded.push({ ...table, rows: rows.map(([key, whose]) => ({ key: key ?? '', owner: whose ?? null })) })
  }
  return { tables: seeded }
}

export async function rowsNow(ask: Ask, { tables }: Seeded): Promise<{ lost: RowName[]; otherOwner: RowName[] }> {
  const [lost, otherOwner]: [RowName[], RowName[]] = [[], []]
  for (const table of tables) {
    const found = await locate(ask, table)
    const owner = found.owner === null ? 'null' : `"${found.owner}"`
    const rows = new Map(
      found.name === null
        ? []
        : (await ask(`select "${found.key}"::text, ${owner}::text from ${found.name}`)).map(([k, o]) => [k, o]),
    )
    for (const row of table.rows) {
      if (!rows.has(row.key)) lost.push(`${found.name ?? table.oid} ${row.key}`)
      else if (row.owner !== null && rows.get(row.key) !== row.owner) otherOwner.push(`${found.name} ${row.key}`)
    }
  }
  return { lost, otherOwner }
}

interface Seen {
  /** What a person (`null`: nobody) may read. */
  of(person: Person | null): RowName[]
  /** What only this person may read. */
  onlyFor(person: Person): RowName[]
}

export async function seenBy(ask: Ask, { tables }: Seeded): Promise<Seen> {
  const seen = new Map<Person | null, RowName[]>()
  for (const person of [...PEOPLE, null]) {
    const rows: RowName[] = []
    for (const table of tables) {
      const { name, key } = await locate(ask, table)
      if (name === null) continue
      const role = person === null ? 'anon' : 'authenticated'
      const [[may] = []] = await ask(`select has_table_privilege('${role}', ${table.oid}::oid, 'SELECT')`)
      if (may !== 't') continue
      rows.push(
        ...(await ask(`select "${key}"::text from ${name} order by 1`, person)).map(
          ([value]) => `${table.oid} ${value}`,
        ),
      )
    }
    seen.set(person, rows)
  }
  const of = (person: Person | null) => seen.get(person) ?? []
  return {
    of,
    onlyFor: (person) =>
      of(person).filter((row) => [...seen.keys()].every((other) => other === person || !of(other).includes(row))),
  }
}

async function locate(ask: Ask, { oid, key, owner }: SeededTable) {
  const [[name = null, keyName = null, ownerName = null] = []] = await ask(
    `select c.oid::regclass::text, ${nameOfColumn(key)}, ${nameOfColumn(owner)} from pg_class c where c.oid = ${oid}`,
  )
  return { name, key: keyName, owner: ownerName }
}

const nameOfColumn = (number: string | null) =>
  `(select attname from pg_attribute where attrelid = c.oid and attnum = ${number ?? 'null'} and not attisdropped)`

interface Found {
  readonly oid: string
  readonly name: string
  readonly key: string
  readonly keyName: string
  readonly owner: string | null
  readonly ownerName: string | null
  readonly parents: readonly string[]
}

async function tablesOf(ask: Ask): Promise<Found[]> {
  const rows = await ask(`select c.oid, c.oid::regclass::text, k.attnum, k.attname, o.attnum, o.attname,
      array_to_string(array(select confrelid from pg_constraint f where f.conrelid = c.oid and f.contype = 'f' and confrelid <> c.oid), ',')
    from pg_class c join pg_constraint p on p.conrelid = c.oid and p.contype = 'p'
    join pg_attribute k on k.attrelid = c.oid and k.attnum = p.conkey[1]
    left join pg_attribute o on o.attrelid = c.oid and o.attname = 'owner_id' and not o.attisdropped
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by c.relname`)
  return rows.map(([oid, name, key, keyName, owner, ownerName, parents]) => ({
    oid: oid ?? '',
    name: name ?? '',
    key: key ?? '',
    keyName: keyName ?? '',
    owner: owner ?? null,
    ownerName: ownerName ?? null,
    parents: (parents ?? '').split(',').filter((one) => one !== ''),
  }))
}

function parentsFirst(tables: readonly Found[]): Found[] {
  const done: Found[] = []
  const visit = (table: Found, path: readonly Found[]) => {
    if (done.includes(table) || path.includes(table)) return
    for (const parent of tables) if (table.parents.includes(parent.oid)) visit(parent, [...path, table])
    done.push(table)
  }
  for (const table of tables) visit(table, [])
  return done
}

async function columnsOf(ask: Ask, oid: string): Promise<Column[]> {
  const rows = await ask(`select a.attname, format_type(a.atttypid, a.atttypmod),
      coalesce((select enumlabel from pg_enum where enumtypid = a.atttypid order by enumsortorder limit 1),
        (select substring(pg_get_constraintdef(oid) from '''([^'']+)''') from pg_constraint
          where conrelid = a.attrelid and contype = 'c' and conkey = array[a.attnum] limit 1)),
      a.attidentity <> '' or a.attgenerated <> '' or a.atthasdef or not a.attnotnull,
      f.confrelid::regclass::text, t.attname,
      exists (select from pg_constraint where conrelid = a.attrelid and contype = 'p' and conkey[1] = a.attnum)
    from pg_attribute a
    left join lateral (select confrelid, confkey[array_position(conkey, a.attnum)] as number from pg_constraint
      where conrelid = a.attrelid and contype = 'f' and a.attnum = conkey[cardinality(conkey)] limit 1) f on true
    left join pg_attribute t on t.attrelid = f.confrelid and t.attnum = f.number
    where a.attrelid = ${oid} and a.attnum > 0 and not a.attisdropped order by a.attnum`)
  return rows.map(([name, type, label, mayBeLeft, target, targetColumn, isKey]) => ({
    name: name ?? '',
    type: type ?? '',
    label: label ?? null,
    mayBeLeft: mayBeLeft === 't',
    target: target ?? null,
    targetColumn: targetColumn ?? null,
    isKey: isKey === 't',
  }))
}

/** An SQL expression. A reference is to the same person's row: parents have one for each, in the order of PEOPLE. */
function valueOf(
  { name, type, label, target, targetColumn, isKey }: Column,
  owner: string | null,
  person: Person,
  index: number,
): string {
  if (name === owner) return `'${person}'`
  // A person's own row of the users' table has the id that owner columns hold, and so has whatever refers to it.
  if (type === 'text' && target === null && (isKey || /^(?:.*_)?user_id$/.test(name))) return `'${person}'`
  if (target !== null)
    return `(select "${targetColumn}" from ${target} order by ctid desc offset ${PEOPLE.length - 1 - index} limit 1)`
  if (type.endsWith('[]')) return `'{}'`
  // Before the checks: what one says of a number is what it must not be.
  if (/^(?:bigint|integer|smallint|numeric|double|real)/.test(type)) return String(index + 1)
  if (label !== null) return `'${label}'`
  if (type === 'boolean') return 'false'
  if (/^(?:timestamp|date)/.test(type)) return `'2026-01-0${index + 1}'`
  if (type === 'uuid') return 'gen_random_uuid()'
  if (/^jsonb?$/.test(type)) return `'{}'`
  return `'${name} of ${person}'`
}
