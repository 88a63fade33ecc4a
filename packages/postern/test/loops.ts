import { eq, inArray, sql } from 'drizzle-orm'
import type { Scope } from '../src/database/scope-types.js'
import { customers, invoices, type schema } from './shop.js'

type Db = Scope<typeof schema>
type Invoice = typeof invoices.$inferSelect
type Loop = (db: Db, found: readonly Invoice[]) => Promise<unknown>

/** The same question for each row: what a function does wrong. Outside `src`, as users' code is; each loop is one line. */
export const loops: Record<string, Loop> = {
  'find() in a loop': async (db, found) => {
    for (const { customerId } of found) await db.customers.find(customerId)
  },
  'find() side by side': (db, found) => Promise.all(found.map(({ customerId }) => db.customers.find(customerId))),
  'page() in a loop': async (db, found) => {
    for (const { customerId } of found) await db.invoices.page({ filter: { customerId } })
  },
  'db.select() in a loop': async (db, found) => {
    for (const { customerId } of found) await db.select().from(customers).where(eq(customers.id, customerId))
  },
  'db.query in a loop': async (db, found) => {
    for (const { id } of found) await db.query.invoices.findFirst({ where: eq(invoices.id, id) })
  },
  'db.$count() in a loop': async (db, found) => {
    for (const { customerId } of found) await db.$count(customers, eq(customers.id, customerId))
  },
  'db.with() in a loop': async (db, found) => {
    const named = db.$with('named').as(db.select({ name: customers.name }).from(customers))
    for (const _ of found) await db.with(named).select().from(named)
  },
  'db.execute() in a loop': async (db, found) => {
    for (const { customerId } of found) await db.execute(sql`select name from customers where id = ${customerId}`)
  },
  'as the service': async (db, found) => {
    for (const { customerId } of found) await db.asService('a test').customers.find(customerId)
  },
  'as somebody': async (db, found) => {
    for (const { customerId } of found) await db.asService('a test').as({ id: 'alice' }).customers.find(customerId)
  },
}

/** Loops that write, for a transaction. */
export const writingLoops: Record<string, Loop> = {
  'create() in a loop': async (db, found) => {
    for (const { id } of found) await db.customers.create({ name: id })
  },
  'db.insert() in a loop': async (db, found) => {
    for (const { id } of found) await db.insert(customers).values({ name: id })
  },
  'a transaction in a loop': async (db, found) => {
    for (const { id, status } of found) await db.transaction((tx) => tx.invoices.update(id, { status }))
  },
}

/** The same answers without a loop. */
export const single: Record<string, Loop> = {
  'with related rows': (db) => db.invoices.page({}, { with: { customer: true } }),
  'by one statement': (db, found) =>
    db
      .select()
      .from(customers)
      .where(
        inArray(
          customers.id,
          found.map(({ customerId }) => customerId),
        ),
      ),
  'rows in one statement': (db, found) => db.insert(customers).values(found.map(({ id }) => ({ name: id }))),
  'three times and no more': async (db, found) => {
    for (const { customerId } of found.slice(0, 3)) await db.customers.find(customerId)
  },
}
