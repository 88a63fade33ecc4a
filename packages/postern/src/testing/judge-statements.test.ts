import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { beforeAll, describe, expect, test } from 'vitest'
import { loops, single, writingLoops } from '../../test/loops.js'
import { invoices, shop, type ShopEndpoint, type ShopOptions } from '../../test/shop.js'
import { listQuery } from '../database/paved/list-query.js'
import { page } from '../operations.js'
import { runtimeOf } from '../runtime.js'

const LOOPS = fileURLToPath(new URL('../../test/loops.ts', import.meta.url))
const all = { ...loops, ...writingLoops, ...single }
const named = { unowned: 'a test', params: z.object({ what: z.string() }) }

const routes = (endpoint: ShopEndpoint) => ({
  '/api/read/[what]': {
    GET: endpoint(named, async ({ db, params }) => {
      const found = await db.select().from(invoices).orderBy(invoices.id)
      await all[params.what]!(db, found)
      return { ok: true }
    }),
  },
  '/api/write/[what]': {
    POST: endpoint(named, async ({ db, params }) => {
      const found = await db.select().from(invoices).orderBy(invoices.id)
      await all[params.what]!(db, found)
      return { ok: true }
    }),
  },
  '/api/invoices': { GET: endpoint({ query: listQuery(invoices) }, page(invoices, { with: { customer: true } })) },
  '/api/fails': {
    GET: endpoint({ status: 200 }, async ({ db }) => {
      const found = await db.select().from(invoices)
      await loops['find() in a loop']!(db, found)
      await db.select({ id: invoices.id }).from(invoices)
      throw new Error('after the loop')
    }),
  },
})

/** Four invoices of Alice's: the least that shows a loop. */
const seed = `set local role service_role;
  insert into customers (name, owner_id) select 'c' || n, 'alice' from generate_series(1, 4) n;
  insert into invoices (customer_id, number, total, owner_id) select id, name, '1', 'alice' from customers`

function watched(options: ShopOptions = {}) {
  const it = shop(routes, options)
  beforeAll(() => it.app.asOwner((owner) => owner.script(`begin; ${seed}; commit`)))
  return it
}

/** The line of `loops.ts` that a loop stands on. */
function lineOf(what: string): number {
  const lines = readFileSync(LOOPS, 'utf8').split('\n')
  const start = lines.findIndex((line) => line.startsWith(`  '${what}':`))
  return lines.findIndex((line, index) => index >= start && /of found\)|Promise\.all/.test(line)) + 1
}

const places = (what: string) => `4 times, at ${LOOPS}:${lineOf(what)}:`

describe.each(['embedded', 'postgres'] as const)('on %s', (on) => {
  const it = watched({ on })
  const alice = () => it.app.as('alice')
  const read = (what: string) => alice().get(encodeURI(`/api/read/${what}`))
  const write = (what: string) => alice().post(encodeURI(`/api/write/${what}`))

  test.each(Object.keys(loops))('%s fails the test, and names its line', async (what) => {
    await expect(read(what)).rejects.toThrow(places(what))
    await expect(write(what)).rejects.toThrow(places(what))
  })

  test.each(Object.keys(writingLoops))('%s fails the test, and names its line', async (what) => {
    await expect(write(what)).rejects.toThrow(places(what))
  })

  test.each(Object.keys(single))('%s is no loop', async (what) => {
    expect((await write(what)).status).toBe(200)
  })

  test('a paved page with related rows is one statement, however long it is', async () => {
    const listed = await it.app.recording(() => alice().get<{ data: unknown[] }>('/api/invoices'))
    expect(listed.answer.body.data).toHaveLength(4)
    listed.withinQueries(1)
    expect(() => listed.withinQueries(0)).toThrow(/^What was recorded sent 1 statement, and its budget is 0:\n- /)
  })
})

describe('a test', () => {
  const it = watched()
  const what = 'find() in a loop'
  const path = encodeURI(`/api/read/${what}`)

  test('is told what ran, and what to do about it', async () => {
    const error = await it.app
      .as('alice')
      .get(path)
      .catch((thrown: Error) => thrown.message)
    expect(error).toMatch(
      /^GET \/api\/read\/find\(\)%20in%20a%20loop ran the same statement over and over:\n- 4 times, at /,
    )
    expect(error).toMatch(/: select .+ from "customers" t where .+/)
    expect(error).toContain('Read related rows by `with`')
  })

  test('lets one request repeat itself for a reason, and for no less', async () => {
    const repeats = 'each customer is asked on its own'
    expect((await it.app.as('alice').get(path, { repeats })).status).toBe(200)
    const request = new Request(`http://localhost${path}`)
    expect((await it.app.as('alice').send(request, { repeats })).status).toBe(200)
    await expect(it.app.as('alice').get(path, { repeats: ' ' })).rejects.toThrow('repeats needs a reason')
    await expect(it.app.as('alice').get(path)).rejects.toThrow('over and over')
  })

  test('hears of each of two requests at a time what is its own', async () => {
    const [looped, paved] = await Promise.allSettled([
      it.app.as('alice').get(path),
      it.app.as('alice').get('/api/invoices'),
    ])
    expect([looped.status, paved.status]).toEqual(['rejected', 'fulfilled'])
  })

  test('is told of a loop in a request that failed, too', async () => {
    await expect(it.app.as('alice').get('/api/fails')).rejects.toThrow('4 times, at ')
  })

  test('hears an event with the statement, once for each request', async () => {
    const { events } = await it.app.recording(() => it.app.as('alice').get(path, { repeats: 'a test' }))
    const told = events.filter((event) => event.type === 'database.repeated')
    expect(told).toEqual([
      {
        type: 'database.repeated',
        requestId: expect.any(String),
        statement: expect.stringMatching(/^select .+ from "customers" t where /),
        times: 4,
        place: expect.stringContaining(`${LOOPS}:${lineOf(what)}:`),
      },
    ])
  })

  test('hears nothing in production, where nothing is counted', async () => {
    const runtime = runtimeOf(it.backend) as { strict: boolean }
    runtime.strict = false
    try {
      expect((await it.app.as('alice').get(path)).status).toBe(200)
    } finally {
      runtime.strict = true
    }
  })
})

describe('a backend under test whose rules say so', () => {
  const ignoring = watched({ test: { repeatedStatements: 'ignore' } })
  const bounded = watched({ test: { queryBudget: 5 } })

  test('may repeat statements', async () => {
    expect((await ignoring.app.as('alice').get('/api/read/db.select()%20in%20a%20loop')).status).toBe(200)
  })

  test('sends no more statements a request than its budget', async () => {
    const get = (what: string) => bounded.app.as('alice').get(encodeURI(`/api/read/${what}`), { repeats: 'a test' })
    const post = (what: string) =>
      bounded.app.as('alice').post(encodeURI(`/api/write/${what}`), {}, { repeats: 'a test' })
    expect((await get('find() in a loop')).status).toBe(200)
    // BEGIN, savepoints and COMMIT are not the request's own.
    expect((await post('a transaction in a loop')).status).toBe(200)
    const sixth = bounded.app.as('alice').get('/api/fails', { repeats: 'a test' })
    await expect(sixth).rejects.toThrow(
      /^GET \/api\/fails sent 6 statements, and its budget is 5:\n(- select .+\n){6}Read related/,
    )
  })
})
