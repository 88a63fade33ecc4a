import { type Backend, createBackend, type BackendOptions } from '../src/backend.js'
import { database, type DatabaseOptions } from '../src/database/index.js'
import type { Handler } from '../src/handler.js'
import type { RouteModules, TestBackend } from '../src/testing/index.js'
import { schema } from './bank-schema.js'
import { type UnderTest, underTest } from './under-test.js'

/** A row of the inbox, as PostgreSQL has it. */
export interface Row {
  readonly id: string
  readonly status: string
  readonly attempts: number
  readonly duplicates: number
  readonly type: string
  readonly key: string
  readonly error: { readonly name?: string; readonly message?: string; readonly issues?: unknown } | null
}

export interface Bank {
  readonly backend: Backend<typeof schema>
  readonly app: TestBackend
  readonly tested: UnderTest
  /** Looked at from outside, as the superuser would. */
  balance(name: string): Promise<number>
  effects(event: string): Promise<number>
  inbox(endpoint?: string): Promise<Row[]>
  sql(text: string): Promise<(string | null)[][]>
}

interface BankOptions {
  readonly on: 'postgres' | 'embedded'
  readonly backend?: Partial<Omit<BackendOptions<never>, 'database'>>
  readonly database?: Partial<Pick<DatabaseOptions<typeof schema>, 'poolSize' | 'poolWaitMs' | 'statementTimeoutMs'>>
}

/** A small bank whose provider tells of payments, on a database of its own for the suite that calls this. */
export function bank(
  routes: (backend: Backend<typeof schema>) => Readonly<Record<string, Handler>>,
  { on, ...options }: BankOptions,
): Bank {
  const db = database({ schema, directory: 'memory://' })
  const backend = createBackend({ database: db, auth: () => null, ...options.backend })
  const modules = Object.fromEntries(
    Object.entries(routes(backend)).map(([path, POST]) => [path, { POST }]),
  ) as RouteModules
  const tested = underTest({ backend, schema, routes: () => modules, on, pool: { ...options.database } })
  const select = (text: string) =>
    tested.app.asOwner(async (owner) => {
      const [, result] = await owner.batch([
        { text: "select set_config('role', 'service_role', true)", values: [] },
        { text, values: [] },
      ])
      return result!.rows.map((row) => [...row])
    })
  return {
    backend,
    tested,
    get app() {
      return tested.app
    },
    async balance(name) {
      return Number((await select(`select balance from accounts where name = '${name}'`))[0]?.[0] ?? 0)
    },
    async effects(event) {
      return Number((await select(`select count(*) from entries where event = '${event}'`))[0]![0])
    },
    async inbox(endpoint = '%') {
      const rows = await select(
        `select id, status, attempts, duplicates, event_type, dedupe_key, last_error
           from postern.webhook_inbox where endpoint like '${endpoint}' order by seq`,
      )
      return rows.map(([row, status, attempts, duplicates, type, key, error]) => ({
        id: row!,
        status: status!,
        attempts: Number(attempts),
        duplicates: Number(duplicates),
        type: type!,
        key: key!,
        error: error == null ? null : (JSON.parse(error) as Row['error']),
      }))
    },
    sql: select,
  }
}
