import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createBackend } from '../../packages/postern/src/backend.js'
import { create, page } from '../../packages/postern/src/operations.js'
import type { Principal } from '../../packages/postern/src/principal.js'
import { listQuery } from '../../packages/postern/src/database/paved/list-query.js'
import { members, organizations, parts, products } from './every-rule.js'
import { call, type World, world } from './world.js'

// Seats that change while requests are under way, and organizations that are only named, through endpoints as a host calls them.

let here: World
let acme: string
let globex: string
const service = () => here.database.service('test')

beforeAll(async () => {
  here = await world('postgres', { poolSize: 4 })
  const made = await service()
    .insert(organizations)
    .values([{ name: 'Acme' }, { name: 'Globex' }])
    .returning()
  acme = made[0]!.id
  globex = made[1]!.id
  const rows = await service()
    .insert(products)
    .values([
      { organizationId: acme, name: 'anvil' },
      { organizationId: globex, name: 'globe' },
    ])
    .returning()
  await service()
    .insert(parts)
    .values(rows.map(({ id, name }) => ({ productId: id, name: `part of ${name}` })))
})
afterAll(() => here.close())

/** On a connection of its own: a handle of the backend would join the transaction of the request that is under way. */
async function seat(userId: string, organizationId: string, role: 'owner' | 'editor' | 'viewer'): Promise<void> {
  await here.superuser(`insert into members (user_id, organization_id, role) values ('${userId}', ${organizationId}, '${role}')
    on conflict (user_id, organization_id) do update set role = excluded.role`)
}

function leave(userId: string): () => Promise<void> {
  return () => here.superuser(`delete from members where user_id = '${userId}'`)
}

/** A request that reads, waits until something has happened meanwhile, and reads again. */
function twice(transaction: 'request' | 'snapshot', meanwhile: () => Promise<void>) {
  return here.backend.endpoint({ transaction }, async ({ db }) => {
    const names = async () => (await db.select().from(products)).map(({ name }) => name)
    const before = await names()
    await meanwhile()
    const after = await names()
    return { before, after, parts: (await db.select().from(parts)).length }
  })
}

test('a seat that is lost between two statements of a transaction is lost at the next statement, children and all', async () => {
  await seat('mia', acme, 'owner')
  const response = await call(twice('request', leave('mia')), { as: 'mia', method: 'POST' })
  expect(await response.json()).toEqual({ before: ['anvil'], after: [], parts: 0 })
})

test('a snapshot is of one moment: it keeps the seats of its beginning, and the next request does not', async () => {
  await seat('nils', acme, 'viewer')
  const handler = twice('snapshot', leave('nils'))
  expect(await (await call(handler, { as: 'nils' })).json()).toEqual({ before: ['anvil'], after: ['anvil'], parts: 1 })
  expect(await (await call(handler, { as: 'nils' })).json()).toEqual({ before: [], after: [], parts: 0 })
})

test('a role that is taken away while a transaction is open writes no more in it', async () => {
  await seat('otto', acme, 'editor')
  const handler = here.backend.endpoint({}, async ({ db }) => {
    const renamed = async () => (await db.update(products).set({ name: 'anvil' }).returning()).length
    const before = await renamed()
    await seat('otto', acme, 'viewer')
    return { before, after: await renamed(), still: (await db.select().from(products)).length }
  })
  expect(await (await call(handler, { as: 'otto', method: 'POST' })).json()).toEqual({ before: 1, after: 0, still: 1 })
})

test('a removed member finds nothing any more, not even who else is a member', async () => {
  await seat('pia', acme, 'owner')
  const list = here.backend.endpoint({ query: listQuery(members) }, page(members))
  const seen = async () => ((await (await call(list, { as: 'pia' })).json()) as { data: unknown[] }).data.length
  expect(await seen()).toBeGreaterThan(0)
  await leave('pia')()
  expect(await seen()).toBe(0)
})

test('a person in two organizations sees both, or the one that they work in', async () => {
  await seat('quin', acme, 'viewer')
  await seat('quin', globex, 'editor')
  const list = here.backend.endpoint({ query: listQuery(products) }, page(products))
  const seen = async (headers: Record<string, string> = {}) => {
    const { data } = (await (await call(list, { as: 'quin', headers })).json()) as { data: { name: string }[] }
    return data.map(({ name }) => name).sort()
  }
  expect(await seen()).toEqual(['anvil', 'globe'])
  expect(await seen({ 'x-organization-id': acme })).toEqual(['anvil'])
  expect(await seen({ 'x-organization-id': '999999999' })).toEqual([])
})

test('an organization of which one is no member opens nothing: by header, by principal, by a claim of the token', async () => {
  await seat('rosa', globex, 'owner')
  const claims: Record<string, Partial<Principal>> = {
    header: {},
    principal: { organizationId: acme },
    claim: { claims: { organization_id: acme } },
  }
  for (const [way, said] of Object.entries(claims)) {
    const { endpoint } = createBackend({
      database: here.database,
      auth: () => ({ id: 'rosa', roles: [], claims: {}, ...said }),
    })
    const headers = way === 'header' ? { 'x-organization-id': acme } : {}
    const list = endpoint({ query: listQuery(products) }, page(products))
    expect([way, await (await call(list, { as: 'rosa', headers })).json()]).toMatchObject([way, { data: [] }])
    const post = endpoint({ body: z.object({ name: z.string() }) }, create(products))
    const { status } = await call(post, { as: 'rosa', method: 'POST', body: { name: 'mine' }, headers })
    expect([way, status]).toEqual([way, 403])
  }
  const names = (await service().select().from(products)).map(({ name }) => name)
  expect(names).not.toContain('mine')
})

test('what the token says stands: a header can not lead out of the organization that it was made for', async () => {
  await seat('sven', acme, 'owner')
  await seat('sven', globex, 'owner')
  for (const said of [{ organizationId: acme }, { claims: { organization_id: acme } }]) {
    const { endpoint } = createBackend({
      database: here.database,
      auth: () => ({ id: 'sven', roles: [], claims: {}, ...said }),
    })
    const list = endpoint({ query: listQuery(products) }, page(products))
    const answer = await call(list, { as: 'sven', headers: { 'x-organization-id': globex } })
    expect(await answer.json()).toMatchObject({ data: [{ name: 'anvil' }] })
  }
})
