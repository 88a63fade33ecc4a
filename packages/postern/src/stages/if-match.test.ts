import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { drafts, labels, notes, posts, versioned, type VersionedEndpoint } from '../../test/versioned.js'
import { create, remove, row, update } from '../operations.js'
import { patchOf } from '../patch-of.js'

const NoteInput = z.object({ text: z.string(), pin: z.string().optional() })
const PostInput = z.object({ title: z.string() })
/** What no client should be able to say, said by a schema that lets everything through. */
const anything = z.record(z.string(), z.unknown())
let called = 0

const routes = (endpoint: VersionedEndpoint) => ({
  '/api/notes': { POST: endpoint({ body: NoteInput }, create(notes)) },
  '/api/notes/[id]': {
    GET: endpoint({ sees: notes }, row()),
    PATCH: endpoint({ owns: notes, ifMatch: true, body: patchOf(NoteInput) }, update()),
    DELETE: endpoint({ owns: notes, ifMatch: true }, remove()),
    POST: endpoint({ owns: notes, ifMatch: true }, ({ db, resource }) => {
      called += 1
      return db.notes.update(resource.id, { text: `${resource.text}, sent` })
    }),
  },
  '/api/judged/[id]': {
    PATCH: endpoint(
      { owns: notes, ifMatch: true, body: patchOf(NoteInput), response: z.object({ text: z.string() }) },
      update(),
    ),
  },
  // What demands nothing still heeds what it is sent.
  '/api/loose/[id]': {
    PATCH: endpoint({ owns: notes, body: patchOf(NoteInput) }, update()),
    DELETE: endpoint({ owns: notes }, remove()),
  },
  '/api/open/[id]': {
    PATCH: endpoint({ owns: notes, body: anything } as never, update() as never),
    POST: endpoint({ owns: notes, body: anything }, ({ db, resource, body }) => db.notes.update(resource.id, body)),
    PUT: endpoint({ owns: notes, body: anything }, ({ db, resource, body }) =>
      db.asService('the test').notes.update(resource.id, body),
    ),
  },
  '/api/drizzle/[id]': {
    POST: endpoint({ owns: notes }, async ({ db, resource }) => {
      await db.update(notes).set({ text: 'by Drizzle' }).where(eq(notes.id, resource.id))
      return db.notes.find(resource.id)
    }),
    PUT: endpoint({ owns: posts }, async ({ db, resource, principal }) => {
      const again = { title: 'again', ownerId: principal.id }
      await db
        .insert(posts)
        .overridingSystemValue()
        .values({ ...again, id: resource.id })
        .onConflictDoUpdate({ target: [posts.ownerId, posts.id], set: again })
      return db.posts.find(resource.id)
    }),
  },
  '/api/posts': { POST: endpoint({ body: PostInput }, create(posts)) },
  '/api/posts/[id]': {
    PATCH: endpoint({ owns: posts, ifMatch: true, body: PostInput }, update()),
    DELETE: endpoint({ owns: posts, ifMatch: true }, remove()),
    POST: endpoint({ owns: posts, ifMatch: true }, () => void (called += 1)),
  },
  '/api/drafts': { POST: endpoint({ body: PostInput }, create(drafts)) },
  '/api/drafts/[id]': {
    PATCH: endpoint({ owns: drafts, ifMatch: true, body: PostInput }, update()),
    DELETE: endpoint({ owns: drafts, ifMatch: true }, remove()),
  },
  '/api/labels': { POST: endpoint({ body: z.object({ text: z.string() }) }, create(labels)) },
  '/api/labels/[id]': {
    PATCH: endpoint({ owns: labels, body: z.object({ text: z.string() }) }, update()),
    GET: endpoint({ sees: labels }, row()),
  },
  '/api/read/[id]': { GET: endpoint({ owns: notes, ifMatch: true }, ({ resource }) => resource) },
})

interface Note {
  readonly id: string
  readonly text: string
  readonly version: string
}

const stranger = 'bob'
const absent = '999999'
const without = (text: string) => text.replace(/"requestId":"[^"]+"/, '')
const names = (headers: Headers) => [...headers].filter(([name]) => name !== 'x-request-id')

describe.each(['postgres', 'embedded'] as const)('a change of the version that was read, on %s', (on) => {
  const it = versioned(routes, on)
  let note: Note
  let path: string
  beforeEach(async () => {
    called = 0
    note = (await it.app.as('alice').post<Note>('/api/notes', { text: 'one', pin: '1234' })).body
    path = `/api/notes/${note.id}`
  })
  const ask = (method: string, to: string, ifMatch: string | undefined, body?: unknown, as = 'alice') =>
    it.app.recording(() =>
      it.app.as(as).send(
        new Request(`http://localhost${to}`, {
          method,
          headers: {
            ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    )
  const versionNow = async () => (await it.app.as('alice').get<Note>(path)).body.version
  const changes: [string, unknown][] = [
    ['PATCH', { text: 'two' }],
    ['DELETE', undefined],
    ['POST', undefined],
  ]

  test('begins with 1 and rises by one with each update, whoever writes it', async () => {
    const alice = it.app.as('alice')
    expect(note.version).toBe('1')
    expect((await alice.patch<Note>(`/api/loose/${note.id}`, { text: 'two' })).body.version).toBe('2')
    expect((await alice.post<Note>(`/api/open/${note.id}`, { text: 'three' })).body.version).toBe('3')
    expect((await alice.put<Note>(`/api/open/${note.id}`, { text: 'four' })).body.version).toBe('4')
    expect((await alice.post<Note>(`/api/drizzle/${note.id}`)).body.version).toBe('5')
    // A secret is part of the row, though nobody reads it.
    expect((await alice.patch<Note>(`/api/loose/${note.id}`, { pin: '4321' })).body.version).toBe('6')
  })

  test('rises in an upsert of Drizzle’s too', async () => {
    const { id } = (await it.app.as('alice').post<Note>('/api/posts', { title: 'one' })).body
    expect((await it.app.as('alice').put(`/api/drizzle/${id}`)).body).toMatchObject({ title: 'again', version: '2' })
  })

  test('no body and no values can set it', async () => {
    const alice = it.app.as('alice')
    const said = { text: 'x', version: '70' }
    expect((await alice.post<Note>('/api/notes', said)).body.version).toBe('1')
    expect((await alice.patch<Note>(`/api/open/${note.id}`, said)).body.version).toBe('2')
    expect((await alice.post<Note>(`/api/open/${note.id}`, said)).body.version).toBe('3')
    expect((await alice.put<Note>(`/api/open/${note.id}`, said)).body.version).toBe('4')
    expect((await alice.patch<Note>(`/api/open/${note.id}`, { version: '70' })).body.version).toBe('5')
  })

  test.each(changes)('%s of the version that is there passes, in one round trip', async (method, body) => {
    const { answer, roundTrips } = await ask(method, path, '"1"', body)
    expect(answer.status).toBe(method === 'DELETE' ? 204 : 200)
    expect(roundTrips).toBe(method === 'POST' ? 3 : 1)
    expect([(answer.body as Note | undefined)?.version, await versionNow()]).toEqual(
      method === 'DELETE' ? [undefined, undefined] : ['2', '2'],
    )
  })

  test.each(changes)('%s of another version is 412, in one round trip, and nothing happens', async (method, body) => {
    for (const other of [
      '"2"',
      'W/"1"',
      '"01"',
      '"1 "'.replace(' ', '!'),
      '"x"',
      '"99999999999999999999"',
      '"2", W/"1"',
    ]) {
      const { answer, roundTrips, nothingWritten } = await ask(method, path, other, body)
      expect([other, answer.status, (answer.body as { code: string }).code]).toEqual([
        other,
        412,
        'precondition-failed',
      ])
      // Behind a function the second is the ROLLBACK.
      expect(roundTrips).toBe(method === 'POST' ? 2 : 1)
      nothingWritten()
    }
    expect([called, await versionNow()]).toEqual([0, '1'])
  })

  test.each(changes)('%s without If-Match is 428, and nothing is even asked', async (method, body) => {
    const { answer, nothing } = await ask(method, path, undefined, body)
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([428, 'precondition-required'])
    nothing()
    expect(called).toBe(0)
  })

  test.each(changes)('%s with an If-Match that is none is 400', async (method, body) => {
    for (const malformed of ['1', '', '"1', '"1" "2"', '*, "1"', "'1'"]) {
      const { answer, nothing } = await ask(method, path, malformed, body)
      expect(answer.status).toBe(400)
      expect(answer.body).toMatchObject({ errors: [{ path: 'headers.if-match' }] })
      nothing()
    }
    expect(called).toBe(0)
  })

  test.each(changes)('%s with * takes any version, and with a list any of it', async (method, body) => {
    expect((await ask(method, path, 'W/"1", "7", "1"', body)).answer.status).toBe(method === 'DELETE' ? 204 : 200)
    const other = (await it.app.as('alice').post<Note>('/api/notes', { text: 'one' })).body.id
    const any = await ask(method, `/api/notes/${other}`, '*', body)
    expect([any.answer.status, any.roundTrips]).toEqual([method === 'DELETE' ? 204 : 200, method === 'POST' ? 3 : 1])
  })

  test.each(changes)(
    '%s of another’s row is 404, the bytes of one that is not there, whatever If-Match says',
    async (method, body) => {
      for (const ifMatch of ['"1"', '"2"', 'W/"1"', '*', '"x"']) {
        const theirs = await ask(method, path, ifMatch, body, stranger)
        const none = await ask(method, `/api/notes/${absent}`, ifMatch, body, stranger)
        expect([theirs.answer.status, without(theirs.answer.text)]).toEqual([404, without(none.answer.text)])
        expect(names(theirs.answer.headers)).toEqual(names(none.answer.headers))
        // The same work, too.
        expect(theirs.statements).toEqual(none.statements)
        theirs.nothingWritten()
        none.nothingWritten()
      }
      expect(called).toBe(0)
    },
  )

  test('a row that is only readable is 404 too: its version is no secret, and says nothing of who may write', async () => {
    const { id } = (await it.app.as('alice').post<Note>('/api/posts', { title: 'Hello' })).body
    for (const ifMatch of ['"1"', '"2"', '*']) {
      for (const [method, body] of [['PATCH', { title: 'Mine' }], ['DELETE'], ['POST']] as const) {
        const { answer, nothingWritten } = await ask(method, `/api/posts/${id}`, ifMatch, body, stranger)
        expect(answer.status).toBe(404)
        nothingWritten()
      }
    }
  })

  test('a row that is deleted softly rises, and is not there afterwards', async () => {
    const { id, ...made } = (await it.app.as('alice').post<Note>('/api/drafts', { title: 'one' })).body
    expect(made).toMatchObject({ revision: '1' })
    const draft = `/api/drafts/${id}`
    expect((await ask('PATCH', draft, '"1"', { title: 'two' })).answer.body).toMatchObject({ revision: '2' })
    expect((await ask('DELETE', draft, '"1"')).answer.status).toBe(412)
    expect((await ask('DELETE', draft, '"2"')).answer.status).toBe(204)
    expect((await ask('DELETE', draft, '"3"')).answer.status).toBe(404)
    expect((await ask('PATCH', draft, '"3"', { title: 'three' })).answer.status).toBe(404)
    const stored = `set role service_role; select revision from drafts where id = ${id}; reset role`
    await it.app.asOwner(async (owner) => {
      const results = await owner.batch(stored.split('; ').map((text) => ({ text, values: [] })))
      expect(results[1]?.rows).toEqual([['3']])
    })
  })

  test('where a schema judges the answer, the refusal is the same', async () => {
    const judged = `/api/judged/${note.id}`
    expect((await ask('PATCH', judged, '"2"', { text: 'two' })).answer.status).toBe(412)
    expect((await ask('PATCH', judged, '"1"', { text: 'two' })).answer.body).toEqual({ text: 'two' })
    expect((await ask('PATCH', judged, '"1"', { text: 'two' }, stranger)).answer.status).toBe(404)
  })

  test('what demands no If-Match heeds one that is sent', async () => {
    const loose = `/api/loose/${note.id}`
    expect((await ask('PATCH', loose, undefined, { text: 'two' })).answer.status).toBe(200)
    const late = await ask('PATCH', loose, '"1"', { text: 'three' })
    expect(late.answer.status).toBe(412)
    late.nothingWritten()
    expect((await ask('DELETE', loose, '"1"')).answer.status).toBe(412)
    expect((await ask('DELETE', loose, 'none')).answer.status).toBe(400)
    expect((await ask('DELETE', loose, '"2"')).answer.status).toBe(204)
  })

  test('a table without a version takes no notice, and a read never does', async () => {
    const { id } = (await it.app.as('alice').post<Note>('/api/labels', { text: 'x' })).body
    const label = await ask('PATCH', `/api/labels/${id}`, '"7"', { text: 'y' })
    expect([label.answer.status, label.answer.headers.get('etag')]).toEqual([200, null])
    expect((await ask('GET', path, '"7"')).answer.status).toBe(200)
    expect((await ask('GET', `/api/read/${note.id}`, undefined)).answer.status).toBe(200)
  })

  test('another version in If-Match is another value, and no other statement', async () => {
    const many = Array.from({ length: 300 }, (_, n) => `"${n + 5}"`).join(',')
    const [one, all] = [await ask('PATCH', path, '"8"', { text: 'x' }), await ask('PATCH', path, many, { text: 'x' })]
    expect(one.statements).toEqual(all.statements)
  })
})
