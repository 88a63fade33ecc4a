import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Backend, createBackend } from '../../packages/postern/src/backend.js'
import { database } from '../../packages/postern/src/database/database.js'
import { listQuery } from '../../packages/postern/src/database/paved/list-query.js'
import type { Handler } from '../../packages/postern/src/handler.js'
import { create, page, remove, row, update } from '../../packages/postern/src/operations.js'
import { type CountingProxy, countingProxy } from '../support/counting-proxy.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import * as schema from './every-rule.js'
import { migrated } from './migrated.js'
import { call, type Rules, whoever } from './world.js'

// Whatever owns a row: a paved operation asks PostgreSQL once, its claims, its check and its COMMIT included.

let place: TestDatabase
let proxy: CountingProxy
let db: ReturnType<typeof database<Rules>>
let backend: Backend<Rules>
let organization: string
const below: Record<string, string> = {}

beforeAll(async () => {
  place = await createTestDatabase()
  proxy = await countingProxy(place.url)
  db = database({ schema, url: proxy.url, migrationUrl: place.migrationUrl, poolSize: 1 })
  await migrated(db, schema)
  backend = createBackend({ database: db, auth: whoever })
  const service = db.service('test')
  const [made] = await service.insert(schema.organizations).values({ name: 'Acme' }).returning()
  organization = made!.id
  await service.insert(schema.members).values({ organizationId: organization, userId: 'alice', role: 'owner' })
  const own = { ownerId: 'alice' }
  below['product'] = (
    await one(service.insert(schema.products).values({ organizationId: organization, name: 'anvil' }).returning())
  ).id
  below['article'] = (
    await one(
      service
        .insert(schema.articles)
        .values({ ...own, title: 'news' })
        .returning(),
    )
  ).id
  below['draft'] = (
    await one(
      service
        .insert(schema.drafts)
        .values({ ...own, title: 'draft' })
        .returning(),
    )
  ).id
})
afterAll(async () => {
  await db.close()
  await proxy.close()
  await place.drop()
})

const {
  customers,
  products,
  boards,
  tips,
  parts,
  figures,
  features,
  drafts,
  draftPages,
  wishes,
  organizations,
  members,
} = schema
const any = z.record(z.string(), z.unknown())
async function one<T>(rows: Promise<T[]>): Promise<T> {
  return (await rows)[0]!
}

/** Each owner rule, with what a new row needs. */
const rules = {
  'a user’s': { table: customers, body: () => ({ name: 'n' }) },
  'a user’s, deleted softly': { table: drafts, body: () => ({ title: 't' }) },
  'a user’s, pointing at an organization’s': {
    table: wishes,
    body: () => ({ productId: below['product'], text: 't' }),
  },
  'an organization’s, by role and deleted softly': { table: products, body: () => ({ name: 'n' }) },
  'an organization’s, pointing at its own and at a user’s': {
    table: boards,
    body: () => ({ name: 'n', productId: below['product'], articleId: below['article'] }),
  },
  'an organization’s, that some only write': { table: tips, body: () => ({ body: 'b' }) },
  'through an organization’s': { table: parts, body: () => ({ productId: below['product'], name: 'n' }) },
  'through one that anyone reads': { table: figures, body: () => ({ articleId: below['article'], caption: 'c' }) },
  'through one that is deleted softly': { table: draftPages, body: () => ({ draftId: below['draft'], body: 'b' }) },
  'through two': {
    table: features,
    body: () => ({ articleId: below['article'], productId: below['product'], note: 'n' }),
  },
} as const

describe.each(Object.entries(rules))('%s', (_name, { table, body }) => {
  const made = table as typeof customers
  test('each paved operation is one round trip', async () => {
    const { endpoint } = backend
    const post = endpoint({ body: any }, create(made) as never) as Handler
    // The first request of each kind also prepares; the second is what all others are like.
    const first = await once(post, { method: 'POST', body: body() }, 201)
    const counts: Record<string, number> = { create: first.count }
    const { id } = first.answer as { id: string }
    counts['read'] = (await once(endpoint({ sees: made }, row()) as Handler, { id }, 200)).count
    counts['list'] = (await once(endpoint({ query: listQuery(made) }, page(made)) as Handler, {}, 200)).count
    const patch = { method: 'PATCH', id, body: body() }
    counts['update'] = (await once(endpoint({ owns: made, body: any }, update() as never) as Handler, patch, 200)).count
    counts['remove'] = (await once(endpoint({ owns: made }, remove()) as Handler, { method: 'DELETE', id }, 204)).count
    expect(counts).toEqual({ create: 1, read: 1, list: 1, update: 1, remove: 1 })
  })
})

test.each([
  ['organizations', organizations],
  ['their members', members],
] as const)('%s are listed in one round trip', async (_name, table) => {
  const list = backend.endpoint({ query: listQuery(table as typeof members) }, page(table as typeof members)) as Handler
  const { count, answer } = await once(list, {}, 200)
  expect([count, (answer as { data: unknown[] }).data.length]).toEqual([1, 1])
})

async function once(
  handler: Handler,
  request: { method?: string; id?: string; body?: unknown },
  expected: number,
): Promise<{ count: number; answer: unknown }> {
  let answer: unknown
  const count = await proxy.count(async () => {
    const response = await call(handler, { as: 'alice', headers: { 'x-organization-id': organization }, ...request })
    const text = await response.text()
    answer = text === '' ? undefined : JSON.parse(text)
    expect([response.status, answer]).toEqual([expected, answer])
  })
  return { count, answer }
}
