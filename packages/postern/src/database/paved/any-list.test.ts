import { inArray, sql } from 'drizzle-orm'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { sampleApp, samples } from '../../../test/samples.js'
import { page } from '../../operations.js'
import type { Answer } from '../../testing/index.js'
import { listQuery } from './list-query.js'

const KEYS = ['label', 'seen', 'local', 'amount', 'ratio', 'rank', 'tag', 'day', 'open', 'level', 'name', 'id'] as const
const query = listQuery(samples, {
  sort: KEYS,
  filter: { rank: ['eq', 'ne', 'lt', 'gte', 'isNull', 'in'], level: ['eq', 'ne', 'in', 'isNull'], open: ['eq'] },
  search: ['name', 'label'],
  maxLimit: 1000,
})
const numbered = listQuery(samples, { pages: 'numbered', order: 'name', search: ['name', 'label'] })
const Rows = z.object({ rows: z.array(z.record(z.string(), z.unknown())) })

interface Sample {
  readonly id: string
  readonly name: string
  readonly rank: number | null
}

const few = <T>(...values: T[]) => fc.constantFrom(null, ...values)
const row = fc.record({
  name: fc.constantFrom('', 'a', 'A', 'ä', 'b%', '_', '\\', 'zz', '日本', '🙂'),
  label: few('', 'a', 'B', 'é', 'e\u0301', 'ß', '日本', '🙂', '"', "'", ','),
  // Microseconds: what a Date would round to one instant.
  seen: few('2026-01-01T00:00:00.000001Z', '2026-01-01T00:00:00.000002Z', '2026-01-01T00:00:00.001Z', 'infinity'),
  local: few('2026-01-01 00:00:00.000001', '2026-01-01 00:00:00.000002', '0001-01-01 00:00:00'),
  amount: few('0.1', '0.10000000000000000001', '-5', '12345678901234567890.5', 'NaN'),
  ratio: few(0.1, 0.30000000000000004, 0.3, -1e300, 5e-324),
  rank: few(-1, 0, 1, 2),
  tag: few('00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
  day: few('2026-01-31', '2026-02-01', '0001-01-01'),
  open: few(true, false),
  level: few('low', 'middle', 'high'),
})
const sort = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 3 }),
    fc.array(fc.boolean(), { minLength: 3 }),
  )
  .map(([keys, turns]) => keys.map((key, index) => `${turns[index] === true ? '-' : ''}${key}`).join())
const filter = fc.constantFrom(
  '',
  '&rank=1',
  '&rank[ne]=1',
  '&rank[gte]=0&rank[lt]=2',
  '&rank[isNull]=true',
  '&rank[isNull]=false',
  '&rank[in]=0,2',
  '&level[in]=low,high',
  '&level[ne]=low&open=true',
  '&search=a',
)

describe.each(['postgres', 'embedded'] as const)('any list, on %s', (on) => {
  const it = sampleApp(
    (endpoint) => ({
      '/api/numbered': {
        GET: endpoint({ query: numbered }, page(samples)),
        PUT: endpoint({ query: numbered }, ({ db, query: asked }) => db.samples.page(asked)),
      },
      '/api/many': {
        POST: endpoint({}, async ({ db }) => {
          await db.execute(sql`insert into samples (name) select 'x' || n from generate_series(1, 10001) n`)
        }),
      },
      '/api/samples': {
        GET: endpoint({ query }, page(samples)),
        POST: endpoint({ body: Rows }, async ({ db, body }) => {
          const values = body.rows.map(({ seen, ...rest }) => ({ ...rest, seen: sql`${seen}::timestamptz` }) as never)
          return db.insert(samples).values(values).returning({ id: samples.id })
        }),
        PUT: endpoint({ body: z.object({ ids: z.array(z.string()) }) }, async ({ db, body }) => {
          await db.delete(samples).where(inArray(samples.id, body.ids))
        }),
      },
    }),
    on,
  )
  let people = 0

  test('walked by cursor gives every row once, in the order of one big page, while others come and go', async () => {
    let [pages, several] = [0, 0]
    const property = fc.asyncProperty(
      fc.array(row, { minLength: 6, maxLength: 12 }),
      fc.array(row, { minLength: 1, maxLength: 3 }),
      sort,
      filter,
      fc.integer({ min: 1, max: 4 }),
      async (rows, strangers, by, where, limit) => {
        const caller = it.app.as(`person-${(people += 1)}`)
        const put = async (some: unknown[]) => {
          if (some.length === 0) return []
          const { status, body } = await caller.post<{ id: string }[]>('/api/samples', { rows: some })
          expect(status).toBeLessThan(300)
          return body.map(({ id }) => id)
        }
        const ids = await put(rows)
        const list = `/api/samples?sort=${by}${where}`
        const whole = await caller.get<{ data: Sample[] }>(`${list}&limit=1000`)
        expect(whole.status).toBe(200)
        const walked: string[] = []
        let times = 0
        for (let after: string | null = ''; after !== null;) {
          const answer: Answer<{ data: Sample[]; next: string | null }> = await caller.get(
            `${list}&limit=${limit}${after === '' ? '' : `&after=${after}`}`,
          )
          expect(answer.status).toBe(200)
          walked.push(...answer.body.data.map(({ id }) => id))
          after = answer.body.next
          pages += 1
          // No more than a few, or they come faster than the walk goes.
          if (pages % 2 === 0 || (times += 1) > 4) continue
          // They are gone again before the next page, or stay on it: either way the others keep their place.
          const came = await put(strangers)
          const gone = pages % 4 === 1 ? came : []
          expect((await caller.put('/api/samples', { ids: gone })).status).toBe(204)
          if (walked.length > 100) throw new Error('The list does not end')
        }
        expect(walked.filter((id) => ids.includes(id))).toEqual(whole.body.data.map(({ id }) => id))
        expect(new Set(walked).size).toBe(walked.length)
        if (whole.body.data.length > limit) several += 1
      },
    )
    await fc.assert(property, { numRuns: 60 })
    expect([pages > 100, several > 5]).toEqual([true, true])
  }, 120_000)

  const names = async (as: string, path: string) => {
    const { status, body } = await it.app.as(as).get<{ data: Sample[] }>(path)
    expect(status).toBe(200)
    return body.data.map(({ name }) => name)
  }

  test('a search finds every word in any of its columns, whatever the case, and % and _ are letters', async () => {
    const rows = [
      { name: 'ACME Corp', label: 'north' },
      { name: 'Acme', label: null },
      { name: '100%', label: 'a_b' },
      { name: String.raw`back\slash`, label: 'axb' },
    ]
    await it.app.as('sue').post('/api/samples', { rows: rows.map((one) => ({ ...one, seen: null })) })
    await it.app.as('tom').post('/api/samples', { rows: [{ name: 'ACME of Tom', seen: null }] })
    expect((await names('sue', searchFor('acme'))).join('|')).toBe('ACME Corp|Acme')
    expect((await names('sue', searchFor(' NORTH  acme '))).join('|')).toBe('ACME Corp')
    expect((await names('sue', searchFor('%'))).join('|')).toBe('100%')
    expect((await names('sue', searchFor('a_b'))).join('|')).toBe('100%')
    expect((await names('sue', searchFor('\\'))).join('|')).toBe(String.raw`back\slash`)
    expect((await names('sue', searchFor('nothing'))).join('|')).toBe('')
  })

  test('a filter by "not" shows rows without a value, and a cursor of another search or operator is refused', async () => {
    const ranks = [null, 1, 2, 3]
    await it.app.as('una').post('/api/samples', { rows: ranks.map((rank) => ({ name: `r${rank}`, rank, seen: null })) })
    expect(await names('una', '/api/samples?sort=id&rank[ne]=1')).toEqual(['rnull', 'r2', 'r3'])
    const first = await it.app.as('una').get<{ next: string }>('/api/samples?limit=1&rank[gte]=1&search=r')
    const after = `limit=1&after=${first.body.next}`
    const again = await it.app.as('una').get(`/api/samples?search=r&${after}&rank[gte]=1`)
    expect(again.status).toBe(200)
    for (const other of [
      'rank[gte]=2&search=r',
      'rank[lt]=1&search=r',
      'rank[gte]=1&search=R',
      'rank[gte]=1',
      'search=r',
    ]) {
      const refused = await it.app.recording(() => it.app.as('una').get(`/api/samples?${after}&${other}`))
      expect([other, refused.answer.status]).toEqual([other, 400])
      refused.nothing()
    }
  })

  test('a numbered page says how many there are, in one statement, and ends at row 10,000', async () => {
    const rows = Array.from({ length: 7 }, (_, n) => ({ name: `n${n}`, seen: null }))
    await it.app.as('vic').post('/api/samples', { rows })
    const happened = await it.app.recording(() =>
      it.app.as('vic').get<{ data: Sample[] }>('/api/numbered?page=2&limit=3'),
    )
    expect(happened.answer.body).toMatchObject({ page: 2, pages: 3, total: 7 })
    expect(happened.answer.body.data.map(({ name }) => name)).toEqual(['n3', 'n4', 'n5'])
    expect([happened.statements.length, happened.roundTrips]).toEqual([1, 1])
    expect((await it.app.as('vic').put('/api/numbered?page=2&limit=3')).body).toEqual(happened.answer.body)
    const found = await it.app.as('vic').get('/api/numbered?search=n6')
    expect(found.body).toMatchObject({ data: [{ name: 'n6' }], page: 1, pages: 1, total: 1 })
    expect((await it.app.as('vic').get('/api/numbered?page=9')).body).toEqual({ data: [], page: 9, pages: 1, total: 7 })
    expect((await it.app.as('wim').get('/api/numbered')).body).toEqual({ data: [], page: 1, pages: 0, total: 0 })
    const refused = await it.app.recording(() => it.app.as('vic').get('/api/numbered?page=101&limit=100'))
    expect(refused.answer.status).toBe(400)
    refused.nothing()
  })

  test('more than 10,000 rows are not counted', async () => {
    const made = await it.app.as('xan').post('/api/many', {})
    expect(made.status).toBeLessThan(300)
    const last = await it.app.as('xan').get<{ data: Sample[] }>('/api/numbered?page=102&limit=99')
    expect(last.body).toMatchObject({ page: 102, pages: 102, total: null })
    expect(last.body.data).toHaveLength(1)
  })
})

function searchFor(text: string): string {
  return `/api/samples?sort=id&search=${encodeURIComponent(text)}`
}
