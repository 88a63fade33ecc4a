import { eq } from 'drizzle-orm'
import { type Principal, problem, type Scope } from 'postern'
import type * as schema from './schema/index.ts'
import { authors } from './schema/index.ts'

/** The id of the caller's own author page: sign-up made it. */
export async function ownAuthor(db: Scope<typeof schema>, principal: Principal): Promise<string> {
  const [own] = await db.select({ id: authors.id }).from(authors).where(eq(authors.ownerId, principal.id)).limit(1)
  if (own === undefined) throw problem('conflict', 'Make your author page first')
  return own.id
}
