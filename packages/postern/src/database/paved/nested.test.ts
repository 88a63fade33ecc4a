import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/postgres.js'
import { schemaSql } from '../../../test/schema-sql.js'
import { createBackend } from '../../backend.js'
import { page, row } from '../../operations.js'
import { type Described, FACTS } from '../../schema/facts.js'
import { id, instant, references, secret, table, text, user } from '../../schema/index.js'
import { type TestBackend, testBackend } from '../../testing/index.js'
import { database } from '../database.js'
import { flatRow } from './flat-row.js'
import { listQuery } from './list-query.js'

/** Private; what hangs on one is read by anyone, so that a row may be seen whose parent is not. */
const folders = table(
  'folders',
  {
    id: id(),
    name: text().notNull(),
    pin: secret(text()),
    madeAt: instant().notNull(),
    parentId: references((): Described => folders, { optional: true }),
  },
  { owner: user() },
)
const notes = table(
  'notes',
  { id: id(), folderId: references(folders), writtenAt: instant().notNull() },
  { owner: user({ read: 'anyone' }) },
)
const comments = table(
  'comments',
  { id: id(), noteId: references(notes), said: text().notNull() },
  { owner: user({ read: 'anyone' }) },
)
const schema = { folders, notes, comments }

const backend = createBackend({
  database: database({ schema, directory: 'memory://' }),
  auth: () => null,
})
const { endpoint } = backend
const at = new Date('2026-01-31T10:00:00.123Z')
const shown = at.toISOString()
const routes = {
  '/api/folders': {
    POST: endpoint({}, async ({ db }) => {
      let parentId: string | null = null
      for (const name of ['root', 'year', 'month', 'week', 'day']) {
        parentId = (await db.folders.create({ name, parentId, madeAt: at, pin: 'MARKER' })).id
      }
      const note = await db.notes.create({ folderId: parentId!, writtenAt: at })
      return db.comments.create({ noteId: note.id, said: 'hello' })
    }),
  },
  '/api/comments': {
    GET: endpoint({ query: listQuery(comments) }, page(comments, { with: { note: { folder: true } } })),
  },
  '/api/numbered': {
    GET: endpoint(
      { query: listQuery(comments, { pages: 'numbered' }) },
      page(comments, { with: { note: { folder: true } } }),
    ),
  },
  '/api/comments/[id]': {
    GET: endpoint({ sees: comments }, row({ with: { note: { folder: true } } })),
  },
  '/api/comments/[id]/found': {
    GET: endpoint({ sees: comments }, ({ db, resource }) =>
      db.comments.find(resource.id, { with: { note: { folder: true } } }),
    ),
  },
  '/api/folders/[id]': {
    GET: endpoint({ owns: folders }, row({ with: { parent: { parent: { parent: { parent: true } } } } })),
  },
  '/api/notes/[id]': { GET: endpoint({ sees: notes }, row({ with: { folder: { parent: true } } })) },
  '/api/comments/[id]/dates': {
    GET: endpoint({ sees: comments }, async ({ db, resource }) => {
      const found = await db.comments.find(resource.id, { with: { note: { folder: { parent: true } } } })
      const listed = await db.comments.page({}, { with: { note: { folder: true } } })
      const numbered = await db.comments.page({ page: 1 }, { with: { note: { folder: true } } })
      const folder = found.note?.folder as { madeAt: unknown; parent: { madeAt: unknown } }
      const rows = [listed.data[0]!.note, numbered.data[0]!.note]
      const dates = [folder.madeAt, folder.parent.madeAt, found.note?.writtenAt]
      const all = [...dates, ...rows.flatMap((note) => [note?.writtenAt, note?.folder?.madeAt])]
      return all.map((date) => date instanceof Date && date.getTime() === at.getTime())
    }),
  },
  '/api/strays/[id]': {
    GET: endpoint({ sees: comments }, ({ db, resource }) =>
      db.comments.find(resource.id, { with: { note: { folder: { constructor: true } } } } as object),
    ),
  },
}

describe.each(['postgres', 'embedded'] as const)('related rows of related rows, on %s', (on) => {
  let app: TestBackend
  let place: TestDatabase | undefined
  beforeAll(async () => {
    if (on === 'postgres') place = await createTestDatabase()
    const sql = await schemaSql(schema)
    app = await testBackend(backend, {
      routes,
      directory: import.meta.dirname,
      place: place ? { url: place.url, migrationUrl: place.migrationUrl } : { directory: 'memory://' },
      seed: (owner) => owner.script(sql),
    })
    await app.as('alice').post('/api/folders', {}, { repeats: 'each folder lies in the one before' })
  })
  afterAll(async () => {
    await app?.close()
    await place?.drop()
  })

  const day = { id: '5', name: 'day', ownerId: 'alice', parentId: '4', madeAt: shown }
  const note = { id: '1', ownerId: 'alice', folderId: '5', writtenAt: shown }
  const comment = { id: '1', ownerId: 'alice', noteId: '1', said: 'hello' }

  test.each(['/api/comments', '/api/numbered?page=1', '/api/comments/1'])(
    '%s answers them in one statement, whole and without secrets',
    async (path) => {
      const { answer, statements, roundTrips } = await app.recording(() => app.as('alice').get(path))
      expect([statements.length, roundTrips]).toEqual([1, 1])
      expect(rowOf(answer.body)).toEqual({ ...comment, note: { ...note, folder: day } })
      expect(answer.text).not.toContain('MARKER')
    },
  )

  test('a function finds the same row', async () => {
    const { answer, statements } = await app.recording(() => app.as('alice').get('/api/comments/1/found'))
    expect(answer.body).toEqual({ ...comment, note: { ...note, folder: day } })
    // The row of the path, and the one that it asks for.
    expect(statements).toHaveLength(2)
  })

  test('with instants as dates at every level', async () => {
    const { body } = await app.as('alice').get('/api/comments/1/dates')
    expect(body).toEqual(Array(7).fill(true))
  })

  test.each(['/api/comments', '/api/numbered?page=1', '/api/comments/1', '/api/comments/1/found'])(
    '%s shows a stranger what anyone may read, and null for the private row behind it',
    async (path) => {
      const { body, text: answered } = await app.as('bob').get(path)
      expect(rowOf(body)).toEqual({ ...comment, note: { ...note, folder: null } })
      expect(answered).not.toContain('day')
    },
  )

  test('what is behind a hidden row is not reached through it', async () => {
    const theirs = await app.as('alice').get('/api/notes/1')
    expect(theirs.body).toMatchObject({ folder: { name: 'day', parent: { name: 'week' } } })
    expect((await app.as('bob').get('/api/notes/1')).body).toEqual({ ...note, folder: null })
  })

  test('a table that refers to itself is climbed row by row, and ends where the rows end', async () => {
    const [fifth, second] = [await app.as('alice').get('/api/folders/5'), await app.as('alice').get('/api/folders/2')]
    expect(namesUp(fifth.body)).toEqual(['day', 'week', 'month', 'year', 'root'])
    expect(namesUp(second.body)).toEqual(['year', 'root'])
  })

  test('a function that names no relation gets none, whatever objects inherit', async () => {
    const refused = await app.recording(() => app.as('alice').get('/api/strays/1'))
    expect(refused.answer.status).toBe(500)
    // The row of the path alone.
    expect(refused.statements).toHaveLength(1)
  })
})

interface Climbed {
  readonly name: string
  readonly parent?: Climbed | null
}

function namesUp(body: unknown): string[] {
  const { name, parent } = body as Climbed
  return parent ? [name, ...namesUp(parent)] : [name]
}

const rowOf = (body: unknown) => (body as { data?: unknown[] }).data?.[0] ?? body

describe('what can’t be read along is refused when it is defined', () => {
  const five = { parent: { parent: { parent: { parent: { parent: true } } } } } as const
  test.each<[string, object]>([
    ['with goes at most 4 levels deep', { parent: five.parent }],
    ['folders has no relation folder', { parent: { folder: true } }],
    ['folders has no relation constructor', { parent: { constructor: true } }],
    ['with: parent of folders takes true', { parent: { parent: false } }],
    ['with: parent of folders takes true', { parent: null }],
  ])('%s', (sentence, asked) => {
    const query = listQuery(folders)
    expect(() => endpoint({ query }, page(folders, { with: asked }))).toThrow(sentence)
    expect(() => endpoint({ owns: folders }, row({ with: asked as {} }))).toThrow(sentence)
  })

  test('a name that is undefined is none', () => {
    const { columns, joins } = flatRow(folders[FACTS], 't', { with: { parent: undefined } })
    expect([columns, joins]).toEqual([flatRow(folders[FACTS], 't').columns, ''])
  })
})
