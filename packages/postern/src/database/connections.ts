import type { Observer } from '../events.js'
import type { Stop } from './stop.js'
import type { Statement, StatementResult } from './statement.js'

/** One session of PostgreSQL. */
export interface Connection {
  /** Sends all statements with one Sync: one round trip, one implicit transaction unless one is open. Throws PostgreSQL's error. */
  batch(statements: readonly Statement[]): Promise<StatementResult[]>
}

/** A connection that is yours until it is released. */
export interface HeldConnection extends Connection {
  /** No transaction is open and nothing is running. */
  readonly idle: boolean
  /** Asks PostgreSQL to stop what runs. It may come too late, so the connection must be released as broken afterwards. */
  cancel(): void
  /** Gives it back. It is closed instead when `broken`, while a statement runs, or with a transaction left open. */
  release(broken?: boolean): void
}

/** A connection of the tables' owner, for migrations and seeds. */
export interface OwnerConnection extends Connection {
  /** Runs a script of any number of statements without parameters. */
  script(sql: string): Promise<void>
}

/** Where statements go: a pool of PostgreSQL's connections, or the one of the embedded database. Opened by the first use. */
export interface Connections {
  readonly kind: 'postgres' | 'embedded'
  /** For people: where the database is, without a password. */
  readonly label: string
  /** The same for all that lead to one database, whatever their pools; no text that shows a password. */
  readonly place: string | symbol
  /** A statement that was prepared is found again. Not so behind a pooler that gives out another session each time. */
  readonly keepsPrepared: boolean
  /** A prepared statement was not found: none is sent from now on, and a `database.warning` says so once. */
  losePrepared(): void
  /**
   * Borrows a connection. Waits `waitMs` milliseconds at most (default: the option `poolWaitMs`, 1 s), then throws the problem
   * `unavailable`; waits no longer once `stop` says so, and throws its reason. Throws `DatabaseUnreachable` when there is no
   * database to connect to.
   * @param rides one batch is sent on it, at once, which is soon done and gives up where it meets a lock: others like it that
   * come with it, or wait with it, may share the connection
   */
  acquire(waitMs?: number, stop?: Stop, rides?: boolean): Promise<HeldConnection>
  withConnection<T>(work: (connection: HeldConnection) => Promise<T>): Promise<T>
  /** Works as the owner of the tables. On the embedded database everything else waits meanwhile. */
  asOwner<T>(work: (connection: OwnerConnection) => Promise<T>): Promise<T>
  /** More have waited for a connection for a while than there should: a host had better refuse than let others join them. */
  readonly isCrowded: boolean
  /** Tells of connections that fail while nobody uses them. The answer stops it. */
  observe(observer: Observer): () => void
  close(): Promise<void>
}

/** How connections are shared out. */
export interface PoolOptions {
  /** The most connections at a time (default 10; the embedded database has one). */
  readonly poolSize?: number
  /** The longest wait for one, in milliseconds (default 1,000). */
  readonly poolWaitMs?: number
}
