import { quoted, quotedTable, type Snapshot, type SnapshotTable } from './snapshot.js'

/**
 * What drizzle-kit does not write and no table may be without: row-level security that is forced, a policy for the
 * service, and for each role exactly the commands that a policy allows it. Derived from both pictures, as a difference.
 */
export function guardStatements(before: Snapshot, after: Snapshot): string[] {
  const statements = newSchemas(before, after)
  for (const [key, table] of Object.entries(after.tables)) {
    const name = quotedTable(table)
    const old = before.tables[key]
    // Said for every new table and never taken back: drizzle-kit would switch it off with the last policy.
    if (old === undefined)
      statements.push(`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;`, `ALTER TABLE ${name} FORCE ROW LEVEL SECURITY;`)
    statements.push(...servicePolicy(old, table))
    const grants = grantsOf(table)
    if (old === undefined || grants.join() !== grantsOf(old).join()) statements.push(...grants)
  }
  return statements
}

/** drizzle-kit's own switches for row-level security: ours above are the only ones. */
export function isRowSecuritySwitch(statement: string): boolean {
  return /^ALTER TABLE .* (?:ENABLE|DISABLE) ROW LEVEL SECURITY;?\s*$/s.test(statement)
}

const COMMANDS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const
type Command = (typeof COMMANDS)[number]

const CALLERS = ['anon', 'authenticated']
const ROLES = [...CALLERS, 'service_role']

const policiesOf = (table: SnapshotTable) => Object.values(table.policies)

/** Revoked first, because Supabase's default privileges hand every new table to everyone. */
function grantsOf(table: SnapshotTable): string[] {
  const name = quotedTable(table)
  const statements = [`REVOKE ALL ON ${name} FROM PUBLIC, ${ROLES.map(quoted).join(', ')};`]
  for (const [role, commands] of allowed(table)) {
    const list = COMMANDS.filter((command) => commands.has(command)).join(', ')
    statements.push(`GRANT ${list} ON ${name} TO ${quoted(role)};`)
    if (commands.has('INSERT')) statements.push(...serialSequences(table, role))
  }
  return statements
}

function allowed(table: SnapshotTable): Map<string, Set<Command>> {
  const byRole = new Map<string, Set<Command>>()
  for (const policy of policiesOf(table)) {
    // A restrictive policy only takes away from what the others allow.
    if (policy.as?.toUpperCase() === 'RESTRICTIVE') continue
    const command = policy.for?.toUpperCase() ?? 'ALL'
    const commands = COMMANDS.filter((one) => command === 'ALL' || one === command)
    for (const role of (policy.to ?? ['public']).flatMap((to) => (to === 'public' ? CALLERS : [to]))) {
      byRole.set(role, new Set([...(byRole.get(role) ?? []), ...commands]))
    }
  }
  byRole.set('service_role', new Set(COMMANDS))
  return new Map([...byRole].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** An identity column needs no right to its sequence; an old-fashioned serial does. */
function serialSequences(table: SnapshotTable, role: string): string[] {
  const serials = Object.values(table.columns).filter((column) => column.type.endsWith('serial'))
  return serials.map((column) => {
    const sequence = quotedTable({ schema: table.schema, name: `${table.name}_${column.name}_seq` })
    return `GRANT USAGE ON SEQUENCE ${sequence} TO ${quoted(role)};`
  })
}

/** Under FORCE a table without a policy shows nobody anything: a plain table is open to the service alone. */
function servicePolicy(before: SnapshotTable | undefined, after: SnapshotTable): string[] {
  const had = before !== undefined && lacksService(before)
  const needs = lacksService(after)
  if (had === needs) return []
  const policy = `${quoted(`${after.name}_service`)} ON ${quotedTable(after)}`
  return needs
    ? [`CREATE POLICY ${policy} AS PERMISSIVE FOR ALL TO "service_role" USING (true) WITH CHECK (true);`]
    : [`DROP POLICY IF EXISTS ${policy};`]
}

const lacksService = (table: SnapshotTable) => !policiesOf(table).some((policy) => policy.to?.includes('service_role'))

function newSchemas(before: Snapshot, after: Snapshot): string[] {
  const names = Object.keys(after.schemas).filter((name) => !(name in before.schemas))
  return names.map((name) => `GRANT USAGE ON SCHEMA ${quoted(name)} TO ${ROLES.map(quoted).join(', ')};`)
}
