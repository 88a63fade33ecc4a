import type { ColumnFacts, Dialect, PolicyFacts, TableFacts, ViewFacts } from '../database-facts.js'
import type { Spot } from '../trace/model.js'

/** A table while migrations are replayed. */
export interface SqlTable extends TableFacts {
  schema: string
  name: string
  columns: ColumnFacts[]
  key: string[]
  isSingleRow: boolean
  rowSecurity: TableFacts['rowSecurity']
  isForced: boolean
  policies: PolicyFacts[]
  revokedFrom: string[]
}

/** A name as a statement gives it. */
export interface Name {
  readonly schema: string | undefined
  readonly name: string
}

/** Where a project's scripts begin, unless they say otherwise. */
const HOME = 'public'

/** One database while its scripts are replayed, in order. */
export class SqlState {
  readonly dialect: Dialect
  readonly views = new Map<string, ViewFacts>()
  readonly definers: { name: string; at: Spot }[] = []
  readonly unread: { at: Spot; reason: string }[] = []
  /** Roles to which new tables of a schema give nothing. */
  readonly closedTo = new Map<string, Set<string>>()
  /** The first schema of the search path, where one is set. */
  home = HOME
  readonly #tables = new Map<string, SqlTable>()

  constructor(dialect: Dialect) {
    this.dialect = dialect
  }

  get tables(): SqlTable[] {
    return [...this.#tables.values()]
  }

  /** The table that is meant; without a schema, the one in the home schema or else the only one so called. */
  find({ schema, name }: Name): SqlTable | undefined {
    if (schema !== undefined) return this.#tables.get(`${schema}.${name}`)
    const here = this.#tables.get(`${this.home}.${name}`)
    return here ?? this.#tables.get(`${HOME}.${name}`)
  }

  /** Adds a table; `create table if not exists` of one that is there changes nothing, and neither does a second one. */
  create({ schema = this.home, name }: Name, at: Spot, partitionOf: string | null = null): SqlTable | undefined {
    const known = this.#tables.get(`${schema}.${name}`)
    if (known?.isCreatedHere === true) return undefined
    const table = this.#add({ schema, name, at, isCreatedHere: true, partitionOf })
    // What was said of it before stays said: scripts that lie about are not read in the order in which they were run.
    if (known === undefined) return table
    const { policies, rowSecurity, isForced, revokedFrom } = known
    return Object.assign(table, { policies, rowSecurity, isForced, revokedFrom })
  }

  /** The table that is meant, though it be created out of sight. */
  expect(name: Name, at: Spot): SqlTable {
    const { schema = this.home } = name
    return this.find(name) ?? this.#add({ schema, name: name.name, at, isCreatedHere: false, partitionOf: null })
  }

  #add(known: Pick<SqlTable, 'schema' | 'name' | 'at' | 'isCreatedHere' | 'partitionOf'>): SqlTable {
    const revokedFrom = [...(this.closedTo.get(known.schema) ?? [])]
    const table: SqlTable = {
      ...known,
      columns: [],
      key: [],
      isSingleRow: false,
      rowSecurity: 'off',
      isForced: false,
      policies: [],
      revokedFrom,
    }
    this.#tables.set(`${table.schema}.${table.name}`, table)
    return table
  }

  drop(name: Name): void {
    const table = this.find(name)
    if (table !== undefined) this.#tables.delete(`${table.schema}.${table.name}`)
  }

  dropSchema(schema: string): void {
    for (const table of this.tables) if (table.schema === schema) this.drop(table)
  }

  rename(table: SqlTable, to: Partial<Record<'schema' | 'name', string>>): void {
    this.#tables.delete(`${table.schema}.${table.name}`)
    Object.assign(table, to)
    this.#tables.set(`${table.schema}.${table.name}`, table)
  }
}
