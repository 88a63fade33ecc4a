import { bind } from '../database/paved/prepared.js'
import { asService, type InboxDatabase } from './as-service.js'
import { EndedTransaction, type Started } from './attempt.js'
import { wellFormed } from './inbox-row.js'
import { STATEMENTS } from './statements.js'

/** What became of an attempt that failed. */
export interface Recorded {
  readonly dead: boolean
  /** When it is tried again; `null` where it is dead. */
  readonly retryAt: Date | null
}

/**
 * Keeps that an attempt failed and why, and when the next one is due: the backoff doubles from 10 s to 6 h, each half as long again at
 * most. `null` where the attempt is no longer the last: then nothing was changed.
 */
export async function record(
  database: InboxDatabase,
  { id, attempt }: Pick<Started, 'id' | 'attempt'>,
  error: unknown,
): Promise<Recorded | null> {
  const values = [id, attempt, isPermanent(error), JSON.stringify(describe(error))]
  const [result] = await asService(database, [bind(STATEMENTS.record, values)])
  const row = result!.rows[0]
  if (row === undefined) return null
  const dead = row[0] === 'dead'
  return { dead, retryAt: dead ? null : new Date(row[1]!) }
}

/** An attempt that could not begin is none. Due again after `ms` milliseconds. */
export async function giveBack(
  database: InboxDatabase,
  { id, attempt }: Pick<Started, 'id' | 'attempt'>,
  ms: number,
): Promise<void> {
  await asService(database, [bind(STATEMENTS.giveBack, [id, attempt, ms])])
}

/** Whether the event is final, asked after a COMMIT that was never answered. */
export async function statusOf(database: InboxDatabase, id: string): Promise<string | null> {
  const [result] = await asService(database, [bind(STATEMENTS.finalStatus, [id])])
  return result!.rows[0]?.[0] ?? null
}

/** By its looks: a bundle may hold two copies of this module. */
function isPermanent(error: unknown): boolean {
  if (error instanceof EndedTransaction) return true
  return error instanceof Error && (error.name === 'PermanentError' || error.name === 'DataRefused')
}

/** An error as the inbox keeps it: for people who look at the database, not for a client. */
export function describe(error: unknown): object {
  if (!(error instanceof Error)) return { message: cut(String(error)) }
  const { code } = error as { readonly code?: unknown }
  const cause = error.cause instanceof Error ? { cause: cut(error.cause.message) } : {}
  const issues = 'issues' in error ? { issues: error.issues } : {}
  return {
    name: error.name,
    message: cut(error.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...cause,
    ...issues,
  }
}

const cut = (text: string) => wellFormed(text.replaceAll('\0', '')).slice(0, 2_000)
