import { eq, sql } from 'drizzle-orm'
import type { Scope } from '../src/database/scope-types.js'
import { customers, type schema } from './shop.js'

type Db = Scope<typeof schema>
const name = 'forgotten'

/** What a function does wrong: each creates an operation and lets go of it. Outside `src`, as users' code is. */
export const forgetful: Record<string, (db: Db) => unknown> = {
  'db.customers.create()': (db) => void db.customers.create({ name }),
  'db.customers.page()': (db) => void db.customers.page(),
  'db.insert()': (db) => void db.insert(customers).values({ name }),
  'db.update()': (db) => void db.update(customers).set({ name }).where(eq(customers.name, 'x')),
  'db.delete()': (db) => void db.delete(customers),
  'db.execute()': (db) => void db.execute(sql`delete from customers`),
}

/** What looks like it and is right: each operation runs, or is part of one that does. */
export const careful: Record<string, (db: Db) => unknown> = {
  returned: (db) => db.insert(customers).values({ name }).returning(),
  'returned by a promise': async (db) => db.customers.create({ name }),
  'all at once': (db) => Promise.all([db.customers.create({ name }), db.update(customers).set({ name })]),
  'awaited by then()': (db) =>
    db
      .delete(customers)
      .where(eq(customers.name, 'x'))
      .then(() => 1),
  'part of another query': async (db) => {
    const made = db.$with('made').as(db.insert(customers).values({ name }).returning())
    return db.with(made).select({ name: made.name }).from(made)
  },
  prepared: (db) => db.insert(customers).values({ name }).prepare('forgetful').execute(),
  upserted: (db) => db.insert(customers).values({ name }).onConflictDoNothing().returning(),
}
