import { getTableConfig } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { type Described, id, organizationTables, references, table, through } from './index.js'

test('an owner rule without roles is refused where it is said', () => {
  const { organization } = organizationTables({ roles: ['admin'] })
  expect(() => organization({ write: [] })).toThrow('write: [] lets nobody write')
  expect(() => organization({ read: [] })).toThrow('read: [] lets nobody read')
})

test('rows that are owned through themselves are refused by a sentence', () => {
  const folders = table(
    'folders',
    { id: id(), parentId: references((): Described => folders) },
    { owner: through((): Described => folders) },
  )
  expect(() => getTableConfig(folders)).toThrow('owned through itself (folders → folders)')
})
