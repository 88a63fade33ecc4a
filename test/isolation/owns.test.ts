import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { scopeOf } from '../../packages/postern/src/database/scope.js'
import { SERVICE } from '../../packages/postern/src/database/identity.js'
import type { Handler } from '../../packages/postern/src/handler.js'
import { remove, row, update } from '../../packages/postern/src/operations.js'
import { patchOf } from '../../packages/postern/src/patch-of.js'
import { articles } from './every-rule.js'
import { call, type World, world } from './world.js'

const ArticleInput = z.object({ title: z.string() })
const body = { title: 'changed by whoever asked' }

describe.each(['postgres', 'embedded'] as const)('on %s, an article that all may read', (kind) => {
  let here: World
  let id: string
  let called: string[]

  beforeAll(async () => void (here = await world(kind)))
  afterAll(() => here.close())
  beforeEach(async () => {
    called = []
    const POST = here.backend.endpoint({ body: ArticleInput }, ({ db, body: input }) => db.articles.create(input))
    const response = await call(POST, { as: 'alice', method: 'POST', body: { title: 'by alice' } })
    id = ((await response.json()) as { id: string }).id
  })

  const note = (what: string) => {
    called.push(what)
    return { what }
  }

  /** Every way to demand that the row be one's own. `answers`: what its owner gets. */
  const owned = (): Record<string, { handler: Handler; method: string; body?: object; answers: number }> => {
    const { endpoint } = here.backend
    return {
      'update()': {
        handler: endpoint({ owns: articles, body: patchOf(ArticleInput) }, update()),
        method: 'PATCH',
        body,
        answers: 200,
      },
      'remove()': { handler: endpoint({ owns: articles }, remove()), method: 'DELETE', answers: 204 },
      'row()': { handler: endpoint({ owns: articles }, row()), method: 'GET', answers: 200 },
      'a function on GET': { handler: endpoint({ owns: articles }, () => note('GET')), method: 'GET', answers: 200 },
      'a function on POST': {
        handler: endpoint({ owns: articles, body: ArticleInput }, () => note('POST')),
        method: 'POST',
        body,
        answers: 200,
      },
      'a function whose statements are their own transactions': {
        handler: endpoint({ owns: articles, transaction: 'statement' }, () => note('statement')),
        method: 'POST',
        answers: 200,
      },
      'a function that reads one moment': {
        handler: endpoint({ owns: articles, transaction: 'snapshot' }, () => note('snapshot')),
        method: 'GET',
        answers: 200,
      },
      'a segment of another name': {
        handler: endpoint({ owns: { table: articles, param: 'id' } }, () => note('param')),
        method: 'POST',
        answers: 200,
      },
    }
  }
  const ways = [
    'update()',
    'remove()',
    'row()',
    'a function on GET',
    'a function on POST',
    'a function whose statements are their own transactions',
    'a function that reads one moment',
    'a segment of another name',
  ]

  test.each(ways)('owns refuses whoever may only read it: %s', async (way) => {
    const { handler, answers, ...request } = owned()[way]!
    const refused = await call(handler, { ...request, as: 'bob', id })
    expect(refused.status).toBe(404)
    expect(called).toEqual([])
    expect(await articleAsService(id)).toEqual({ ownerId: 'alice', title: 'by alice' })
    expect((await call(handler, { ...request, as: null, id })).status).toBe(401)
    // The control: the same request by the owner.
    expect((await call(handler, { ...request, as: 'alice', id })).status).toBe(answers)
  })

  test.each(ways)("another's and an absent one are the same answer, byte for byte: %s", async (way) => {
    const { handler, answers: _, ...request } = owned()[way]!
    const [others, absent, impossible] = await Promise.all(
      [id, '4611686018427387904', 'no-number'].map((one) => call(handler, { ...request, as: 'bob', id: one })),
    )
    expect(await bytesOf(others!)).toEqual(await bytesOf(absent!))
    expect(impossible!.status).toBe(404)
    expect(called).toEqual([])
  })

  test('sees lets through whoever may read, and the function still cannot write', async () => {
    const { endpoint } = here.backend
    const shown = await call(endpoint({ sees: articles }, row()), { as: 'bob', id })
    expect(await shown.json()).toMatchObject({ id, ownerId: 'alice', title: 'by alice' })
    const POST = endpoint({ sees: articles }, async ({ db, resource }) => {
      called.push(resource.title)
      await db.update(articles).set(body)
      return db.articles.update(resource.id, body)
    })
    expect((await call(POST, { as: 'bob', id, method: 'POST' })).status).toBe(404)
    expect(called).toEqual(['by alice'])
    expect(await articleAsService(id)).toEqual({ ownerId: 'alice', title: 'by alice' })
  })

  test('a public endpoint shows it to nobody in particular, and what is private it does not', async () => {
    const { endpoint } = here.backend
    const GET = endpoint({ public: 'articles are published', sees: articles }, row())
    expect((await call(GET, { as: null, id })).status).toBe(200)
    const list = endpoint({ public: 'to see what nobody sees' }, ({ db }) => db.customers.page())
    const create = endpoint({ body: z.object({ name: z.string() }) }, ({ db, body: input }) =>
      db.customers.create(input),
    )
    expect((await call(create, { as: 'alice', method: 'POST', body: { name: 'private' } })).status).toBe(201)
    // Nobody has no grant on it at all: that is forbidden, and no row is told.
    const refused = await call(list, { as: null })
    expect(refused.status).toBe(403)
    expect(await refused.text()).not.toContain('private')
  })

  test('the id of another owner in the body changes nothing', async () => {
    const { endpoint } = here.backend
    const Loose = z.looseObject({ title: z.string() })
    const PATCH = endpoint({ owns: articles, body: patchOf(Loose) as never }, update() as never)
    const sent = { title: 'mine', ownerId: 'bob', id: '1', owner_id: 'bob' }
    const response = await call(PATCH, { as: 'alice', id, method: 'PATCH', body: sent })
    expect(response.status).toBe(200)
    expect(await articleAsService(id)).toEqual({ ownerId: 'alice', title: 'mine' })
  })

  afterEach(async () => {
    const unit = here.database.unit({ mode: 'statement' })
    await unit.run(SERVICE, { text: 'delete from articles', values: [] })
    await unit.close()
  })

  async function articleAsService(key: string) {
    const unit = here.database.unit({ mode: 'read' })
    try {
      const found = await scopeOf({ schema: here.database.schema, unit, identity: SERVICE }).articles.findOptional(key)
      return found === undefined ? null : { ownerId: found.ownerId, title: found.title }
    } finally {
      await unit.close()
    }
  }
})

/** Everything of an answer but its request id. */
async function bytesOf(response: Response) {
  const requestId = response.headers.get('x-request-id')!
  const headers = JSON.stringify([...response.headers]).replace(requestId, '')
  const text = await response.text()
  expect(text).toContain(requestId)
  return { status: response.status, headers, text: text.replace(requestId, '') }
}
