import type { Node } from 'libpg-query'
import type { SourceFile } from '../source/source-file.js'
import type { Spot } from '../trace/model.js'
import { addColumn, addConstraint, change, changeType } from './columns.js'
import { runBlock } from './do-block.js'
import { grant, grantByDefault } from './grants.js'
import { alteredPolicy, policyOf } from './policies.js'
import { namesOf } from './reach.js'
import { roughTable } from './rough-table.js'
import type { SqlParser } from './sql-parser.js'
import type { Name, SqlState } from './sql-state.js'
import { type Statement, statementsOf } from './statements.js'

/** Statements that change what is asked. Data is skipped: a dump may hold megabytes of it. */
const WANTED =
  /^(?:create\s+(?:or\s+replace\s+)?(?:unlogged\s+|temp(?:orary)?\s+|foreign\s+|recursive\s+|global\s+|local\s+)*(?:table|policy|view|function)|alter\s+(?:table|foreign|policy|view|default|schema)|drop\s+(?:table|policy|view|schema|foreign)|grant|revoke|do|set)\b/i
/** Of functions it is asked only which of them run as their owner. */
const FUNCTION = /^create\s+(?:or\s+replace\s+)?function\b/i
const DEFINER = /\bsecurity\s+definer\b/i

/** Blocks run strings that hold statements, which may be blocks. */
const DEEPEST_BLOCK = 3

/** Replays scripts into one database. A statement that can't be read is told, and the next one is read. */
export class Replay {
  readonly #state: SqlState
  readonly #parser: SqlParser | undefined

  /** Without a parser it is another dialect than PostgreSQL, of which the tables alone are read. */
  constructor(state: SqlState, parser: SqlParser | undefined) {
    this.#state = state
    this.#parser = parser
  }

  run(file: SourceFile, text: string): void {
    for (const statement of statementsOf(text, this.#state.dialect === 'mysql')) {
      this.#run(
        file,
        text,
        statement,
        (offset) => ({ file, node: { start: offset, end: Math.max(offset, statement.end) } }),
        0,
      )
    }
    // Each migration is a session of its own.
    this.#state.home = 'public'
  }

  #run(file: SourceFile, text: string, statement: Statement, spotAt: (offset: number) => Spot, depth: number): void {
    const head = text.slice(statement.start, statement.start + 80)
    if (!WANTED.test(head)) return
    if (FUNCTION.test(head) && !DEFINER.test(text.slice(statement.start, statement.end))) return
    const at = spotAt(statement.start)
    try {
      const outcome = this.#parser?.parse(text, statement) ?? { reason: '' }
      if ('node' in outcome) {
        const runInner = (inner: string) => {
          if (depth >= DEEPEST_BLOCK) return
          // What stands in a string has no place of its own: the block's is told.
          for (const one of statementsOf(inner)) this.#run(file, inner, one, () => at, depth + 1)
        }
        this.#apply(outcome.node, at, (location) => spotAt(outcome.place(location)), runInner)
      } else if (
        !roughTable(text.slice(statement.start, statement.end), statement.start, this.#state, spotAt) &&
        outcome.reason !== ''
      ) {
        this.#state.unread.push({ at, reason: outcome.reason })
      }
    } catch (error) {
      this.#state.unread.push({ at, reason: error instanceof Error ? error.message : String(error) })
    }
  }

  #apply(node: Node, at: Spot, spotOf: (location: number | undefined) => Spot, runInner: (sql: string) => void): void {
    const state = this.#state
    if ('CreateStmt' in node) {
      const { relation, tableElts, inhRelations, partbound } = node.CreateStmt
      const parent =
        inhRelations?.[0] !== undefined && 'RangeVar' in inhRelations[0] ? inhRelations[0].RangeVar.relname : undefined
      if (relation?.relpersistence === 't') return
      const table = state.create(nameOf(relation), at, partbound === undefined ? null : (parent ?? null))
      if (table === undefined) return
      for (const element of tableElts ?? [])
        if ('ColumnDef' in element) addColumn(table, element.ColumnDef, state.dialect, spotOf)
      for (const element of tableElts ?? []) if ('Constraint' in element) addConstraint(table, element.Constraint)
    } else if ('CreateTableAsStmt' in node) {
      const { into, objtype } = node.CreateTableAsStmt
      if (objtype === 'OBJECT_TABLE' && into?.rel?.relpersistence !== 't') state.create(nameOf(into?.rel), at)
    } else if ('AlterTableStmt' in node) {
      this.#alterTable(node.AlterTableStmt, at, spotOf)
    } else if ('CreatePolicyStmt' in node) {
      const table = state.expect(nameOf(node.CreatePolicyStmt.table), at)
      const policy = policyOf(node.CreatePolicyStmt, at)
      table.policies = [...table.policies.filter(({ name }) => name !== policy.name), policy]
    } else if ('AlterPolicyStmt' in node) {
      const altered = node.AlterPolicyStmt
      const table = state.find(nameOf(altered.table))
      if (table === undefined) return
      table.policies = table.policies.map((policy) =>
        policy.name === altered.policy_name ? alteredPolicy(policy, altered) : policy,
      )
    } else if ('DropStmt' in node) {
      this.#drop(node.DropStmt)
    } else if ('RenameStmt' in node) {
      this.#rename(node.RenameStmt)
    } else if ('AlterObjectSchemaStmt' in node) {
      const { objectType, relation, newschema } = node.AlterObjectSchemaStmt
      const table = objectType === 'OBJECT_TABLE' ? state.find(nameOf(relation)) : undefined
      if (table !== undefined && newschema !== undefined) state.rename(table, { schema: newschema })
    } else if ('GrantStmt' in node) {
      grant(state, node.GrantStmt)
    } else if ('AlterDefaultPrivilegesStmt' in node) {
      grantByDefault(state, node.AlterDefaultPrivilegesStmt)
    } else if ('ViewStmt' in node) {
      const { schema = state.home, name } = nameOf(node.ViewStmt.view)
      state.views.set(`${schema}.${name}`, { schema, name, at, isInvoker: isInvoker(node.ViewStmt.options) })
    } else if ('CreateFunctionStmt' in node) {
      const { funcname, options } = node.CreateFunctionStmt
      if (isDefiner(options)) state.definers.push({ name: namesOf(funcname).join('.'), at })
    } else if ('DoStmt' in node) {
      const body = (node.DoStmt.args ?? []).flatMap((arg) =>
        'DefElem' in arg && arg.DefElem.defname === 'as' ? (arg.DefElem.arg ?? []) : [],
      )[0]
      if (body !== undefined && 'String' in body) runBlock(state, body.String.sval ?? '', runInner)
    } else if ('VariableSetStmt' in node && node.VariableSetStmt.name === 'search_path') {
      const first = node.VariableSetStmt.args?.[0]
      const schema = first !== undefined && 'A_Const' in first ? first.A_Const.sval?.sval : undefined
      if (schema !== undefined && schema !== '') state.home = schema
    }
  }

  #alterTable(
    { relation, cmds, objtype }: Extract<Node, { AlterTableStmt: unknown }>['AlterTableStmt'],
    at: Spot,
    spotOf: (location: number | undefined) => Spot,
  ): void {
    const state = this.#state
    if (objtype === 'OBJECT_VIEW') {
      const { schema = state.home, name } = nameOf(relation)
      const view = state.views.get(`${schema}.${name}`)
      const options = (cmds ?? []).flatMap((cmd) => ('AlterTableCmd' in cmd && cmd.AlterTableCmd.def !== undefined && 'List' in cmd.AlterTableCmd.def ? (cmd.AlterTableCmd.def.List.items ?? []) : [])) // prettier-ignore
      if (view !== undefined)
        state.views.set(`${schema}.${name}`, { ...view, isInvoker: isInvoker(options) || view.isInvoker })
      return
    }
    if (objtype !== 'OBJECT_TABLE') return
    const table = state.expect(nameOf(relation), at)
    for (const cmd of cmds ?? []) {
      if (!('AlterTableCmd' in cmd)) continue
      const { subtype, name = '', def } = cmd.AlterTableCmd
      const column = def !== undefined && 'ColumnDef' in def ? def.ColumnDef : undefined
      const constraint = def !== undefined && 'Constraint' in def ? def.Constraint : undefined
      if (subtype === 'AT_EnableRowSecurity') table.rowSecurity = 'on'
      else if (subtype === 'AT_DisableRowSecurity') table.rowSecurity = 'off'
      else if (subtype === 'AT_ForceRowSecurity') table.isForced = true
      else if (subtype === 'AT_NoForceRowSecurity') table.isForced = false
      else if (subtype === 'AT_AddColumn' && column !== undefined) {
        const isThere =
          cmd.AlterTableCmd.missing_ok === true && table.columns.some((one) => one.name === column.colname)
        if (!isThere) addColumn(table, column, state.dialect, spotOf)
      } else if (subtype === 'AT_DropColumn') table.columns = table.columns.filter((one) => one.name !== name)
      else if (subtype === 'AT_AlterColumnType') changeType(table, name, column?.typeName, state.dialect)
      else if (subtype === 'AT_AddIdentity') change(table, name, { isCounted: true })
      else if (subtype === 'AT_AddConstraint' && constraint !== undefined) addConstraint(table, constraint)
    }
  }

  #drop({ objects, removeType }: Extract<Node, { DropStmt: unknown }>['DropStmt']): void {
    for (const object of objects ?? []) {
      const names = 'List' in object ? namesOf(object.List.items) : namesOf([object])
      const name = names.at(-1) ?? ''
      if (removeType === 'OBJECT_TABLE') this.#state.drop({ schema: names.at(-2), name })
      else if (removeType === 'OBJECT_SCHEMA') this.#state.dropSchema(name)
      else if (removeType === 'OBJECT_VIEW') this.#state.views.delete(`${names.at(-2) ?? this.#state.home}.${name}`)
      else if (removeType === 'OBJECT_POLICY') {
        const table = this.#state.find({ schema: names.at(-3), name: names.at(-2) ?? '' })
        if (table !== undefined) table.policies = table.policies.filter((policy) => policy.name !== name)
      }
    }
  }

  #rename({ renameType, relation, subname, newname = '' }: Extract<Node, { RenameStmt: unknown }>['RenameStmt']): void {
    if (renameType === 'OBJECT_SCHEMA') {
      for (const table of this.#state.tables)
        if (table.schema === subname) this.#state.rename(table, { schema: newname })
      return
    }
    const table = relation === undefined ? undefined : this.#state.find(nameOf(relation))
    if (table === undefined) return
    if (renameType === 'OBJECT_TABLE') this.#state.rename(table, { name: newname })
    else if (renameType === 'OBJECT_COLUMN') {
      change(table, subname, { name: newname })
      table.key = table.key.map((name) => (name === subname ? newname : name))
    } else if (renameType === 'OBJECT_POLICY') {
      table.policies = table.policies.map((policy) => (policy.name === subname ? { ...policy, name: newname } : policy))
    }
  }
}

const nameOf = (relation: { schemaname?: string; relname?: string } | undefined): Name => ({
  schema: relation?.schemaname,
  name: relation?.relname ?? '',
})

function isInvoker(options: readonly Node[] | undefined): boolean {
  return (options ?? []).some((option) => {
    if (!('DefElem' in option) || option.DefElem.defname !== 'security_invoker') return false
    const { arg } = option.DefElem
    return arg === undefined || !('String' in arg) || /^(?:true|on|1|yes)$/i.test(arg.String.sval ?? '')
  })
}

function isDefiner(options: readonly Node[] | undefined): boolean {
  return (options ?? []).some((option) => {
    if (!('DefElem' in option) || option.DefElem.defname !== 'security') return false
    return (
      option.DefElem.arg !== undefined && 'Boolean' in option.DefElem.arg && option.DefElem.arg.Boolean.boolval === true
    )
  })
}
