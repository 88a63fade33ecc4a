import { index } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { database } from '../packages/postern/src/database/index.js'
import { identityOf } from '../packages/postern/src/database/identity.js'
import type { Shape } from '../packages/postern/src/database/paved/shape.js'
import { type PageOf, pageRows } from '../packages/postern/src/database/paved/page-rows.js'
import { FACTS, id, instant, references, table, text, user } from '../packages/postern/src/schema/index.js'
import { migrated } from './isolation/migrated.js'
import { createTestDatabase, execute, type TestDatabase } from './support/postgres.js'

const places = table('places', { id: id(), name: text() }, { owner: user({ read: 'anyone' }) })
const events = table(
  'events',
  { id: id(), at: instant().notNull(), what: text(), placeId: references(places, { optional: true }) },
  { owner: user() },
  (self) => [index('events_at_idx').on(self.ownerId, self.at, self.id)],
)
const schema = { places, events }
const alice = identityOf({ id: 'alice', roles: [], claims: {} })
let server: TestDatabase
let db: ReturnType<typeof database>

beforeAll(async () => {
  server = await createTestDatabase()
  db = database({ schema, url: server.url, migrationUrl: server.migrationUrl })
  await migrated(db, schema)
  await execute(
    server.adminUrl,
    `insert into places (owner_id, name) select case n % 2 when 0 then 'alice' else 'bob' end, 'p' from generate_series(1, 1000) n;
     insert into events (owner_id, at, what, place_id)
     select case n % 2 when 0 then 'alice' else 'bob' end, now() - n * interval '1 minute', 'x', 1 + (n - 1) % 1000
     from generate_series(1, 20000) n`,
  )
  await execute(server.adminUrl, 'analyze places, events')
}, 120_000)
afterAll(async () => {
  await db.close()
  await server.drop()
})

const page: PageOf = { limit: 20, sort: [{ key: 'at', descending: true }], filter: {}, search: null, after: null }

test.each([
  ['the first page', page, /Index Cond: \(owner_id =/],
  ['a page far behind', { ...page, after: ['2020-01-01T00:00:00Z', '1'] }, /Index Cond: .*ROW\(at, id\) </],
  ['the order of keys', { ...page, sort: [{ key: 'id', descending: true }], after: ['9000'] }, /Index Cond: \(id </],
])('%s is read from an index, in order: nothing is sorted and nothing is skipped', async (_, asked, condition) => {
  const plan = await planOf(asked)
  expect(plan).toMatch(/Limit [\s\S]*Index (?:Only )?Scan(?: Backward)? using events_\w+/)
  expect(plan).not.toMatch(/Seq Scan|Bitmap|Sort/)
  expect(plan).toMatch(condition)
})

test('the related row of each is looked up by its key: what a page costs does not grow with the table of the others', async () => {
  const plan = await planOf(page, { with: { place: true } })
  expect(plan).toMatch(/Index Scan using places_pkey/)
  expect(plan).not.toMatch(/Seq Scan|Hash|Sort/)
})

async function planOf(asked: PageOf, shape: Shape = {}): Promise<string> {
  const { text: sql, values } = pageRows(events[FACTS], asked, shape).statement
  const unit = db.unit({ mode: 'read' })
  const { rows } = await unit.run(alice, { text: `explain ${sql}`, values })
  await unit.close()
  return rows.map(([line]) => line).join('\n')
}
