import type { TestDatabase } from '../../../test/support/postgres.js'
import { type Backend, createBackend } from '../src/backend.js'
import { database } from '../src/database/index.js'
import type { Endpoint } from '../src/endpoint.js'
import { id, references, secret, table, text, timestamps, user, version } from '../src/schema/index.js'
import type { RouteModules, TestBackend } from '../src/testing/index.js'
import { underTest } from './under-test.js'

export const notes = table(
  'notes',
  { id: id(), text: text().notNull(), pin: secret(text()), version: version(), ...timestamps() },
  { owner: user() },
)
/** Readable by all, so that a stranger sees a version and may not change it. */
export const posts = table(
  'posts',
  { id: id(), title: text().notNull(), version: version() },
  { owner: user({ read: 'anyone' }) },
)
export const comments = table(
  'comments',
  { id: id(), noteId: references(notes), text: text().notNull(), version: version() },
  { owner: user() },
)
/** Its version goes by another name, and deletion is a change of the row. */
export const drafts = table(
  'drafts',
  { id: id(), title: text().notNull(), revision: version() },
  { owner: user(), softDelete: true },
)
/** Changed by whoever deletes its note. */
export const reminders = table(
  'reminders',
  {
    id: id(),
    noteId: references(notes, { optional: true, onDelete: 'set null' }),
    text: text().notNull(),
    version: version(),
  },
  { owner: user() },
)
/** Without a version, as every table is unless it says otherwise. */
export const labels = table('labels', { id: id(), text: text().notNull() }, { owner: user() })

export const schema = { notes, posts, comments, drafts, reminders, labels }
export type VersionedEndpoint = Endpoint<typeof schema>

export interface Versioned {
  readonly backend: Backend<typeof schema>
  readonly app: TestBackend
  /** The database, where it is no part of this process. */
  readonly place: TestDatabase | undefined
}

/** Tables with versions under test, on a database of its own for the suite that calls this. */
export function versioned(
  routes: (endpoint: VersionedEndpoint) => RouteModules,
  on: 'postgres' | 'embedded',
): Versioned {
  const db = database({ schema, directory: 'memory://' })
  const backend = createBackend({ database: db, auth: () => null })
  const tested = underTest({ backend, schema, routes, on })
  return {
    backend,
    get app() {
      return tested.app
    },
    get place() {
      return tested.place
    },
  }
}
