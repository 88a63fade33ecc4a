import { sql } from 'drizzle-orm'
import type { ServiceScope } from '../src/database/scope-types.js'
import { id, integer, table, text, user } from '../src/schema/index.js'
import type { WebhookContext } from '../src/webhook-slots.js'
import type { Events } from './hmac-signer.js'

/** Counted up by each event, so that a second effect shows. */
export const accounts = table(
  'accounts',
  { id: id(), name: text().notNull().unique(), balance: integer().notNull().default(0) },
  { owner: user() },
)
/** One row for each effect, with what it was the effect of. */
export const entries = table('entries', { id: id(), event: text().notNull(), amount: integer() }, { owner: user() })

export const schema = { accounts, entries }
export type Db = ServiceScope<typeof schema>
export type PaymentContext = WebhookContext<typeof schema, Events['payment.made'], undefined>

/** The effect: not idempotent, on purpose. */
export async function pay({ event, db }: PaymentContext): Promise<void> {
  await addTo(db, event.data.account, event.data.amount)
  await db.insert(entries).values({ ownerId: 'service', event: event.id ?? '-', amount: event.data.amount })
}

export async function addTo(db: Db, name: string, amount: number): Promise<void> {
  await db
    .insert(accounts)
    .values({ ownerId: name, name, balance: amount })
    .onConflictDoUpdate({ target: accounts.name, set: { balance: sql`${accounts.balance} + ${amount}` } })
}
