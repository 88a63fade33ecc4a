import { expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { RULEBOOK } from '../../rules/rulebook.js'
import { treeOf } from '../source/read-tree.js'

const PROJECT = {
  'schema.ts': `import { table, id, user } from 'postern/schema'
import { text } from 'drizzle-orm/pg-core'
export const orders = table('orders', { id: id(), title: text() }, { owner: user() })`,
  'backend.ts': `import { createBackend } from 'postern'
import { database } from 'postern/database'
import { sessions } from 'postern/auth'
import * as schema from './schema'
export const backend = createBackend({ database: database({ schema }), auth: sessions({}) })
export const { endpoint, action, webhook, job } = backend`,
  'prisma.ts': `import { PrismaClient } from '@prisma/client'
export const prisma = new PrismaClient()`,
}

const IMPORTS = (up: string) => `import { endpoint, action, webhook, job } from '${up}backend'
import { orders } from '${up}schema'
import { prisma } from '${up}prisma'
import { create, page, remove, update, row, listQuery, problem } from 'postern'
import { stripe } from 'postern/webhooks'
import { eq, sql } from 'drizzle-orm'
import { z } from 'zod'
const Body = z.object({ id: z.string(), title: z.string() })
`

async function said(path: string, code: string): Promise<string[]> {
  const up = '../'.repeat(path.split('/').length - 1)
  const { findings, faults } = await audit(
    treeOf({ ...PROJECT, [path]: code.replace('IMPORTS', IMPORTS(up)) }),
    RULEBOOK,
  )
  expect(faults).toEqual([])
  return findings.filter(({ file }) => file === path).map(({ rule }) => rule)
}

const onRoute = (code: string) => said('app/api/orders/[id]/route.ts', `IMPORTS${code}`)

test.each([
  ['a page', 'export const GET = endpoint({ query: listQuery(orders) }, page(orders))'],
  [
    'a published page',
    "export const GET = endpoint({ public: 'a price list', query: listQuery(orders) }, page(orders))",
  ],
  ['a new row', 'export const POST = endpoint({ body: Body }, create(orders))'],
  ['a changed row', 'export const PATCH = endpoint({ owns: orders, body: Body }, update())'],
  ['a row that goes', 'export const DELETE = endpoint({ owns: orders }, remove())'],
  [
    'a function',
    'export const POST = endpoint({ body: Body }, async ({ db, body }) => db.orders.update(body.id, { title: body.title }))',
  ],
  [
    'Drizzle in the scope of the principal',
    'export const POST = endpoint({ body: Body }, async ({ db, body }) => { await db.update(orders).set({ title: body.title }).where(eq(orders.id, body.id)) })',
  ],
  [
    'a row that a function has asked for',
    `export const POST = endpoint(
  { body: Body, owns: ({ id, principal }) => prisma.order.findFirst({ where: { id, ownerId: principal.id } }) },
  async ({ resource, body }) => { await prisma.order.update({ where: { id: resource.id }, data: { title: body.title } }) })`,
  ],
])('what the slots guarantee is nothing to tell of: %s', async (_, code) => {
  expect(await onRoute(code)).toEqual([])
})

test.each([
  [
    'a public endpoint that writes',
    "export const POST = endpoint({ public: 'anybody', body: Body }, create(orders))",
    'auth-missing',
  ],
  [
    'a public function that writes',
    "export const POST = endpoint({ public: 'anybody', body: Body }, async ({ db, body }) => db.orders.create({ title: body.title }))",
    'auth-missing',
  ],
  [
    "an id of the body's in the service's scope",
    "export const POST = endpoint({ body: Body }, async ({ db, body }) => db.asService('why').orders.update(body.id, { title: body.title }))",
    'ownership-missing',
  ],
  [
    "an id of the body's in a client from elsewhere",
    'export const POST = endpoint({ body: Body }, async ({ body }) => { await prisma.order.update({ where: { id: body.id }, data: { title: body.title } }) })',
    'ownership-missing',
  ],
  [
    'a list without an end, of a function that waits for nothing',
    'export const GET = endpoint({}, ({ db }) => db.select().from(orders))',
    'pagination-missing',
  ],
  [
    'a query for each row',
    'export const POST = endpoint({ body: z.object({ ids: z.array(z.string()) }) }, async ({ db, body }) => { for (const id of body.ids) await db.orders.update(id, { title: "" }) })',
    'n-plus-one',
  ],
  [
    'a message that was caught, in words of its own',
    "export const POST = endpoint({ body: Body }, async ({ db, body }) => { try { await db.orders.create(body) } catch (error) { throw problem('conflict', error.message) } })",
    'error-leak',
  ],
  [
    'text of a request that no slot has taken',
    'export const GET = endpoint({}, async ({ db, request }) => { const q = new URL(request.url).searchParams.get("q"); await db.execute(sql.raw(`select * from orders where title = \'${q}\'`)) })',
    'sql-injection',
  ],
])('what a function does is followed: %s', async (_, code, rule) => {
  expect(await onRoute(code)).toContain(rule)
})

test.each([
  [
    'action({ input: Body, owns: orders }, async ({ db, resource, input }) => db.orders.update(resource.id, { title: input.title }))',
    [],
  ],
  [
    'action({ input: Body }, async ({ input }) => { await prisma.order.delete({ where: { id: input.id } }) })',
    ['ownership-missing'],
  ],
  [
    "action({ public: 'anybody', input: Body }, async ({ db, input }) => { await db.orders.create({ title: input.title }) })",
    ['action-unauthenticated'],
  ],
])('an action is followed: %s', async (code, rules) => {
  expect(await said('app/orders/actions.ts', `'use server'\nIMPORTSexport const change = ${code}`)).toEqual(rules)
})

const onEvent = (body: string) =>
  said(
    'app/api/webhooks/stripe/route.ts',
    `IMPORTS
const later = job({ name: 'later', input: Body }, async ({ db, input }) => { for (const one of input.ids) await db.orders.update(one, {}) })
export const POST = webhook({ name: 'stripe', from: stripe({ secrets: [] }), on: { 'checkout.session.completed': ${body} } })`,
  )

test('what a webhook does was verified, and is done once', async () => {
  expect(
    await onEvent(
      'async ({ event, db }) => { await db.orders.create({ title: event.data.id, ownerId: event.data.user }) }',
    ),
  ).toEqual([])
})

test.each([
  ['async ({ event, db }) => { for (const one of event.data.lines) await db.orders.create({ title: one.id }) }'],
  [
    '{ data: Body, handle: async ({ event, db }) => { for (const one of event.data.lines) await db.orders.create({ title: one.id }) } }',
  ],
  ['async ({ event, db }) => { await db.enqueue(later, { ids: event.data.ids }) }'],
])("a webhook's functions are followed, and the jobs that they ask for: %s", async (body) => {
  expect(await onEvent(body)).toContain('n-plus-one')
})
