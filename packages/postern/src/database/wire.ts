import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type { ClientBase } from 'pg'

/** What node-postgres' connection really offers; @types/pg still describes the one of version 7. */
export interface Wire extends EventEmitter {
  readonly stream: Duplex
  /** The named statements that PostgreSQL keeps on this connection: name → text. */
  readonly parsedStatements: Record<string, string>
  sendCopyFail(reason: string): void
}

/** What node-postgres' client has beside the typed part. */
export interface WireClient extends ClientBase {
  readonly processID: number | null
  readonly secretKey: number | null
  readonly host: string
  readonly port: number
  readonly connection: Wire
}
