import type { OwnerConnection } from '../database/connections.js'
import { quoted } from '../database/paved/shape.js'

/** A fingerprint of what each table holds, by its name. */
export type Contents = ReadonlyMap<string, string>

/**
 * Reads what all tables hold, as a hash. `xmin`, the transaction that wrote a row, is part of it, so that a row that was
 * written with the values it had counts as written.
 */
export async function readContents(owner: OwnerConnection): Promise<Contents> {
  const [tables] = await owner.batch([{ text: TABLES, values: [] }])
  const found = tables!.rows.map(([schema, name, service]) => ({
    name: schema === 'public' ? name! : `${schema}.${name}`,
    text: hashOf(`${quoted(schema!)}.${quoted(name!)}`),
    service: service === 't',
  }))
  const contents = new Map<string, string>()
  for (const service of [true, false]) {
    const some = found.filter((table) => table.service === service)
    // One batch is one implicit transaction, so the role is forgotten at its end.
    const role = service ? "set_config('role', 'service_role', true)" : '1'
    const results = await owner.batch([`select ${role}`, ...some.map(({ text }) => text)].map(withoutValues))
    some.forEach(({ name }, index) => contents.set(name, results[index + 1]!.rows[0]![0]!))
  }
  return contents
}

export function changedTables(before: Contents, after: Contents): string[] {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort()
}

/** Under FORCE ROW LEVEL SECURITY the tables' owner sees no row of them; the service does. */
const TABLES = `select n.nspname, c.relname,
    has_schema_privilege('service_role', n.oid, 'usage') and has_table_privilege('service_role', c.oid, 'select')
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.relpersistence <> 't'
    and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'`

function hashOf(table: string): string {
  const row = "md5(t.xmin::text || ' ' || t::text)"
  return `select count(*) || ' ' || md5(coalesce(string_agg(${row}, '' order by ${row}), '')) from ${table} t`
}

function withoutValues(text: string) {
  return { text, values: [] }
}
