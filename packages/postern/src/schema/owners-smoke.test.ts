import { afterAll, beforeAll, expect, test } from 'vitest'
import { sqlOf } from '../../test/schema-sql.js'
import { database } from '../database/index.js'
import { CALLER_ORGANIZATIONS_SQL, id, organizationTables, references, table, text, through, user } from './index.js'
import { scopeOf } from '../database/scope.js'
import { identityOf, SERVICE } from '../database/identity.js'

const { organizations, members, organization } = organizationTables({ roles: ['owner', 'admin', 'member'] })
const products = table(
  'products',
  { id: id(), name: text().notNull() },
  { owner: organization({ write: ['owner', 'admin'] }), softDelete: true },
)
const parts = table(
  'parts',
  { id: id(), productId: references(products, { onDelete: 'cascade' }), name: text().notNull() },
  { owner: through(products) },
)
const notes = table('notes', { id: id(), text: text().notNull() }, { owner: user({ read: 'anyone' }) })
const replies = table(
  'replies',
  { id: id(), noteId: references(notes), text: text().notNull() },
  { owner: through(notes) },
)
const schema = { organizations, members, products, parts, notes, replies }
const db = database({ schema, directory: 'memory://' })
beforeAll(async () => {
  console.log(await sqlOf(schema))
}, 60000)
test('x', () => {
  expect(products).toBeDefined()
  void [db, scopeOf, identityOf, SERVICE, CALLER_ORGANIZATIONS_SQL]
  const p: typeof products.$inferInsert = { name: 'x' }
  void p
})
afterAll(() => db.close())
