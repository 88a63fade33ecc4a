import { randomUUID } from 'node:crypto'
import { bind } from '../database/paved/prepared.js'
import type { Statement, StatementResult } from '../database/statement.js'
import { runsAnywhere } from '../workers/heartbeat.js'
import { againOnConflict, asService, type InboxDatabase } from './as-service.js'
import type { InboxRow } from './inbox-row.js'
import { STATEMENTS } from './statements.js'

/** The name of the worker that takes up what was stored. */
export const WORKER = 'webhooks'

type Status = 'received' | 'succeeded' | 'ignored' | 'dead'

/** What the inbox says of an event. */
export type Stored =
  | { readonly kind: 'fresh'; readonly id: string; readonly status: Status; readonly begun: boolean }
  | {
      readonly kind: 'duplicate'
      readonly id: string
      readonly status: Status
      /** The same id with other bytes: a fault of the provider, or somebody who has made up an id. */
      readonly differs: boolean
    }

export interface StoreOptions {
  /** The first attempt begins here and now: it is counted with the row, in the same commit. */
  readonly begins: boolean
  readonly leaseMs: number
}

export interface StoreResult {
  readonly rows: readonly Stored[]
  /** Whether a worker runs somewhere: then what is stored is owned, and needs no other try by the provider. */
  readonly hasWorker: boolean
}

/**
 * The first step: what it answers is the inbox’s from now on. All events of a delivery are one transaction and one round trip;
 * duplicates take a second one, and wait for nobody.
 */
export async function store(
  database: InboxDatabase,
  rows: readonly InboxRow[],
  options: StoreOptions,
): Promise<StoreResult> {
  const named = rows.map((row): NamedRow => ({ id: randomUUID(), ...row }))
  const statements = storing(named, options)
  return storedBy(database, named, options, await againOnConflict(() => asService(database, statements)))
}

/** What stores them, and asks who owns what is stored. */
export function storing(rows: readonly NamedRow[], options: StoreOptions): Statement[] {
  return [...rows.flatMap((row) => insert(row, options)), runsAnywhere(WORKER)]
}

/** What that came to; for duplicates the inbox is asked again. */
export async function storedBy(
  database: InboxDatabase,
  rows: readonly NamedRow[],
  options: StoreOptions,
  results: readonly StatementResult[],
): Promise<StoreResult> {
  let at = 0
  const stored = rows.map((row): Stored | null => {
    const [id, status, attempts] = results[at++]!.rows[0] ?? []
    const isHeldBack = mayBeHeldBack(row, options) && results[at++]!.rows.length > 0
    if (id === undefined) return null
    return { kind: 'fresh', id: id!, status: status as Status, begun: Number(attempts) > 0 && !isHeldBack }
  })
  const copies = rows.filter((_, index) => stored[index] === null)
  const known = await duplicatesAmong(database, copies)
  // Forgotten between the two looks, because its time was over: then this is no copy any more.
  const forgotten = copies.filter((row) => !known.has(row))
  const anew = forgotten.length === 0 ? [] : (await store(database, forgotten, options)).rows
  for (const [index, row] of forgotten.entries()) known.set(row, anew[index]!)
  return { rows: stored.map((each, index) => each ?? known.get(rows[index]!)!), hasWorker: hasWorkerIn(results) }
}

/** What `storing` asked last. */
export function hasWorkerIn(results: readonly StatementResult[]): boolean {
  return results.at(-1)!.rows[0]?.[0] === 't'
}

/** A row that is known by its id before it is stored. */
export type NamedRow = InboxRow & { readonly id: string }

/** Whether its first attempt begins only where nothing waits before it. */
function mayBeHeldBack({ orderingKey }: InboxRow, { begins }: StoreOptions): boolean {
  return begins && orderingKey !== null
}

function insert(row: NamedRow, options: StoreOptions): Statement[] {
  const held = mayBeHeldBack(row, options) ? [bind(STATEMENTS.holdBack, [row.id])] : []
  return [insertOne(row, options), ...held]
}

function insertOne(row: NamedRow, { begins, leaseMs }: StoreOptions): Statement {
  return bind(STATEMENTS.store, [
    row.endpoint,
    row.dedupeKey,
    row.eventType,
    row.eventAt,
    row.orderingKey,
    row.blocksKey,
    row.event,
    row.body === null ? null : Buffer.from(row.body.buffer, row.body.byteOffset, row.body.byteLength),
    row.bodySha256,
    row.guardsBody,
    row.headers,
    row.status,
    begins && row.status === 'received',
    row.maxAttempts,
    leaseMs,
    row.error === null ? null : JSON.stringify(row.error),
    row.keepMs,
    row.id,
  ])
}

/** What is known of each; nothing of one that is not there. */
async function duplicatesAmong(database: InboxDatabase, rows: readonly InboxRow[]): Promise<Map<InboxRow, Stored>> {
  const found = new Map<InboxRow, Stored>()
  if (rows.length === 0) return found
  const statements = rows.flatMap(({ endpoint, dedupeKey, bodySha256 }) => {
    const identity = [endpoint, dedupeKey, bodySha256]
    return [bind(STATEMENTS.findDuplicate, identity), bind(STATEMENTS.countDuplicate, identity)]
  })
  const results = await againOnConflict(() => asService(database, statements))
  for (const [index, row] of rows.entries()) {
    const [id, status, , sameBody, sameKey] = results[index * 2]!.rows[0] ?? []
    if (id === undefined) continue
    const differs = sameKey === 't' && sameBody === 'f' && !row.dedupeKey.startsWith('sha256:')
    found.set(row, { kind: 'duplicate', id: id!, status: status as Status, differs })
  }
  return found
}
