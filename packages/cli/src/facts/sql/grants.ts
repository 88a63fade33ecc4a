import type { Node } from 'libpg-query'
import { rolesOf } from './policies.js'
import { namesOf } from './reach.js'
import type { SqlState, SqlTable } from './sql-state.js'

type Grant = Extract<Node, { GrantStmt: unknown }>['GrantStmt']
type Default = Extract<Node, { AlterDefaultPrivilegesStmt: unknown }>['AlterDefaultPrivilegesStmt']

/** What is granted and revoked on whole tables. A grant of some columns, or of one right, opens the table as well. */
export function grant(state: SqlState, { targtype, objtype, objects, grantees, privileges, is_grant }: Grant): void {
  const roles = rolesOf(grantees)
  if (objtype === 'OBJECT_SCHEMA' && is_grant !== true) {
    // Without USAGE of its schema a table is out of reach.
    for (const table of state.tables) if (namesOf(objects).includes(table.schema)) revoke(table, roles)
  }
  if (objtype !== 'OBJECT_TABLE') return
  for (const table of targtype === 'ACL_TARGET_ALL_IN_SCHEMA'
    ? inSchemas(state, namesOf(objects))
    : named(state, objects)) {
    if (is_grant === true) table.revokedFrom = table.revokedFrom.filter((role) => !roles.includes(role))
    else if (privileges === undefined) revoke(table, roles)
  }
}

export function grantByDefault(state: SqlState, { options, action }: Default): void {
  if (action?.objtype !== 'OBJECT_TABLE') return
  const roles = rolesOf(action.grantees)
  const schemas = (options ?? []).flatMap((option) => {
    if (!('DefElem' in option) || option.DefElem.defname !== 'schemas') return []
    return option.DefElem.arg !== undefined && 'List' in option.DefElem.arg
      ? namesOf(option.DefElem.arg.List.items)
      : []
  })
  for (const schema of schemas) {
    const closed = new Set(state.closedTo.get(schema))
    for (const role of roles) {
      if (action.is_grant === true) closed.delete(role)
      else if (action.privileges === undefined) closed.add(role)
    }
    state.closedTo.set(schema, closed)
  }
}

function revoke(table: SqlTable, roles: readonly string[]): void {
  table.revokedFrom = [...new Set([...table.revokedFrom, ...roles])]
}

const inSchemas = (state: SqlState, schemas: readonly string[]) =>
  state.tables.filter(({ schema }) => schemas.includes(schema))

function named(state: SqlState, objects: readonly Node[] | undefined): SqlTable[] {
  return (objects ?? []).flatMap((object) => {
    if (!('RangeVar' in object)) return []
    return state.find({ schema: object.RangeVar.schemaname, name: object.RangeVar.relname ?? '' }) ?? []
  })
}
