import type { Spot } from './trace/model.js'

/**
 * What a project says of one database: its tables as they stand after all its migrations, or as its schema declares them.
 * One project may describe the same database twice (a Drizzle schema, and the migrations made from it); each is told.
 */
export interface DatabaseFacts {
  /** The folder, or the one file, that it is described in. */
  readonly home: string
  readonly saidBy: 'sql' | 'prisma' | 'drizzle' | 'postern'
  readonly dialect: Dialect
  /** Whether what is known was applied in an order that the names tell: migrations, and not scripts that lie about. */
  readonly isOrdered: boolean
  /** Whether PostgREST (Supabase) answers for its tables to whoever asks, so that row-level security is all there is. */
  readonly isExposed: boolean
  /** The schemas that it answers for. */
  readonly exposedSchemas: readonly string[]
  readonly tables: readonly TableFacts[]
  readonly views: readonly ViewFacts[]
  /** Functions that run with the rights of their owner, past every policy. */
  readonly definers: readonly { readonly name: string; readonly at: Spot }[]
  /** What could not be read, and why. */
  readonly unread: readonly { readonly at: Spot; readonly reason: string }[]
}

export type Dialect = 'postgresql' | 'mysql' | 'sqlite' | 'sqlserver' | 'mongodb' | 'unknown'

export interface TableFacts {
  readonly schema: string
  readonly name: string
  /** Where it is created or declared; where it is first spoken of, if it is created out of sight. */
  readonly at: Spot
  readonly isCreatedHere: boolean
  readonly columns: readonly ColumnFacts[]
  /** The columns of its primary key. */
  readonly key: readonly string[]
  /** A check holds it to one row, so that its key counts nothing. */
  readonly isSingleRow: boolean
  /** `unsure` where a block decides at run time for which tables it is. */
  readonly rowSecurity: 'on' | 'off' | 'unsure'
  readonly isForced: boolean
  readonly policies: readonly PolicyFacts[]
  /** Roles from which everything was revoked. */
  readonly revokedFrom: readonly string[]
  readonly partitionOf: string | null
}

export interface ColumnFacts {
  readonly name: string
  readonly type: ColumnType
  /** The type as it is written. */
  readonly written: string
  readonly at: Spot
  /** The database counts it up: serial, identity, auto_increment. */
  readonly isCounted: boolean
  /** The table that it refers to. */
  readonly references: string | null
}

/** `instant` knows its zone, `local-time` is a date and time that does not. */
export type ColumnType =
  'int16' | 'int32' | 'int64' | 'float' | 'decimal' | 'instant' | 'local-time' | 'text' | 'uuid' | 'other'

export interface PolicyFacts {
  readonly name: string
  readonly at: Spot
  readonly command: 'all' | 'select' | 'insert' | 'update' | 'delete'
  /** Lower case; `public` where none is named. */
  readonly roles: readonly string[]
  readonly using: Reach | null
  readonly check: Reach | null
  readonly isRestrictive: boolean
}

/**
 * How far a predicate of a policy reaches, from nothing to all: no row; rows for the service only; rows by who is calling;
 * rows by what they hold, whoever is calling; every row for whoever is signed in; every row for everybody.
 */
export type Reach = 'nothing' | 'service' | 'own' | 'rows' | 'signed-in' | 'everything'

export interface ViewFacts {
  readonly schema: string
  readonly name: string
  readonly at: Spot
  /** Reads with the rights of who asks, so that the policies of its tables hold. */
  readonly isInvoker: boolean
}
