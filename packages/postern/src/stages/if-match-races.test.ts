import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { countingProxy } from '../../../../test/support/counting-proxy.js'
import { createTestDatabase, execute } from '../../../../test/support/postgres.js'
import { schemaSql } from '../../test/schema-sql.js'
import { notes, schema, versioned, type VersionedEndpoint } from '../../test/versioned.js'
import { createBackend } from '../backend.js'
import { database } from '../database/database.js'
import { create, remove, update } from '../operations.js'
import { patchOf } from '../patch-of.js'
import { problem } from '../problems.js'

const NoteInput = z.object({ text: z.string() })
let called = 0
const routes = (endpoint: VersionedEndpoint) => ({
  '/api/notes': { POST: endpoint({ body: NoteInput }, create(notes)) },
  '/api/notes/[id]': {
    PATCH: endpoint({ owns: notes, ifMatch: true, body: patchOf(NoteInput) }, update()),
    DELETE: endpoint({ owns: notes, ifMatch: true }, remove()),
    POST: endpoint({ owns: notes, ifMatch: true, body: NoteInput }, ({ db, resource, body }) => {
      called += 1
      return db.notes.update(resource.id, body)
    }),
    // Sabotage: looks at the version and then writes, as one does by hand.
    PUT: endpoint({ sees: notes, body: NoteInput }, async ({ db, resource, body, request }) => {
      if (request.headers.get('if-match') !== `"${resource.version}"`) throw problem('precondition-failed')
      return db.notes.update(resource.id, body)
    }),
  },
})

interface Note {
  readonly id: string
  readonly version: string
}

const WRITERS = 4

describe.each(['postgres', 'embedded'] as const)('two who change the same version at once, on %s', (on) => {
  const it = versioned(routes, on)
  const rounds = on === 'postgres' ? 150 : 40
  const make = async () => (await it.app.as('alice').post<Note>('/api/notes', { text: 'one' })).body

  /** Rounds in which not exactly one of the writers passed, the others with 412; and the statuses of the first of them. */
  async function astray(method: string, many: number): Promise<string[]> {
    const found: string[] = []
    for (let round = 0; round < many; round += 1) {
      const { id, version } = await make()
      const change = (writer: number) =>
        it.app.as('alice').send<Note>(
          new Request(`http://localhost/api/notes/${id}`, {
            method,
            headers: { 'content-type': 'application/json', 'if-match': `"${version}"` },
            body: JSON.stringify({ text: `by ${writer}` }),
          }),
        )
      const answers = await Promise.all(Array.from({ length: WRITERS }, (_, writer) => change(writer)))
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
      if (statuses.join() !== `200${',412'.repeat(WRITERS - 1)}`) found.push(statuses.join())
    }
    return found
  }

  test.each(['PATCH', 'POST'])(
    'one passes and the others are told, by %s',
    async (method) => {
      expect(await astray(method, rounds)).toEqual([])
      process.stdout.write(`${method} on ${on}: 0 of ${rounds} rounds astray; 3/n = ${(300 / rounds).toFixed(1)} %\n`)
    },
    120_000,
  )

  // What an embedded database does one after the other can't be overtaken: there it is the sabotage below that shows it.
  test.runIf(on === 'postgres')(
    'a version that is looked at before it is written is found out',
    async () => {
      expect((await astray('PUT', 60)).length).toBeGreaterThan(0)
    },
    120_000,
  )

  test('a version that does not rise is found out', async () => {
    await it.app.asOwner((owner) =>
      owner.script(`create function stuck() returns trigger language plpgsql as
          $$ begin new.version := old.version; return new; end $$;
        create trigger stuck before update on notes for each row execute function stuck();`),
    )
    const found = await astray('PATCH', 5)
    await it.app.asOwner((owner) => owner.script('drop trigger stuck on notes; drop function stuck()'))
    expect(found.length).toBe(5)
  })

  test('of two who delete it, one does, and to the other it is not there', async () => {
    const { id } = await make()
    const drop = () => it.app.as('alice').delete(`/api/notes/${id}`, { headers: { 'if-match': '"1"' } })
    const statuses = (await Promise.all([drop(), drop()])).map(({ status }) => status)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([204, 404])
  })
})

describe('a change that has to wait for another, on postgres', () => {
  const it = versioned(routes, 'postgres')
  let other: Client
  beforeAll(async () => {
    other = new Client({ connectionString: it.place!.adminUrl })
    await other.connect()
  })
  afterAll(() => other.end())

  /** Sends a change while another transaction holds the row, and lets that one end only when the change is waiting for it. */
  async function waiting(method: string, meanwhile: string, end: string): Promise<number> {
    const { id } = (await it.app.as('alice').post<Note>('/api/notes', { text: 'one' })).body
    await other.query('begin')
    await other.query(meanwhile, [id])
    const change = it.app.as('alice').send(
      new Request(`http://localhost/api/notes/${id}`, {
        method,
        headers: { 'content-type': 'application/json', 'if-match': '"1"' },
        body: JSON.stringify({ text: 'mine' }),
      }),
    )
    await untilBlocked(it.place!.adminUrl)
    await other.query(end)
    return (await change).status
  }
  const changed = `update notes set text = 'theirs', version = version + 1 where id = $1`

  test.each(['PATCH', 'POST', 'DELETE'])('%s is 412 where the other has changed the row', async (method) => {
    called = 0
    expect(await waiting(method, changed, 'commit')).toBe(412)
    expect(called).toBe(0)
  })

  test.each(['PATCH', 'POST', 'DELETE'])('%s is 404 where the other has deleted it', async (method) => {
    expect(await waiting(method, 'delete from notes where id = $1', 'commit')).toBe(404)
  })

  test.each(['PATCH', 'POST', 'DELETE'])('%s is 404 where the other has given it away', async (method) => {
    const given = `update notes set owner_id = 'bob', version = version + 1 where id = $1`
    expect(await waiting(method, given, 'commit')).toBe(404)
  })

  test.each([
    ['PATCH', 200],
    ['POST', 200],
    ['DELETE', 204],
  ])('%s passes where the other has thought better of it', async (method, status) => {
    expect(await waiting(method, changed, 'rollback')).toBe(status)
  })
})

async function untilBlocked(adminUrl: string): Promise<void> {
  const blocked = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  const deadline = Date.now() + 20_000
  while ((await execute(adminUrl, blocked)).length === 0) {
    if (Date.now() > deadline) throw new Error('Nothing waits for the other transaction')
  }
}

test('counted at the wire, a change with If-Match is one round trip, whatever becomes of it', async () => {
  const place = await createTestDatabase()
  const proxy = await countingProxy(place.url)
  const db = database({ schema, url: proxy.url, migrationUrl: place.migrationUrl, poolSize: 1 })
  try {
    const sql = await schemaSql(schema)
    await db.asOwner((owner) => owner.script(sql))
    const { endpoint } = createBackend({ database: db, auth: asCaller })
    const owns = { owns: notes, ifMatch: true } as const
    const patch = endpoint({ ...owns, body: patchOf(NoteInput) }, update())
    const drop = endpoint(owns, remove())
    const made = await endpoint({ body: NoteInput }, create(notes))(requestOf('POST', 'alice', '*', { text: 'one' }))
    const { id } = (await made.json()) as Note
    const context = () => ({ params: Promise.resolve({ id }) })
    const counted = async (handler: typeof patch, request: Request) => {
      let status = 0
      const asked = await proxy.count(async () => void (status = (await handler(request, context())).status))
      return [status, asked]
    }
    const body = { text: 'two' }
    expect(await counted(patch, requestOf('PATCH', 'alice', '"1"', body))).toEqual([200, 1])
    expect(await counted(patch, requestOf('PATCH', 'alice', '"1"', body))).toEqual([412, 1])
    expect(await counted(patch, requestOf('PATCH', 'bob', '"2"', body))).toEqual([404, 1])
    expect(await counted(drop, requestOf('DELETE', 'alice', '"1"'))).toEqual([412, 1])
    expect(await counted(drop, requestOf('DELETE', 'bob', '"2"'))).toEqual([404, 1])
    expect(await counted(drop, requestOf('DELETE', 'alice', '"2"'))).toEqual([204, 1])
    expect(await counted(drop, requestOf('DELETE', 'alice', '"2"'))).toEqual([404, 1])
  } finally {
    await db.close()
    await proxy.close()
    await place.drop()
  }
})

function asCaller(request: Request) {
  return { id: request.headers.get('x-caller')!, roles: [], claims: {} }
}

function requestOf(method: string, caller: string, ifMatch: string, body?: object): Request {
  const headers = { 'x-caller': caller, 'if-match': ifMatch, 'content-type': 'application/json' }
  return new Request('http://localhost/api/notes', {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}
