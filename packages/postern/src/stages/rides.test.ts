import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { notes, versioned, type VersionedEndpoint } from '../../test/versioned.js'
import { ClientQueue } from '../database/client-queue.js'
import { listQuery } from '../database/paved/list-query.js'
import { create, page, remove, row, update } from '../operations.js'
import { patchOf } from '../patch-of.js'

const NoteInput = z.object({ text: z.string() })
const routes = (endpoint: VersionedEndpoint) => ({
  '/api/notes': {
    GET: endpoint({ query: listQuery(notes) }, page(notes)),
    POST: endpoint({ body: NoteInput }, create(notes)),
  },
  '/api/notes/[id]': {
    GET: endpoint({ sees: notes }, row()),
    PUT: endpoint({ owns: notes, ifMatch: true, body: NoteInput }, update()),
    PATCH: endpoint({ owns: notes, body: patchOf(NoteInput) }, update()),
    DELETE: endpoint({ owns: notes }, remove()),
  },
})

const it = versioned(routes, 'postgres')

/** How often somebody took a connection that others may share, and how often one of its own. */
async function connectionsOf(work: () => Promise<{ readonly status: number }>) {
  const shared = vi.spyOn(ClientQueue.prototype, 'board')
  const own = vi.spyOn(ClientQueue.prototype, 'take')
  try {
    const { status } = await work()
    return { status, shared: shared.mock.calls.length, own: own.mock.calls.length }
  } finally {
    shared.mockRestore()
    own.mockRestore()
  }
}

const rode = (status: number) => ({ status, shared: 1, own: 0 })

test('whatever reads or writes one row may share a connection, once; a list has one of its own', async () => {
  const alice = it.app.as('alice')
  const { id, version } = (await alice.post<{ id: string; version: string }>('/api/notes', { text: 'one' })).body
  const at = `/api/notes/${id}`
  const put = () =>
    alice.send(
      new Request(`http://localhost${at}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', 'if-match': `"${version}"` },
        body: JSON.stringify({ text: 'two' }),
      }),
    )
  expect(await connectionsOf(() => alice.get(at))).toEqual(rode(200))
  expect(await connectionsOf(() => alice.post('/api/notes', { text: 'another' }))).toEqual(rode(201))
  expect(await connectionsOf(put)).toEqual(rode(200))
  expect(await connectionsOf(put)).toEqual(rode(412))
  expect(await connectionsOf(() => alice.patch(at, { text: 'three' }))).toEqual(rode(200))
  expect(await connectionsOf(() => it.app.as('bob').patch(at, { text: 'his' }))).toEqual(rode(404))
  expect(await connectionsOf(() => alice.get('/api/notes'))).toEqual({ status: 200, shared: 0, own: 1 })
})
