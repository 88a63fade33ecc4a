import { quoted, quotedTable, type Snapshot, type SnapshotTable } from './snapshot.js'

/** Statements to say before a schema changes, and behind it. */
interface VersionTriggers {
  readonly gone: readonly string[]
  readonly come: readonly string[]
}

/**
 * The triggers that raise a row's version where a foreign key's action changes it (`on delete set null`): with its old `ETag` a client
 * would be told 304, and overwrite what it has not seen. What raises the version itself is left alone. A trigger goes before any of
 * its columns does, and by its function, whose name says nothing of what the table is called meanwhile.
 * @param before the picture that the last migration left, under the names that the database has
 */
export function versionTriggers(before: Snapshot, after: Snapshot): VersionTriggers {
  const [old, wanted] = [triggersOf(before), triggersOf(after)]
  return {
    gone: [...old].filter((one) => differs(one, wanted)).map(([name]) => `DROP FUNCTION IF EXISTS ${name}() CASCADE;`),
    come: [...wanted].filter((one) => differs(one, old)).map(([, sql]) => sql),
  }
}

function differs([name, sql]: readonly [string, string], other: ReadonlyMap<string, string>): boolean {
  return other.get(name) !== sql
}

/** What makes each, by the name of its function. */
function triggersOf({ tables }: Snapshot): Map<string, string> {
  const triggers = new Map<string, string>()
  for (const table of Object.values(tables)) {
    const version = Object.values(table.columns).find(({ name }) => marker(table, name) in table.checkConstraints)
    const emptied = emptiedColumns(table)
    if (version === undefined || emptied.length === 0) continue
    const called = marker(table, version.name)
    const name = quotedTable({ schema: table.schema, name: called })
    triggers.set(name, triggerSql({ name, called, table, version: quoted(version.name), emptied }))
  }
  return triggers
}

/** The check by which `table()` says that a version rises without a statement of ours. */
const marker = (table: SnapshotTable, column: string) => `${table.name}_${column}_rises`

function emptiedColumns(table: SnapshotTable): string[] {
  const keys = Object.values(table.foreignKeys).filter(({ onDelete }) => onDelete?.startsWith('set null') === true)
  return keys.flatMap(({ onDelete, columnsFrom }) => {
    // A composite key names the column that it empties; the owner stays.
    const named = columnsFrom.filter((column) => onDelete!.includes(quoted(column)))
    return (named.length > 0 ? named : columnsFrom).map(quoted)
  })
}

interface Trigger {
  readonly name: string
  readonly called: string
  readonly table: SnapshotTable
  readonly version: string
  readonly emptied: readonly string[]
}

function triggerSql({ name, called, table, version, emptied }: Trigger): string {
  const emptiedNow = emptied.map((column) => `(OLD.${column} IS NOT NULL AND NEW.${column} IS NULL)`).join(' OR ')
  return `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
begin
  new.${version} := old.${version} + 1;
  return new;
end $$;
REVOKE ALL ON FUNCTION ${name}() FROM PUBLIC, "anon", "authenticated", "service_role";
CREATE TRIGGER ${quoted(called)} BEFORE UPDATE ON ${quotedTable(table)} FOR EACH ROW
  WHEN (NEW.${version} = OLD.${version} AND (${emptiedNow})) EXECUTE FUNCTION ${name}();`
}
