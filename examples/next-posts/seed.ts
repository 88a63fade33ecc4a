import { inArray } from 'drizzle-orm'
import type { db as database } from './database.ts'
import { authors, posts } from './schema/index.ts'

const PEOPLE = [
  { ownerId: 'seed-ada', name: 'Ada Okafor', about: 'Writes about gates, locks and hinges.' },
  { ownerId: 'seed-ben', name: 'Ben Larsen', about: 'Walks the walls and writes down what he sees.' },
]
const SUBJECTS = ['The postern', 'A hinge', 'The watch', 'Keys', 'The moat']
const TURNS = ['at dawn', 'in the rain', 'after the siege', 'by lamplight', 'and who oils it']

/** Two authors and fifty posts, an hour apart. Harmless to run again. */
export default async function seed(db: ReturnType<typeof database.service>): Promise<void> {
  const ids = PEOPLE.map(({ ownerId }) => ownerId)
  const known = await db.select({ id: authors.id }).from(authors).where(inArray(authors.ownerId, ids)).limit(1)
  if (known.length > 0) return
  const made = await db.insert(authors).values(PEOPLE).returning({ authorId: authors.id, ownerId: authors.ownerId })
  const now = Date.now()
  const rows = Array.from({ length: 50 }, (_, index) => ({
    ...made[index % made.length]!,
    title: `${SUBJECTS[index % 5]} ${TURNS[Math.floor(index / 5) % 5]}, part ${Math.floor(index / 25) + 1}`,
    body: `Note ${index + 1} of 50.\n\nWhat passes the small gate is written down here, one line for each who came.`,
    createdAt: new Date(now - (50 - index) * 3_600_000),
  }))
  await db.insert(posts).values(rows)
}
