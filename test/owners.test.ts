import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { database } from '../packages/postern/src/database/index.js'
import {
  create,
  createBackend,
  type Handler,
  listQuery,
  page,
  patchOf,
  remove,
  row,
  update,
} from '../packages/postern/src/index.js'
import { id, organizationTables, references, table, text, through, user } from '../packages/postern/src/schema/index.js'
import { migrated } from './isolation/migrated.js'

/** One backend with every rule beyond one user's own rows: organizations with roles, parents, links, soft deletion. */
const { organizations, members, organization } = organizationTables({ roles: ['owner', 'admin', 'member'] })
const products = table(
  'products',
  { id: id(), name: text().notNull() },
  { owner: organization({ write: ['owner', 'admin'] }), softDelete: true },
)
const parts = table(
  'parts',
  { id: id(), productId: references(products), name: text().notNull() },
  { owner: through(products) },
)
const notes = table('notes', { id: id(), text: text().notNull() }, { owner: user({ read: 'anyone' }) })
const tags = table('tags', { id: id(), name: text().notNull() }, { owner: user() })
const taggings = table(
  'taggings',
  { id: id(), noteId: references(notes), tagId: references(tags) },
  { owner: through(notes, tags) },
)
const schema = { organizations, members, products, parts, notes, tags, taggings }
const db = database({ schema, directory: 'memory://' })
const backend = createBackend({
  database: db,
  auth: ({ headers }) => (headers.has('x-user') ? { id: headers.get('x-user')!, roles: [], claims: {} } : null),
})
const { endpoint } = backend
const Named = z.object({ name: z.string() })
const routes = {
  organizations: endpoint({ query: listQuery(organizations) }, page(organizations)),
  members: endpoint({ query: listQuery(members, { sort: ['userId'] }) }, page(members)),
  products: endpoint({ query: listQuery(products) }, page(products)),
  addProduct: endpoint({ body: Named }, create(products)),
  product: endpoint({ sees: products }, row()),
  renameProduct: endpoint({ owns: products, body: patchOf(Named) }, update()),
  removeProduct: endpoint({ owns: products }, remove()),
  addPart: endpoint({ owns: products, body: Named }, create(parts, { under: 'product' })),
  parts: endpoint({ sees: products, query: listQuery(parts) }, page(parts, { under: 'product' })),
  addPartAnywhere: endpoint({ body: z.object({ productId: z.string(), name: z.string() }) }, create(parts)),
  tag: endpoint({ body: z.object({ noteId: z.string(), tagId: z.string() }) }, create(taggings)),
  taggings: endpoint({ public: 'tags are for everyone', query: listQuery(taggings) }, page(taggings)),
}

async function call(
  handler: Handler,
  who: string,
  options: { body?: unknown; id?: string; organization?: string; query?: string } = {},
) {
  const headers = {
    'content-type': 'application/json',
    'x-user': who,
    ...(options.organization ? { 'x-organization-id': options.organization } : {}),
  }
  const method = options.body === undefined ? (handler === routes.removeProduct ? 'DELETE' : 'GET') : 'POST'
  const body = options.body === undefined ? {} : { body: JSON.stringify(options.body) }
  const request = new Request(`http://localhost/api/x${options.query ?? ''}`, { method, headers, ...body })
  const response = await handler(request, {
    params: Promise.resolve(options.id === undefined ? {} : { id: options.id }),
  })
  const answer = await response.text()
  return { status: response.status, body: (answer === '' ? undefined : JSON.parse(answer)) as any }
}

beforeAll(async () => {
  await migrated(db, schema)
  const service = db.service('test')
  await service.insert(organizations).values([{ name: 'Acme' }, { name: 'Globex' }])
  await service.insert(members).values([
    { organizationId: '1', userId: 'olga', role: 'owner' },
    { organizationId: '1', userId: 'mara', role: 'member' },
    { organizationId: '2', userId: 'mara', role: 'admin' },
    { organizationId: '2', userId: 'gil', role: 'owner' },
  ])
}, 60_000)
afterAll(() => db.close())

describe('rows of an organization', () => {
  test('a member sees them, a role that may writes them, a stranger finds nothing', async () => {
    const made = await call(routes.addProduct, 'olga', { body: { name: 'anvil' }, organization: '1' })
    expect(made).toMatchObject({ status: 201, body: { id: '1', organizationId: '1' } })
    expect(await call(routes.product, 'mara', { id: '1' })).toMatchObject({ status: 200 })
    expect(await call(routes.renameProduct, 'mara', { id: '1', body: { name: 'x' } })).toMatchObject({ status: 404 })
    expect(await call(routes.renameProduct, 'olga', { id: '1', body: { name: 'big anvil' } })).toMatchObject({
      status: 200,
    })
    expect(await call(routes.product, 'gil', { id: '1' })).toMatchObject({ status: 404 })
  })

  test('an organization that is only named opens nothing and narrows what is there', async () => {
    expect(await call(routes.products, 'gil', { organization: '1' })).toMatchObject({ status: 200, body: { data: [] } })
    expect(await call(routes.addProduct, 'gil', { body: { name: 'x' }, organization: '1' })).toMatchObject({
      status: 403,
    })
    expect(await call(routes.addProduct, 'mara', { body: { name: 'saw' }, organization: '2' })).toMatchObject({
      status: 201,
    })
    expect((await call(routes.products, 'mara')).body.data).toHaveLength(2)
    expect((await call(routes.products, 'mara', { organization: '2' })).body.data).toMatchObject([{ name: 'saw' }])
    expect(await call(routes.products, 'mara', { organization: '1;drop' })).toMatchObject({ status: 400 })
  })

  test('creating without naming one is told what is missing', async () => {
    expect(await call(routes.addProduct, 'olga', { body: { name: 'x' } })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'headers.x-organization-id' }] },
    })
  })

  test('members see each other, and only of their own organizations', async () => {
    const seen = async (who: string) =>
      (await call(routes.members, who)).body.data.map((one: any) => `${one.organizationId}:${one.userId}`)
    expect((await seen('olga')).sort()).toEqual(['1:mara', '1:olga'])
    expect((await seen('mara')).sort()).toEqual(['1:mara', '1:olga', '2:gil', '2:mara'])
    expect(await seen('nobody-s member')).toEqual([])
    expect((await call(routes.organizations, 'gil')).body.data).toMatchObject([{ name: 'Globex' }])
  })
})

describe('rows through a parent', () => {
  test('are read with the parent and written by who may write the parent', async () => {
    expect(await call(routes.addPart, 'olga', { id: '1', body: { name: 'horn' } })).toMatchObject({ status: 201 })
    expect((await call(routes.parts, 'mara', { id: '1' })).body.data).toMatchObject([{ name: 'horn' }])
    expect(await call(routes.addPart, 'mara', { id: '1', body: { name: 'x' } })).toMatchObject({ status: 404 })
    expect(await call(routes.addPartAnywhere, 'mara', { body: { productId: '1', name: 'x' } })).toMatchObject({
      status: 403,
    })
    expect(await call(routes.addPartAnywhere, 'gil', { body: { productId: '1', name: 'x' } })).toMatchObject({
      status: 403,
    })
    expect(await call(routes.parts, 'gil', { id: '1' })).toMatchObject({ status: 404 })
  })

  test('a link needs both ends: a note that anyone reads can be tagged by its owner alone', async () => {
    const service = db.service('test')
    await service.insert(notes).values({ text: 'public', ownerId: 'olga' })
    await service.insert(tags).values([
      { name: 'hers', ownerId: 'olga' },
      { name: 'his', ownerId: 'gil' },
    ])
    expect(await call(routes.tag, 'gil', { body: { noteId: '1', tagId: '2' } })).toMatchObject({ status: 403 })
    expect(await call(routes.tag, 'olga', { body: { noteId: '1', tagId: '2' } })).toMatchObject({ status: 403 })
    expect(await call(routes.tag, 'olga', { body: { noteId: '1', tagId: '1' } })).toMatchObject({ status: 201 })
    expect((await call(routes.taggings, 'gil')).body.data).toEqual([])
  })
})

test('soft deletion: gone for all but the service, its children with it, and not to be brought back', async () => {
  expect(await call(routes.removeProduct, 'mara', { id: '1' })).toMatchObject({ status: 404 })
  expect(await call(routes.removeProduct, 'olga', { id: '1' })).toMatchObject({ status: 204 })
  expect(await call(routes.product, 'olga', { id: '1' })).toMatchObject({ status: 404 })
  expect(await call(routes.parts, 'olga', { id: '1' })).toMatchObject({ status: 404 })
  expect(await call(routes.removeProduct, 'olga', { id: '1' })).toMatchObject({ status: 404 })
  expect(await db.service('test').select().from(products).orderBy(products.id)).toMatchObject([
    { name: 'big anvil', deletedAt: expect.any(Date) },
    {},
  ])
})
