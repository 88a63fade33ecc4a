import { eq } from 'drizzle-orm'
import type { db as database } from './database.ts'
import { user } from './schema/index.ts'

/** Makes the user who signed up with ADMIN_EMAIL an administrator. Harmless to run again. */
export default async function seed(db: ReturnType<typeof database.service>): Promise<void> {
  const email = process.env['ADMIN_EMAIL']
  if (email === undefined || email === '') return
  await db.update(user).set({ role: 'admin' }).where(eq(user.email, email))
}
