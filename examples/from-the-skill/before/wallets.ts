import { drizzle } from 'drizzle-orm/node-postgres'
import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { Pool } from 'pg'

export const wallets = pgTable('wallets', {
  id: bigint({ mode: 'bigint' }).primaryKey(),
  credits: integer().notNull(),
})
export const webhookEvents = pgTable('webhook_events', { id: text().primaryKey() })

export const pool = new Pool({ connectionString: process.env.DATABASE_URL })
export const db = drizzle(pool)
