import { afterAll, beforeAll, expect, test } from 'vitest'
import { databaseOf, type SchemaDatabase } from '../../../test/schema-sql.js'
import { type Described, FACTS } from '../../schema/facts.js'
import { id, references, table, text, user } from '../../schema/index.js'
import { jsonRow } from './json-row.js'

// Names that the statement itself might use.
const trees = table(
  'trees',
  { id: id(), j: text(), t: text(), parentId: references((): Described => trees, { optional: true }) },
  { owner: user() },
)
let database: SchemaDatabase
beforeAll(async () => {
  database = await databaseOf({ trees })
})
afterAll(() => database.close())

test('a row whose columns are called as the statement calls its parts is shown whole, its parent too', async () => {
  await database.asService(`insert into trees (owner_id, j, t) values ('alice', 'root', 'x')`)
  await database.asService(`insert into trees (owner_id, j, t, parent_id) values ('alice', 'leaf', 'y', 1)`)
  const select = `select ${jsonRow(trees[FACTS], 't', { with: { parent: true } })} as shown from trees t where t.id = 2`
  const leaf = { id: '2', j: 'leaf', t: 'y', parentId: '1', ownerId: 'alice' }
  const root = { id: '1', j: 'root', t: 'x', parentId: null, ownerId: 'alice' }
  expect(await database.asService(select)).toEqual([{ shown: { ...leaf, parent: root } }])
})
