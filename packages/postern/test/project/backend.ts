import { createBackend } from '../../src/backend.js'
import { database } from '../../src/database/index.js'
import { id, table, text, user } from '../../src/schema/index.js'

export const notes = table('notes', { id: id(), text: text().notNull() }, { owner: user() })

/** As a project has it: at module level, and leading to a database that no test must ever reach. */
export const backend = createBackend({
  database: database({ schema: { notes }, url: 'postgres://nobody@127.0.0.1:1/production' }),
  auth: () => null,
})
export const { endpoint } = backend
