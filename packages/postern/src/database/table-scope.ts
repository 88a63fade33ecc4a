import type { TableFacts } from '../schema/facts.js'
import { problem } from '../problems.js'
import type { NumberedPage, Page } from './scope-types.js'
import type { Identity } from './identity.js'
import { pageAt, type PageRequest, toCursor } from './paved/cursor.js'
import type { Shape } from './paved/shape.js'
import { numberedRows } from './paved/numbered-rows.js'
import { pageRows } from './paved/page-rows.js'
import { reviveAll, revive } from './paved/revive.js'
import type { RowStatement } from './paved/row-columns.js'
import { isRowId } from './paved/row-match.js'
import { selectRow } from './paved/select-row.js'
import { assertOrganization, deleteRow, insertRow, updateRow, type Values } from './paved/write-row.js'
import { Pending, type Unawaited } from './pending.js'
import type { RowMarks } from './row-marks.js'
import type { Statement, StatementResult } from './statement.js'
import type { Unit } from './unit.js'

type Row = Record<string, unknown>
type Related = Pick<Shape, 'with'>
/** Sends a statement, and says which line of the user's it comes from. */
type Run = (statement: Statement) => Promise<StatementResult>

/** What the tables of one scope share. */
export interface ScopeContext {
  readonly unit: Unit
  readonly identity: Identity
  readonly unawaited: Unawaited
  readonly marks: RowMarks
}

/** The paved operations of one table, in one scope. Its types for users are `TableScope`. */
export class TableOperations {
  readonly #context: ScopeContext
  readonly #facts: TableFacts
  readonly #name: string

  constructor(context: ScopeContext, facts: TableFacts, name: string) {
    this.#context = context
    this.#facts = facts
    this.#name = name
  }

  find(id: string, options: Related = {}): Promise<Row> {
    return this.#later('find', async (run) => found(await this.#read(run, id, options)))
  }

  findOptional(id: string, options: Related = {}): Promise<Row | undefined> {
    return this.#later('findOptional', (run) => this.#read(run, id, options))
  }

  page(
    query: Partial<PageRequest & { page: number }> = {},
    options: Related = {},
  ): Promise<Page<Row> | NumberedPage<Row>> {
    const { name, idKey } = this.#facts
    const { limit = 20, sort = [{ key: idKey, descending: true }], filter = {}, search = null, after = null } = query
    return this.#later('page', async (run) => {
      if (query.page !== undefined) {
        const asked = { limit, sort, filter, search, page: query.page }
        const numbered = numberedRows(this.#facts, asked, options)
        const { data, ...counted } = numbered.text(await run(numbered.statement))
        return { ...counted, data: reviveAll(this.#facts, data, options) }
      }
      const page = pageRows(this.#facts, pageAt(name, { limit, sort, filter, search, after }), options)
      const { data, end } = page.text(await run(page.statement))
      const next = end === null ? null : toCursor({ table: name, sort, filter, search }, end)
      return { data: reviveAll(this.#facts, data, options), next }
    })
  }

  create(values: Values): Promise<Row> {
    return this.#later('create', async (run) => {
      assertOrganization(this.#facts, this.#context.identity)
      const row = (await this.#one(run, insertRow(this.#facts, values, {}, undefined, this.#isService)))!
      this.#context.marks.markCreated(row)
      return row
    })
  }

  update(id: string, values: Values): Promise<Row> {
    return this.#later('update', async (run) => {
      if (!isRowId(id)) throw problem('not-found')
      return found(await this.#one(run, updateRow(this.#facts, { id }, values, {}, this.#isService)))
    })
  }

  remove(id: string): Promise<void> {
    return this.#later('remove', async (run) => {
      const removed = isRowId(id) ? await run(deleteRow(this.#facts, { id })) : undefined
      if (removed?.rowCount !== 1) throw problem('not-found')
    })
  }

  get #isService(): boolean {
    return this.#context.identity.role === 'service_role'
  }

  async #read(run: Run, id: string, shape: Shape): Promise<Row | undefined> {
    return isRowId(id) ? this.#one(run, selectRow(this.#facts, { id }, 'see', shape), shape) : undefined
  }

  async #one(run: Run, { statement, read }: RowStatement, shape: Shape = {}): Promise<Row | undefined> {
    const text = read(await run(statement))
    if (text === undefined) return undefined
    const row = revive(this.#facts, text.json, shape)
    this.#context.marks.markVersion(row, text.version)
    return row
  }

  #later<T>(operation: string, start: (run: Run) => Promise<T>): Promise<T> {
    const { unit, identity, unawaited } = this.#context
    const { site, done } = unawaited.add(`db.${this.#name}.${operation}()`)
    return new Pending(() => start((statement) => unit.run(identity, statement, site)), done)
  }
}

function found<T>(row: T | undefined): T {
  if (row === undefined) throw problem('not-found')
  return row
}
