import { describe, expect, test } from 'vitest'
import { has } from '../../../../test/support/postgres.js'
import { CustomerInput, customers, type Shop, shop, type ShopEndpoint } from '../../test/shop.js'
import { file } from '../form/file.js'
import { form } from '../form/form.js'
import { createBackend } from '../backend.js'
import { database } from '../database/database.js'
import { applyMigrations } from '../database/migrations.js'
import { serve } from '../server/index.js'
import { create, remove, update } from '../operations.js'
import { patchOf } from '../patch-of.js'
import { problem } from '../problems.js'

let calls = 0
let fails = false
/** Held by a test that wants requests to meet inside the function. */
let gate: Promise<void> = Promise.resolve()

const routes = (endpoint: ShopEndpoint) => ({
  '/api/customers': { POST: endpoint({ body: CustomerInput, idempotent: true }, create(customers)) },
  '/api/customers/[id]': {
    PATCH: endpoint({ owns: customers, body: patchOf(CustomerInput), idempotent: true }, update()),
    DELETE: endpoint({ owns: customers, idempotent: true }, remove()),
  },
  '/api/function': {
    POST: endpoint({ body: CustomerInput, idempotent: { required: true } }, async ({ db, body }) => {
      calls += 1
      await gate
      const made = await db.customers.create(body)
      if (fails) throw problem('conflict', 'Not today')
      return made
    }),
    GET: endpoint({ idempotent: { required: true } }, () => ({ calls: (calls += 1) })),
  },
  '/api/caught': {
    POST: endpoint({ idempotent: true }, async ({ db }) => {
      await db.customers.create({ name: 'lost' })
      await db.execute('select 1/0').catch(() => undefined)
      return { ok: true }
    }),
  },
  '/api/response': {
    POST: endpoint({ idempotent: true }, async ({ db, request }) => {
      calls += 1
      const sent = await request.text()
      await db.customers.create({ name: 'by response' })
      const headers = { 'content-type': 'text/plain', etag: '"7"', 'set-cookie': 'session=secret', 'x-own': '1' }
      return new Response(new TextEncoder().encode(`got ${sent.length} \u{1f600}`), { status: 202, headers })
    }),
  },
  '/api/nothing': { POST: endpoint({ idempotent: true }, () => void (calls += 1)) },
  '/api/upload': {
    POST: endpoint(
      { body: form({ scan: file({ max: '1 MB', types: ['text/plain'] }) }), idempotent: true },
      ({ body }) => {
        calls += 1
        return { size: body.scan.size }
      },
    ),
  },
  '/api/large': {
    POST: endpoint({ idempotent: true }, async ({ db }) => {
      await db.customers.create({ name: 'large' })
      return new Response('x'.repeat(1_000_001))
    }),
  },
})

const as = (it: Shop, who = 'alice') => it.app.as(who)
const twice = async <T>(work: () => Promise<T>) => [await work(), await work()] as const
async function named(it: Shop, name: string): Promise<number> {
  const [, rows] = await it.app.asOwner((owner) =>
    owner.batch([
      { text: "select set_config('role', 'service_role', true)", values: [] },
      { text: 'select count(*) from customers where name = $1', values: [name] },
    ]),
  )
  return Number(rows!.rows[0]![0])
}

const places = [
  ['the embedded database', shop(routes), ''],
  ['PostgreSQL', shop(routes, { on: 'postgres' }), ''],
  ['PgBouncer', shop(routes, { on: 'pgbouncer' }), has('pgbouncer') ? '' : ' (this machine has none)'],
] as const

let drawn = 0
const fresh = () => `key-${(drawn += 1)}`
const keyed = (key: string, headers: Record<string, string> = {}) => ({
  headers: { 'idempotency-key': key, ...headers },
})

describe.each(places)('on %s', (_, it, why) => {
  describe.skipIf(why !== '')(`a write with a key${why}`, () => {
    test('is answered the same again, and nothing runs: no function, no row', async () => {
      const key = fresh()
      const first = await as(it).post('/api/function', { name: key }, keyed(key))
      const again = await it.app.recording(() => as(it).post('/api/function', { name: key }, keyed(key)))
      again.nothingWritten()
      expect(first.status).toBe(201)
      expect(again.answer.status).toBe(201)
      expect(again.answer.text).toBe(first.text)
      expect(first.headers.get('idempotency-replayed')).toBeNull()
      expect(again.answer.headers.get('idempotency-replayed')).toBe('true')
      for (const name of ['content-type', 'location', 'cache-control'])
        expect(again.answer.headers.get(name)).toBe(first.headers.get(name))
      expect(again.answer.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'))
      expect(await named(it, key)).toBe(1)
    })

    test('is made, changed and deleted once by paved operations', async () => {
      const keys = [fresh(), fresh(), fresh()]
      const [made, madeAgain] = await twice(() =>
        as(it).post<{ id: string }>('/api/customers', { name: keys[0] }, keyed(keys[0]!)),
      )
      expect([made.status, madeAgain.status, madeAgain.text]).toEqual([201, 201, made.text])
      expect(madeAgain.headers.get('location')).toBe(`/api/customers/${made.body.id}`)
      const path = `/api/customers/${made.body.id}`
      const [changed, changedAgain] = await twice(() =>
        as(it).patch(path, { email: `${keys[1]}@x.example` }, keyed(keys[1]!)),
      )
      expect([changed.status, changedAgain.status, changedAgain.text]).toEqual([200, 200, changed.text])
      const [gone, goneAgain] = await twice(() => as(it).delete(path, keyed(keys[2]!)))
      expect([gone.status, goneAgain.status, goneAgain.text]).toEqual([204, 204, ''])
      expect(goneAgain.headers.get('idempotency-replayed')).toBe('true')
      expect(await named(it, keys[0]!)).toBe(0)
    })

    test.each([2, 7, 20])(
      'has one effect when it comes %i times at once: the others wait or are replayed',
      async (n) => {
        const key = fresh()
        const before = calls
        let open!: () => void
        gate = new Promise((resolve) => (open = resolve))
        const all = Array.from({ length: n }, () => as(it).post('/api/function', { name: key }, keyed(key)))
        await Promise.race(all)
        open()
        const answers = await Promise.all(all)
        const fresher = answers.filter(({ status, headers }) => status === 201 && !headers.has('idempotency-replayed'))
        expect(fresher).toHaveLength(1)
        for (const { status, headers, body } of answers.filter((answer) => answer.status !== 201)) {
          expect(['409 in-progress', '503 unavailable']).toContain(`${status} ${(body as { code: string }).code}`)
          expect(headers.get('retry-after')).toBe('1')
        }
        expect(calls - before).toBe(1)
        expect(await named(it, key)).toBe(1)
        const late = await as(it).post('/api/function', { name: key }, keyed(key))
        expect([late.status, late.text]).toEqual([201, fresher[0]!.text])
      },
    )

    test('with another body, query, organization or version is refused, and nothing runs', async () => {
      const key = fresh()
      await as(it).post('/api/function', { name: key }, keyed(key))
      const others = [
        () => as(it).post('/api/function', { name: 'other' }, keyed(key)),
        () => as(it).post('/api/function?x=1', { name: key }, keyed(key)),
        () => as(it).post('/api/function', { name: key }, keyed(key, { 'x-organization-id': '7' })),
        () => as(it).post('/api/function', { name: key }, keyed(key, { 'if-match': '"2"' })),
      ]
      for (const other of others) {
        const refused = await it.app.recording(other)
        refused.nothingWritten()
        expect(refused.answer.status).toBe(422)
        expect(refused.answer.body).toMatchObject({ code: 'key-reused' })
      }
      expect(await named(it, 'other')).toBe(0)
    })

    test('is another principal’s own: the same key tells them nothing of the first', async () => {
      const key = fresh()
      const alice = await as(it, 'alice').post<{ id: string }>('/api/function', { name: key }, keyed(key))
      const bob = await as(it, 'bob').post<{ id: string }>('/api/function', { name: key }, keyed(key))
      expect([bob.status, bob.headers.get('idempotency-replayed')]).toEqual([201, null])
      expect(bob.body.id).not.toBe(alice.body.id)
    })

    test('is another one on another path or with another method', async () => {
      const key = fresh()
      await as(it).post('/api/function', { name: key }, keyed(key))
      const other = await as(it).post('/api/customers', { name: key }, keyed(key))
      expect([other.status, other.headers.get('idempotency-replayed')]).toEqual([201, null])
      expect(await named(it, key)).toBe(2)
    })

    test('that threw is run again: neither its effect nor its answer was kept', async () => {
      const key = fresh()
      fails = true
      const failed = await it.app.recording(() => as(it).post('/api/function', { name: key }, keyed(key)))
      fails = false
      expect([failed.answer.status, failed.changed]).toEqual([409, []])
      const again = await as(it).post('/api/function', { name: key }, keyed(key))
      expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, null])
      expect(await named(it, key)).toBe(1)
    })

    test('whose transaction PostgreSQL had given up is a failure, and keeps nothing', async () => {
      const key = fresh()
      for (const _attempt of [1, 2]) {
        const { answer, changed } = await it.app.recording(() => as(it).post('/api/caught', undefined, keyed(key)))
        expect([answer.status, changed]).toEqual([500, []])
      }
      expect(await named(it, 'lost')).toBe(0)
    })

    test('that answers a Response is replayed byte for byte, and its cookie is not handed out again', async () => {
      const key = fresh()
      const first = await as(it).post('/api/response', { a: 1 }, keyed(key))
      const again = await as(it).post('/api/response', { a: 1 }, keyed(key))
      expect([first.status, first.text, first.headers.get('set-cookie')]).toEqual([
        202,
        'got 7 \u{1f600}',
        'session=secret',
      ])
      expect([again.status, again.text, again.headers.get('set-cookie')]).toEqual([202, 'got 7 \u{1f600}', null])
      expect(['content-type', 'etag'].map((name) => again.headers.get(name))).toEqual(['text/plain', '"7"'])
      const stored = await it.app.asOwner(async (owner) => {
        const results = await owner.batch([
          { text: "select set_config('role', 'service_role', true)", values: [] },
          { text: 'select count(*) from postern.idempotent_replies where headers::text like $1', values: ['%secret%'] },
        ])
        return results[1]!.rows[0]![0]
      })
      expect(stored).toBe('0')
    })

    test('that answers nothing is replayed as nothing', async () => {
      const key = fresh()
      const before = calls
      const answers = [
        await as(it).post('/api/nothing', undefined, keyed(key)),
        await as(it).post('/api/nothing', undefined, keyed(key)),
      ]
      expect(answers.map(({ status, text }) => [status, text])).toEqual([
        [204, ''],
        [204, ''],
      ])
      expect(calls - before).toBe(1)
    })

    test('whose answer is too large to keep is undone, and the log says why', async () => {
      const { answer, changed, events } = await it.app.recording(() =>
        as(it).post('/api/large', undefined, keyed(fresh())),
      )
      expect([answer.status, changed]).toEqual([500, []])
      expect(events).toContainEqual(
        expect.objectContaining({
          error: expect.objectContaining({ message: expect.stringContaining('1000000 bytes') }),
        }),
      )
    })

    test('is replayed to a client that had gone when it was done', async () => {
      const key = fresh()
      const gone = new AbortController()
      const init = { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': key } }
      const body = JSON.stringify({ name: key })
      const stop = it.backend.events.observe((event) => {
        // The function has been called: from here on the client hears nothing, whatever becomes of it.
        if (event.type === 'request.answered') gone.abort()
      })
      await as(it)
        .send(new Request('http://localhost/api/function', { ...init, body, signal: gone.signal }))
        .catch(() => {})
      stop()
      const retry = await as(it).send(new Request('http://localhost/api/function', { ...init, body }))
      expect([retry.status, retry.headers.get('idempotency-replayed')]).toEqual([201, 'true'])
      expect(await named(it, key)).toBe(1)
    })

    test('is run again when the client went away before it was done: then it was undone', async () => {
      const key = fresh()
      const gone = new AbortController()
      const init = { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': key } }
      const body = JSON.stringify({ name: key })
      let open!: () => void
      gate = new Promise((resolve) => (open = resolve))
      let stop!: () => void
      const called = new Promise<void>((resolve) => {
        stop = it.backend.events.observe((event) => {
          if (event.type !== 'function.called') return
          gone.abort()
          resolve()
        })
      })
      const left = as(it)
        .send(new Request('http://localhost/api/function', { ...init, body, signal: gone.signal }))
        .catch(() => {})
      await called
      open()
      await left
      stop()
      const retry = await retried(() => as(it).send(new Request('http://localhost/api/function', { ...init, body })))
      expect([retry.status, retry.headers.get('idempotency-replayed')]).toEqual([201, null])
      expect(await named(it, key)).toBe(1)
    })

    test('runs again when its reply is past its time, and what is past its time is forgotten bit by bit', async () => {
      const key = fresh()
      await as(it).post('/api/function', { name: key }, keyed(key))
      await it.app.asOwner((owner) =>
        owner.batch([
          { text: "select set_config('role', 'service_role', true)", values: [] },
          { text: "update postern.idempotent_replies set expires_at = now() - interval '1 second'", values: [] },
        ]),
      )
      const count = async () => {
        const results = await it.app.asOwner((owner) =>
          owner.batch([
            { text: "select set_config('role', 'service_role', true)", values: [] },
            { text: 'select count(*) from postern.idempotent_replies', values: [] },
          ]),
        )
        return Number(results[1]!.rows[0]![0])
      }
      const before = await count()
      expect(before).toBeGreaterThan(7)
      const again = await as(it).post('/api/function', { name: 'changed' }, keyed(key))
      expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, null])
      // Its own and five others went, and one came.
      expect(before - (await count())).toBe(5)
    })
  })
})

describe('the key', () => {
  const it = places[0][1]

  test('is demanded where it is required, before anything is opened, and never of a GET', async () => {
    const refused = await it.app.recording(() => it.app.as('alice').post('/api/function', { name: 'x' }))
    refused.nothing()
    expect(refused.answer.status).toBe(400)
    expect(refused.answer.body).toMatchObject({ code: 'invalid', errors: [{ path: 'headers.idempotency-key' }] })
    expect((await it.app.as('alice').get('/api/function')).status).toBe(200)
    expect((await it.app.as('alice').get('/api/function', keyed('"'))).status).toBe(200)
  })

  test('may be left out where it is not: the request runs as ever, each time', async () => {
    const run = () => it.app.as('alice').post('/api/customers', { name: 'twice' })
    const [one, two] = [await it.app.recording(run), await it.app.recording(run)]
    expect([one.answer.status, two.answer.status, one.roundTrips]).toEqual([201, 201, 1])
    expect(one.changed).toEqual(['customers'])
  })

  test('is refused to nobody: who is not signed in hears that first', async () => {
    const refused = await it.app.recording(() => it.app.nobody.post('/api/customers', { name: 'x' }, keyed('k')))
    refused.nothing()
    expect(refused.answer.status).toBe(401)
  })

  test.each([
    ['empty', ''],
    ['an empty string', '""'],
    ['too long', 'k'.repeat(256)],
    ['a string that is too long', `"${'k'.repeat(256)}"`],
    ['two keys', 'a, b'],
    ['a string that does not end', '"abc'],
    ['text behind the string', '"abc"; x'],
    ['a space', 'a b'],
    ['a quote inside', 'a"b'],
    ['an escape of nothing', '"a\\b"'],
    ['another alphabet', 'schl\u00fcssel'],
    ['a control character', '"a\tb"'],
    ['SQL', "x'); drop table customers; --"],
  ])('%s is 400, and nothing happens', async (_, key) => {
    const refused = await it.app.recording(() => it.app.as('alice').post('/api/customers', { name: 'x' }, keyed(key)))
    refused.nothing()
    expect(refused.answer.status).toBe(400)
    expect(refused.answer.body).toMatchObject({ errors: [{ path: 'headers.idempotency-key' }] })
    const echoed = key.length > 3 && refused.answer.text.includes(key)
    expect(echoed).toBe(false)
  })

  test.each([
    ['"same-key"', 'same-key'],
    ['"a\\"b\\\\c"', '"a\\"b\\\\c"'],
    [`"${'k'.repeat(255)}"`, 'k'.repeat(255)],
    ["';--", "';--"],
    ['../../%00', '../../%00'],
  ])('%s is the same as %s', async (one, other) => {
    const first = await it.app.as('alice').post('/api/customers', { name: 'x' }, keyed(one))
    const again = await it.app.as('alice').post('/api/customers', { name: 'x' }, keyed(other))
    expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true'])
  })

  test('holds for a form that is sent again, though its boundary is another', async () => {
    const key = fresh()
    const send = (text: string) => {
      const body = new FormData()
      body.set('text', text)
      const init = { method: 'POST', headers: { 'idempotency-key': key }, body }
      return it.app.as('alice').send(new Request('http://localhost/api/response', init))
    }
    const answers = [await send('one'), await send('one'), await send('two')]
    expect(answers.map(({ status, headers }) => [status, headers.get('idempotency-replayed')])).toEqual([
      [202, null],
      [202, 'true'],
      [422, null],
    ])
  })

  test('holds for an upload, which may be as large as its form says', async () => {
    const key = fresh()
    const send = (letter: string) => {
      const body = new FormData()
      body.set('scan', new File([letter.repeat(300_000)], 'scan.txt', { type: 'text/plain' }))
      const init = { method: 'POST', headers: { 'idempotency-key': key }, body }
      return it.app.as('alice').send(new Request('http://localhost/api/upload', init))
    }
    const before = calls
    const answers = [await send('a'), await send('a'), await send('b')]
    expect(answers.map(({ status, text }) => [status, text.slice(0, 15)])).toEqual([
      [200, '{"size":300000}'],
      [200, '{"size":300000}'],
      [422, '{"type":"urn:po'],
    ])
    expect(calls - before).toBe(1)
  })

  test('of a body that is too large is 413, and nothing happens', async () => {
    const body = { name: 'x'.repeat(100_001) }
    const refused = await it.app.recording(() => it.app.as('alice').post('/api/customers', body, keyed(fresh())))
    refused.nothing()
    expect(refused.answer.status).toBe(413)
  })
})

test('the same over a socket, where the body comes in pieces', async () => {
  const db = database({ schema: {}, directory: 'memory://' })
  await applyMigrations(db, '/nowhere/at/all')
  const backend = createBackend({ database: db, auth: () => ({ id: 'alice', roles: [], claims: {} }) })
  const POST = backend.endpoint({ body: CustomerInput, idempotent: true }, ({ body }) => ({
    is: body.name,
    n: (calls += 1),
  }))
  const server = await serve({ backend, routes: [{ path: '/', module: { POST } }], port: 0, logs: false })
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'socket' }
  const send = (name: string) => fetch(server.url, { method: 'POST', headers, body: JSON.stringify({ name }) })
  const name = 'x'.repeat(70_000)
  const first = await (await send(name)).text()
  expect(first).toContain(name)
  expect(await (await send(name)).text()).toBe(first)
  expect((await send('other')).status).toBe(422)
  expect((await send('x'.repeat(100_001))).status).toBe(413)
  await server.close()
})

test('two round trips beside the work, and one for a replay with its ROLLBACK', async () => {
  const it = places[1][1]
  const key = fresh()
  const send = () => it.app.as('alice').post('/api/customers', { name: key }, keyed(key))
  const first = await it.app.recording(send)
  expect([first.answer.status, first.roundTrips, first.changed]).toEqual([
    201,
    3,
    ['customers', 'postern.idempotent_replies'],
  ])
  const again = await it.app.recording(send)
  expect([again.answer.status, again.roundTrips, again.changed]).toEqual([201, 2, []])
})

test('a database without the tables says in the log what to do, and nothing outside', async () => {
  const it = places[0][1]
  await it.app.asOwner((owner) => owner.script('alter table postern.idempotent_replies rename to away'))
  const { answer, changed, events } = await it.app.recording(() =>
    it.app.as('alice').post('/api/customers', { name: 'x' }, keyed(fresh())),
  )
  await it.app.asOwner((owner) => owner.script('alter table postern.away rename to idempotent_replies'))
  expect([answer.status, changed]).toEqual([500, []])
  expect(answer.text).not.toMatch(/postern\.|migrate/)
  const message = expect.stringContaining('run `postern migrate up`')
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'request.failed', error: expect.objectContaining({ message }) }),
  )
})

/** PostgreSQL ends what its client gave up in its own time: until then the key is taken. */
async function retried<T extends { readonly status: number }>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await work()
    if ((answer.status !== 409 && answer.status !== 503) || attempt === 100) return answer
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
