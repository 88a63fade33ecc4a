import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { comments, labels, notes, posts, reminders, versioned, type VersionedEndpoint } from '../../test/versioned.js'
import { listQuery } from '../database/paved/list-query.js'
import { create, page, remove, row, update } from '../operations.js'
import { patchOf } from '../patch-of.js'
import { columns } from '../response-columns.js'

const NoteInput = z.object({ text: z.string(), pin: z.string().optional() })
const some = columns(notes, ['id', 'text'])
const routes = (endpoint: VersionedEndpoint) => ({
  '/api/notes': {
    POST: endpoint({ body: NoteInput }, create(notes)),
    GET: endpoint({ query: listQuery(notes) }, page(notes)),
  },
  '/api/notes/[id]': {
    GET: endpoint({ sees: notes }, row()),
    PATCH: endpoint({ owns: notes, body: patchOf(NoteInput) }, update()),
    DELETE: endpoint({ owns: notes }, remove()),
  },
  '/api/reminders': {
    POST: endpoint({ body: z.object({ noteId: z.string(), text: z.string() }) }, create(reminders)),
  },
  '/api/reminders/[id]': {
    GET: endpoint({ sees: reminders }, row()),
    PATCH: endpoint({ owns: reminders, ifMatch: true, body: z.object({ noteId: z.null() }) }, update()),
  },
  '/api/some': { POST: endpoint({ body: NoteInput, response: some }, create(notes)) },
  '/api/some/[id]': {
    GET: endpoint({ sees: notes, response: some }, row()),
    PATCH: endpoint({ owns: notes, body: patchOf(NoteInput), response: some }, update()),
  },
  '/api/judged/[id]': { GET: endpoint({ sees: notes, response: z.object({ text: z.string() }) }, row()) },
  '/api/comments': { POST: endpoint({ body: z.object({ noteId: z.string(), text: z.string() }) }, create(comments)) },
  '/api/comments/[id]': {
    GET: endpoint({ sees: comments, cache: { maxAge: 0 } }, row({ with: { note: true } })),
    PATCH: endpoint({ owns: comments, ifMatch: true, body: z.object({ text: z.string() }) }, update()),
  },
  '/api/bare/[id]': { GET: endpoint({ sees: comments }, row({ with: {} })) },
  '/api/posts': { POST: endpoint({ body: z.object({ title: z.string() }) }, create(posts)) },
  '/api/posts/[id]': { GET: endpoint({ public: 'a blog', sees: posts, cache: { maxAge: 60 } }, row()) },
  '/api/labels': { POST: endpoint({ body: z.object({ text: z.string() }) }, create(labels)) },
  '/api/by/[id]': {
    GET: endpoint({ sees: notes }, ({ resource }) => resource),
    POST: endpoint({ owns: notes }, ({ db, resource }) => db.notes.update(resource.id, { text: 'by a function' })),
    PUT: endpoint({ owns: notes }, async ({ db, resource }) => [await db.notes.find(resource.id)]),
    PATCH: endpoint({ owns: notes }, async ({ db, resource }) => ({ ...(await db.notes.find(resource.id)) })),
    DELETE: endpoint({ owns: notes }, ({ resource }) =>
      Response.json({ id: resource.id }, { headers: { etag: '"mine"' } }),
    ),
  },
  '/api/made': { POST: endpoint({ body: NoteInput }, ({ db, body }) => db.notes.create(body)) },
})

const etag = async (answer: Promise<{ headers: Headers }>) => (await answer).headers.get('etag')
const known = (tags: string) => ({ headers: { 'if-none-match': tags } })
const said = (headers: Headers) => ['etag', 'cache-control', 'vary'].map((name) => headers.get(name))

interface Made {
  readonly id: string
}

describe.each(['postgres', 'embedded'] as const)('the ETag of a row, on %s', (on) => {
  const it = versioned(routes, on)
  let note: string
  let comment: string
  beforeAll(async () => {
    note = (await it.app.as('alice').post<Made>('/api/notes', { text: 'one' })).body.id
    comment = (await it.app.as('alice').post<Made>('/api/comments', { noteId: note, text: 'first' })).body.id
  })

  test('is another once the parent is gone, which emptied a column of the row', async () => {
    const alice = it.app.as('alice')
    const parent = (await alice.post<Made>('/api/notes', { text: 'soon gone' })).body.id
    const kept = (await alice.post<Made>('/api/reminders', { noteId: parent, text: 'x' })).body.id
    const own = (await alice.post<Made>('/api/reminders', { noteId: parent, text: 'y' })).body.id
    // A change of our own that empties the column raises it once.
    const emptied = { headers: { 'if-match': '"1"' } }
    expect(await etag(alice.patch(`/api/reminders/${own}`, { noteId: null }, emptied))).toBe('"2"')
    expect((await alice.delete(`/api/notes/${parent}`)).status).toBe(204)
    const read = await alice.get<{ noteId: null; version: string }>(`/api/reminders/${kept}`, known('"1"'))
    expect([read.status, read.headers.get('etag'), read.body]).toEqual([
      200,
      '"2"',
      expect.objectContaining({ noteId: null, version: '2' }),
    ])
    expect((await alice.patch(`/api/reminders/${kept}`, { noteId: null }, emptied)).status).toBe(412)
    expect((await alice.get(`/api/reminders/${own}`, known('"2"'))).status).toBe(304)
  })
  const alice = () => it.app.as('alice')
  const head = (path: string, headers: Record<string, string>) =>
    alice().send(new Request(`http://localhost${path}`, { method: 'HEAD', headers }))

  test('is its version, on what is made, read and changed', async () => {
    const made = await alice().post<Made>('/api/notes', { text: 'new' })
    expect([made.status, made.headers.get('etag')]).toEqual([201, '"1"'])
    const path = `/api/notes/${made.body.id}`
    expect(await etag(alice().get(path))).toBe('"1"')
    expect(await etag(alice().patch(path, { text: 'newer' }))).toBe('"2"')
    expect(await etag(alice().get(path))).toBe('"2"')
    expect(await etag(head(path, {}))).toBe('"2"')
  })

  test('is there where the version itself does not leave', async () => {
    const made = await alice().post<Made>('/api/some', { text: 'new' })
    expect([made.text, made.headers.get('etag')]).toEqual([JSON.stringify({ id: made.body.id, text: 'new' }), '"1"'])
    const changed = await alice().patch(`/api/some/${made.body.id}`, { text: 'newer' })
    expect([changed.body, changed.headers.get('etag')]).toEqual([{ id: made.body.id, text: 'newer' }, '"2"'])
    expect(await etag(alice().get(`/api/some/${made.body.id}`))).toBe('"2"')
    expect(await etag(alice().get(`/api/judged/${made.body.id}`))).toBe('"2"')
  })

  test('is there where a function returns such a row, and not where it returns anything else', async () => {
    const made = await alice().post<Made>('/api/made', { text: 'new' })
    expect([made.status, made.headers.get('etag')]).toEqual([201, '"1"'])
    const path = `/api/by/${made.body.id}`
    expect(await etag(alice().get(path))).toBe('"1"')
    expect(await etag(alice().post(path))).toBe('"2"')
    expect(await etag(alice().put(path))).toBeNull()
    expect(await etag(alice().patch(path))).toBeNull()
    expect(await etag(alice().delete(path))).toBe('"mine"')
    expect(await etag(alice().get('/api/notes'))).toBeNull()
    expect(await etag(alice().post('/api/labels', { text: 'no version' }))).toBeNull()
  })

  test.each(['"1"', 'W/"1"', '*', '"7", W/"1"'])('who has it already, by %s, gets 304 and no body', async (tags) => {
    for (const path of [`/api/notes/${note}`, `/api/some/${note}`, `/api/judged/${note}`, `/api/bare/${comment}`]) {
      const full = await alice().get(path)
      const { answer, roundTrips } = await it.app.recording(() => alice().get(path, known(tags)))
      expect([path, answer.status, answer.text, roundTrips]).toEqual([path, 304, '', 1])
      // RFC 9110 §15.4.5: what a 200 would have said of its validity, and nothing of the body that isn't there.
      expect(answer.headers.get('etag')).toBe(full.headers.get('etag'))
      expect(answer.headers.get('cache-control')).toBe(full.headers.get('cache-control'))
      expect(answer.headers.get('content-type')).toBeNull()
      expect((await head(path, { 'if-none-match': tags })).status).toBe(304)
    }
  })

  test.each(['"2"', 'W/"2"', '1', '', '"x"', '* , "1"'])('who has another, by %s, gets the row', async (tags) => {
    expect((await alice().get(`/api/notes/${note}`, known(tags))).body).toMatchObject({ id: note })
  })

  test('a 304 says how long it may be kept and what it varies with, as its 200 does', async () => {
    const { id } = (await alice().post<Made>('/api/posts', { title: 'Hello' })).body
    const [full, unchanged] = [
      await it.app.nobody.get(`/api/posts/${id}`),
      await it.app.nobody.get(`/api/posts/${id}`, known('"1"')),
    ]
    expect([full.status, unchanged.status]).toEqual([200, 304])
    expect(said(unchanged.headers)).toEqual(['"1"', 'public, max-age=60', 'authorization, cookie'])
    expect(said(full.headers)).toEqual(said(unchanged.headers))
  })

  test('another’s row is no 304: it is not there', async () => {
    for (const tags of ['"1"', '*']) {
      expect((await it.app.as('bob').get(`/api/notes/${note}`, known(tags))).status).toBe(404)
    }
  })

  test('a row with related rows is never "unchanged": they change without it', async () => {
    const path = `/api/comments/${comment}`
    const before = await alice().get<{ note: { text: string } }>(path)
    expect([before.headers.get('etag'), before.body.note.text]).toEqual(['"1"', 'one'])
    await alice().patch(`/api/notes/${note}`, { text: 'changed meanwhile' })
    for (const tags of ['"1"', '*']) {
      const after = await alice().get<{ note: { text: string } }>(path, known(tags))
      expect([after.status, after.body.note.text]).toEqual([200, 'changed meanwhile'])
    }
    // What its ETag is for.
    const changed = await alice().patch(
      path,
      { text: 'second' },
      { headers: { 'if-match': before.headers.get('etag')! } },
    )
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"'])
  })

  test('a write is no 304, whatever If-None-Match says', async () => {
    const { id } = (await alice().post<Made>('/api/notes', { text: 'x' })).body
    expect((await alice().patch(`/api/notes/${id}`, { text: 'y' }, known('"2"'))).status).toBe(200)
    expect((await alice().post('/api/notes', { text: 'z' }, known('*'))).status).toBe(201)
  })
})
