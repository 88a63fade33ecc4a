import { sql } from 'drizzle-orm'
import { numeric, timestamp } from 'drizzle-orm/pg-core'
import { BigIntTextBuilder } from './big-int-text.js'

/**
 * The key of a row: `bigint generated always as identity`, a string in TypeScript and in JSON.
 *
 * @example
 * export const notes = table('notes', { id: id(), text: text().notNull() }, { owner: user() })
 */
export function id() {
  return new BigIntTextBuilder().primaryKey().generatedAlwaysAsIdentity()
}

/**
 * An amount of money: `numeric(19,4)`, a string in TypeScript and in JSON, because a float cannot hold 0.1. `table()` adds the
 * check that refuses `NaN`, which PostgreSQL's numeric takes for a number, and for a larger one than any other.
 *
 * @example
 * total: money().notNull()
 */
export function money() {
  const builder = numeric({ precision: 19, scale: 4 })
  configOf(builder).posternMoney = true
  return builder
}

/** Whether `money()` made a column. */
export function isMoney(column: unknown): boolean {
  return configOf(column).posternMoney === true
}

function configOf(target: unknown): { posternMoney?: boolean } {
  return (target as { config: { posternMoney?: boolean } }).config
}

/**
 * A point in time: `timestamptz(3)`, a `Date` in TypeScript, `2026-01-31T12:00:00.000Z` in JSON. Milliseconds are what a
 * `Date` can hold: with PostgreSQL's microseconds a cursor made in JavaScript would skip rows.
 *
 * @example
 * dueAt: instant().notNull()
 */
export function instant() {
  return timestamp({ withTimezone: true, precision: 3 })
}

/**
 * When a row was made and last changed. `updatedAt` moves with every update that goes through Drizzle or Postern.
 *
 * @example
 * export const notes = table('notes', { id: id(), ...timestamps() }, { owner: user() })
 */
export function timestamps() {
  return {
    createdAt: instant().notNull().defaultNow(),
    updatedAt: instant()
      .notNull()
      .defaultNow()
      .$onUpdate(() => sql`now()` as never),
  }
}
