import { index } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { database } from '../packages/postern/src/database/index.js'
import { identityOf } from '../packages/postern/src/database/identity.js'
import { type PageOf, pageRows } from '../packages/postern/src/database/paved/page-rows.js'
import { FACTS, id, instant, table, text, user } from '../packages/postern/src/schema/index.js'
import { migrated } from './isolation/migrated.js'
import { createTestDatabase, execute, type TestDatabase } from './support/postgres.js'

const events = table('events', { id: id(), at: instant().notNull(), what: text() }, { owner: user() }, (self) => [
  index('events_at_idx').on(self.ownerId, self.at, self.id),
])
const alice = identityOf({ id: 'alice', roles: [], claims: {} })
let place: TestDatabase
let db: ReturnType<typeof database>

beforeAll(async () => {
  place = await createTestDatabase()
  db = database({ schema: { events }, url: place.url, migrationUrl: place.migrationUrl })
  await migrated(db, { events })
  await execute(
    place.adminUrl,
    `insert into events (owner_id, at, what)
     select case n % 2 when 0 then 'alice' else 'bob' end, now() - n * interval '1 minute', 'x' from generate_series(1, 20000) n`,
  )
  await execute(place.adminUrl, 'analyze events')
}, 120_000)
afterAll(async () => {
  await db.close()
  await place.drop()
})

const page: PageOf = { limit: 20, sort: [{ key: 'at', descending: true }], filter: {}, search: null, after: null }

test.each([
  ['the first page', page, /Index Cond: \(owner_id =/],
  ['a page far behind', { ...page, after: ['2020-01-01T00:00:00Z', '1'] }, /Index Cond: .*ROW\(at, id\) </],
  ['the order of keys', { ...page, sort: [{ key: 'id', descending: true }], after: ['9000'] }, /Index Cond: \(id </],
])('%s is read from an index, in order: nothing is sorted and nothing is skipped', async (_, asked, condition) => {
  const { text: sql, values } = pageRows(events[FACTS], asked)
  const unit = db.unit({ mode: 'read' })
  const { rows } = await unit.run(alice, { text: `explain ${sql}`, values })
  await unit.close()
  const plan = rows.map(([line]) => line).join('\n')
  expect(plan).toMatch(/Limit [\s\S]*Index (?:Only )?Scan(?: Backward)? using events_\w+/)
  expect(plan).not.toMatch(/Seq Scan|Bitmap|Sort/)
  expect(plan).toMatch(condition)
})
