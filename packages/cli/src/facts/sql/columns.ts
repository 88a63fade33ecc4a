import type { Node } from 'libpg-query'
import type { ColumnFacts, Dialect } from '../database-facts.js'
import type { Spot } from '../trace/model.js'
import { columnTypeOf, isCountedType } from './column-type.js'
import { namesOf } from './reach.js'
import type { SqlTable } from './sql-state.js'

type Column = Extract<Node, { ColumnDef: unknown }>['ColumnDef']
type Constraint = Extract<Node, { Constraint: unknown }>['Constraint']
type TypeName = NonNullable<Column['typeName']>

/** Takes a column's definition into its table, with what its constraints say of the table. */
export function addColumn(
  table: SqlTable,
  column: Column,
  dialect: Dialect,
  at: (location: number | undefined) => Spot,
): void {
  const name = column.colname ?? ''
  const constraints = (column.constraints ?? []).flatMap((node) => ('Constraint' in node ? node.Constraint : []))
  const { written, isArray } = typeText(column.typeName)
  const made: ColumnFacts = {
    name,
    type: isArray ? 'other' : columnTypeOf(written, dialect),
    written,
    at: at(column.location),
    isCounted: isCountedType(written) || constraints.some(({ contype }) => contype === 'CONSTR_IDENTITY'),
    references: constraints.find(({ contype }) => contype === 'CONSTR_FOREIGN')?.pktable?.relname ?? null,
  }
  table.columns = [...table.columns.filter((other) => other.name !== name), made]
  for (const constraint of constraints) addConstraint(table, constraint, name)
}

export function addConstraint(table: SqlTable, constraint: Constraint, column?: string): void {
  switch (constraint.contype) {
    case 'CONSTR_PRIMARY':
      table.key = column === undefined ? namesOf(constraint.keys) : [column]
      break
    case 'CONSTR_FOREIGN': {
      const [only, ...others] = namesOf(constraint.fk_attrs)
      const references = constraint.pktable?.relname ?? null
      if (others.length === 0) change(table, only, { references })
      break
    }
    case 'CONSTR_CHECK':
      if (holdsToOneRow(constraint.raw_expr)) table.isSingleRow = true
  }
}

export function changeType(table: SqlTable, column: string, type: TypeName | undefined, dialect: Dialect): void {
  const { written, isArray } = typeText(type)
  change(table, column, { written, type: isArray ? 'other' : columnTypeOf(written, dialect) })
}

export function change(table: SqlTable, name: string | undefined, to: Partial<ColumnFacts>): void {
  table.columns = table.columns.map((column) => (column.name === name ? { ...column, ...to } : column))
}

/** `check (id = 1)`, `check (only_row)`: the usual ways to say that there is one row. */
function holdsToOneRow(check: Node | undefined): boolean {
  if (check === undefined) return false
  if ('ColumnRef' in check) return true
  if (!('A_Expr' in check) || check.A_Expr.kind !== 'AEXPR_OP' || namesOf(check.A_Expr.name)[0] !== '=') return false
  const { lexpr, rexpr } = check.A_Expr
  return lexpr !== undefined && rexpr !== undefined && 'ColumnRef' in lexpr && 'A_Const' in rexpr
}

function typeText(type: TypeName | undefined): { written: string; isArray: boolean } {
  const names = namesOf(type?.names)
  const name = names.at(-1) ?? ''
  return { written: SPOKEN[name] ?? name, isArray: type?.arrayBounds !== undefined }
}

/** The parser answers PostgreSQL's own names; people write these. */
const SPOKEN: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
}
