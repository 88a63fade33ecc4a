import { createHmac } from 'node:crypto'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Backend, createBackend } from 'postern'
import { ROLES_SQL } from 'postern/database'
import { testBackend, type TestBackend } from 'postern/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { newMigration } from '../packages/cli/src/migrate/new-migration.ts'
import { documents, ROOT } from './support/markdown.ts'

/**
 * What the skill says to do by hand, done: its blocks are put into a copy of the example, as a reader would put them
 * into a project, and called. A page that teaches a webhook which takes effect twice would be worse than no page.
 */
const example = join(ROOT, 'examples/invoices')
mkdirSync(join(example, '.postern'), { recursive: true })
const project = mkdtempSync(join(example, '.postern/skill-'))
const SECRET = 'a secret of the provider'
const event = JSON.stringify({ id: 'evt_1', type: 'invoice.paid', invoice: '1' })

let app: TestBackend

beforeAll(async () => {
  const sources = readdirSync(example).filter((name) => /^(?:app|jobs|migrations|schema|stripe|.*\.ts)$/.test(name))
  for (const name of sources) {
    cpSync(join(example, name), join(project, name), { recursive: true })
  }
  const page = documents().find(({ path }) => path === 'skills/backend/references/by-hand.md')!
  for (const { language, text } of page.blocks) {
    const path = /^\/\/ (\S+\.ts)\b/.exec(text)?.[1]
    if (language !== 'ts' || path === undefined) continue
    mkdirSync(dirname(join(project, path)), { recursive: true })
    writeFileSync(join(project, path), text)
  }
  appendFileSync(join(project, 'schema/index.ts'), "export * from './webhook-events.ts'\n")
  vi.stubEnv('PAYMENTS_WEBHOOK_SECRET', SECRET)
  vi.stubEnv('POSTERN_AUTH_SECRET', 'a secret that only this test signs with')

  const { backend } = (await import(join(project, 'backend.ts'))) as { backend: ReturnType<typeof createBackend> }
  const { schema } = backend.database
  const request = {
    name: 'webhooks',
    empty: false,
    data: false,
    answers: { renames: [], drops: [] },
    rolesSql: ROLES_SQL,
  }
  await newMigration(join(project, 'migrations'), schema, request)
  app = await testBackend(backend as unknown as Backend<Record<string, unknown>>, {
    directory: project,
    load: (file) => import(file),
  })
  const customer = await app
    .as('alice')
    .post<{ id: string }>('/api/customers', { name: 'Acme', email: 'a@acme.example' })
  const invoice = { customerId: customer.body.id, number: 'A', total: '1', currency: 'EUR', dueAt: '2026-12-31' }
  await app.as('alice').post('/api/invoices', invoice)
})
afterAll(async () => {
  await app.close()
  vi.unstubAllEnvs()
  rmSync(project, { recursive: true })
})

const signature = (body: string) => createHmac('sha256', SECRET).update(body).digest('hex')
const deliver = (body: string, signed: string | undefined) =>
  app.fetch(
    new Request('http://localhost/api/webhooks/payments', {
      method: 'POST',
      headers: signed === undefined ? {} : { 'x-signature': signed },
      body,
    }),
  )

test.each([
  ['nobody signed', undefined],
  ['is signed by something else', 'zz'],
  ['is signed with another secret', createHmac('sha256', 'x').update(event).digest('hex')],
])('a webhook that %s is 400, and nothing is written', async (_name, signed) => {
  const refused = await app.recording(() => deliver(event, signed))
  expect(refused.answer.status).toBe(400)
  refused.nothing()
})

test('deliveries at the same moment take effect once', async () => {
  const done = await app.recording(() => Promise.all(Array.from({ length: 5 }, () => deliver(event, signature(event)))))
  expect(done.answer.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  expect([...done.changed].sort()).toEqual(['invoices', 'webhook_events'])
  expect(done.statements.filter((text) => /^update/i.test(text))).toHaveLength(1)
  expect((await app.as('alice').get('/api/invoices/1')).body).toMatchObject({ status: 'paid' })
})

test('a later delivery writes nothing', async () => {
  const again = await app.recording(() => deliver(event, signature(event)))
  expect(again.answer.status).toBe(200)
  expect(again.changed).toEqual([])
})

test('an event that fits nothing is accepted and ignored', async () => {
  const other = JSON.stringify({ id: 'evt_2', type: 'customer.created' })
  const ignored = await app.recording(() => deliver(other, signature(other)))
  expect(ignored.answer.status).toBe(200)
  ignored.nothing()
})
