import { posix } from 'node:path'
import type { DatabaseFacts, Dialect, TableFacts } from '../database-facts.js'
import type { SourceFile } from '../source/source-file.js'
import type { Attempt } from '../source/sources.js'
import type { SqlParser } from '../sql/sql-parser.js'
import { type Builders, buildersOf } from './drizzle-imports.js'
import { extrasOf } from './drizzle-extras.js'
import { columnsOf } from './drizzle-columns.js'
import { declaresTables } from './declares-tables.js'
import { argumentsOf, type Chain, chainOf, constantsOf, textOf } from './syntax.js'

/** The databases of Drizzle's tables, and of our own `table()`: the files of one folder are one. */
export async function drizzleDatabases(
  files: readonly SourceFile[],
  parser: () => Promise<SqlParser>,
  attempt: Attempt,
): Promise<DatabaseFacts[]> {
  const homes = new Map<string, DatabaseFacts & { tables: TableFacts[] }>()
  let loaded: SqlParser | undefined
  for (const file of files.filter(({ text }) => declaresTables(text))) {
    if (/pgPolicy|crudPolicy/.test(file.text)) loaded ??= await parser()
    for (const { table, dialect, saidBy, isExposed } of attempt(file.path, () => tablesOf(file, loaded)) ?? []) {
      const home = posix.dirname(file.path)
      const id = `${home} ${saidBy} ${dialect}`
      const known = homes.get(id)
      const database = known ?? {
        home, saidBy, dialect, isOrdered: true, isExposed, exposedSchemas: ['public'], tables: [], views: [], definers: [], unread: [],
      } // prettier-ignore
      database.tables.push(table)
      homes.set(id, { ...database, isExposed: database.isExposed || isExposed })
    }
  }
  return [...homes.values()]
}

interface Declared {
  readonly table: TableFacts
  readonly dialect: Dialect
  readonly saidBy: 'drizzle' | 'postern'
  readonly isExposed: boolean
}

function tablesOf(file: SourceFile, parser: SqlParser | undefined): Declared[] {
  const constants = constantsOf(file)
  const builders = buildersOf(file, constants)
  return constants.flatMap(({ init, node }): Declared[] => {
    const chain = chainOf(init)
    const made = chain === undefined ? undefined : tableIn(chain, builders)
    if (chain === undefined || made === undefined) return []
    const [nameNode, columnsNode, third] = argumentsOf(made.call)
    const name = textOf(nameNode)
    if (name === undefined || columnsNode === undefined) return []
    const { columns, key } = columnsOf(columnsNode, { file, dialect: made.dialect, constants, builders })
    const isOurs = made.saidBy === 'postern'
    const extras = extrasOf(third, { file, parser, constants })
    const isSecured =
      isOurs || extras.policies.length > 0 || made.isSecured || chain.calls.some((call) => call.name === 'enableRLS')
    const table: TableFacts = {
      schema: made.schema, name, at: { file, node }, isCreatedHere: true, columns, key: extras.key ?? key, isSingleRow: false,
      rowSecurity: isSecured ? 'on' : 'off', isForced: isOurs, policies: extras.policies, revokedFrom: [], partitionOf: null,
    } // prettier-ignore
    return [{ table, dialect: made.dialect, saidBy: made.saidBy, isExposed: builders.isSupabase }]
  })
}

interface Made {
  readonly call: Chain['calls'][number]
  readonly dialect: Dialect
  readonly schema: string
  readonly saidBy: 'drizzle' | 'postern'
  readonly isSecured: boolean
}

/** `pgTable(…)`, `createTable(…)` of a creator, `schema.table(…)`, `pgTable.withRLS(…)`, our own `table(…)`. */
function tableIn({ root, calls }: Chain, builders: Builders): Made | undefined {
  const call = calls[0]
  if (call === undefined) return undefined
  const isSecured = call.name === 'withRLS'
  const maker = builders.makers.get(call.name === null || isSecured ? root : `${root}.${call.name}`)
  if (maker !== undefined) return { ...maker, call, schema: 'public', isSecured }
  const schema = call.name === 'table' ? builders.schemas.get(root) : undefined
  return schema === undefined ? undefined : { call, dialect: 'postgresql', saidBy: 'drizzle', schema, isSecured: false }
}
