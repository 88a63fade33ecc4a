import { eq, sql } from 'drizzle-orm'
import { fileURLToPath } from 'node:url'
import type { Principal } from 'postern'
import { testBackend, type TestBackend } from 'postern/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, execute, type TestDatabase } from '../../../test/support/postgres.js'
import { backend } from '../backend.ts'
import { db } from '../database.ts'
import { invitations, members, user } from '../schema/index.ts'

const directory = fileURLToPath(new URL('..', import.meta.url))
let place: TestDatabase
let app: TestBackend
beforeAll(async () => {
  // A real PostgreSQL: the embedded one has a single connection, so that nothing would ever happen at the same moment.
  place = await createTestDatabase()
  app = await testBackend(backend, { directory, place, load: (file) => import(file) })
  const people = ['alice', 'bob', 'carol'].map((id) => ({ id, name: id, email: `${id}@example.com` }))
  await db.service('test').insert(user).values(people)
})
afterAll(async () => {
  await app.close()
  await place.drop()
})

const person = (id: string): Principal => ({ id, roles: [], claims: { sub: id, email: `${id}@example.com` } })
const [alice, bob, carol] = [person('alice'), person('bob'), person('carol')]

/** Each test has an organization of its own, founded by Alice. */
let at: string
let organization: { headers: { 'x-organization-id': string } }
beforeEach(async () => {
  const { body } = await app.as(alice).post<{ id: string }>('/api/organizations', { name: 'Acme' })
  at = `/api/organizations/${body.id}`
  organization = { headers: { 'x-organization-id': body.id } }
})

interface Invitation {
  readonly id: string
  readonly token: string
}
interface Member {
  readonly id: string
  readonly userId: string
  readonly role: string
}

const invite = async (email = bob.claims['email'], role = 'member') =>
  (await app.as(alice).post<Invitation>(`${at}/invitations`, { email, role })).body
const accept = (who: Principal, token: string) => app.as(who).post('/api/invitations/accept', { token })
const list = async <Row>(who: Principal, path: string, options = {}) =>
  (await app.as(who).get<{ data: Row[] }>(path, options)).body.data
const memberships = () => list<Member>(alice, `${at}/members`)
const memberOf = async (who: Principal) =>
  `${at}/members/${(await memberships()).find(({ userId }) => userId === who.id)!.id}`
const join = async (who: Principal, role = 'member') => {
  const { token } = await invite(who.claims['email'], role)
  expect((await accept(who, token)).status).toBe(200)
  return memberOf(who)
}
const product = { sku: 'A-1', name: 'Anvil', price: '120.50' }

test('Bob is invited, reads, is made an admin and writes, is removed and finds nothing', async () => {
  expect(await list<Member>(alice, `${at}/members`)).toMatchObject([{ userId: 'alice', role: 'owner' }])
  const path = (await app.as(alice).post('/api/products', product, organization)).headers.get('location')!
  expect((await app.as(bob).get(path)).status).toBe(404)

  const bobs = await join(bob)
  expect(await app.as(bob).get(path)).toMatchObject({ status: 200, body: { ...product, price: '120.5000' } })
  const renaming = await app.recording(() => app.as(bob).patch(path, { name: 'Hammer' }))
  expect(renaming.answer.status).toBe(404)
  renaming.nothingWritten()
  const adding = await app.recording(() => app.as(bob).post('/api/products', { ...product, sku: 'B' }, organization))
  expect(adding.answer.status).toBe(403)
  adding.nothingWritten()

  expect(await app.as(alice).patch(bobs, { role: 'admin' })).toMatchObject({ status: 200, body: { role: 'admin' } })
  expect((await app.as(bob).patch(path, { name: 'Hammer' })).status).toBe(200)
  expect((await app.as(bob).post('/api/products', { ...product, sku: 'B' }, organization)).status).toBe(201)

  expect((await app.as(alice).delete(bobs)).status).toBe(204)
  for (const gone of [path, at, `${at}/members`]) expect((await app.as(bob).get(gone)).status).toBe(404)
  expect(await list(bob, '/api/products', organization)).toEqual([])
  expect(await list(bob, '/api/organizations')).toEqual([])
  expect(await list(alice, '/api/products', organization)).toHaveLength(2)
})

describe('a stranger', () => {
  test('finds nothing of an organization, and changes nothing of it', async () => {
    const bobs = await join(bob)
    const sold = (await app.as(alice).post('/api/products', product, organization)).headers.get('location')!
    const shared = { name: 'Initech', email: 'pay@initech.example' }
    const known = (await app.as(bob).post('/api/shared-customers', shared, organization)).headers.get('location')!
    const open = `${at}/invitations/${(await invite('dave@example.com')).id}`
    const asked: (() => Promise<{ status: number }>)[] = [
      () => app.as(carol).get(at),
      () => app.as(carol).get(`${at}/members`),
      () => app.as(carol).get(`${at}/invitations`),
      () => app.as(carol).post(`${at}/invitations`, { email: 'carol@example.com', role: 'admin' }),
      () => app.as(carol).delete(open),
      () => app.as(carol).patch(bobs, { role: 'member' }),
      () => app.as(carol).delete(bobs),
      () => app.as(carol).get(sold, organization),
      () => app.as(carol).patch(sold, { name: 'x' }),
      () => app.as(carol).delete(sold),
      () => app.as(carol).get(known),
      () => app.as(carol).patch(known, { name: 'x' }),
      () => app.as(carol).delete(known),
      () => app.as(carol).post(`${known}/copy`),
    ]
    for (const ask of asked) {
      const { answer, nothingWritten } = await app.recording(ask)
      expect(answer.status).toBe(404)
      nothingWritten()
    }
    expect(await list(carol, '/api/products', organization)).toEqual([])
    const adding = await app.recording(() => app.as(carol).post('/api/products', product, organization))
    expect([adding.answer.status, adding.changed]).toEqual([403, []])
    // Members do find it: the answers above are not for want of anything there.
    expect((await app.as(bob).get(known)).status).toBe(200)
    expect((await app.as(alice).delete(open)).status).toBe(204)
  })

  test('reaches no member through the path of an organization of their own', async () => {
    const bobs = (await join(bob)).split('/').at(-1)
    const own = (await app.as(carol).post<{ id: string }>('/api/organizations', { name: 'Globex' })).body.id
    const { answer, nothingWritten } = await app.recording(() =>
      app.as(carol).delete(`/api/organizations/${own}/members/${bobs}`),
    )
    expect(answer.status).toBe(404)
    nothingWritten()
  })
})

const change = (id: string, values: object) =>
  db.service('test').update(invitations).set(values).where(eq(invitations.id, id))
const withoutRequestId = (body: unknown) => ({ ...(body as object), requestId: '' })

describe('an invitation', () => {
  test.each<[string, (invitation: Invitation) => Promise<unknown> | unknown, Principal]>([
    ['for another address', () => {}, carol],
    ['that is used', ({ token }) => accept(bob, token), bob],
    ['that has expired', ({ id }) => change(id, { expiresAt: sql`now() - interval '1 second'` }), bob],
    ['that was withdrawn', ({ id }) => app.as(alice).delete(`${at}/invitations/${id}`), bob],
  ])('%s is not there', async (_name, prepare, who) => {
    const invitation = await invite()
    await prepare(invitation)
    const before = await memberships()
    const refused = await app.recording(() => accept(who, invitation.token))
    const unknown = await accept(who, 'a'.repeat(43))
    expect(refused.answer).toMatchObject({ status: 404 })
    expect(withoutRequestId(refused.answer.body)).toEqual(withoutRequestId(unknown.body))
    expect([refused.changed, await memberships()]).toEqual([[], before])
  })

  test('that is accepted ten times at once makes one member', async () => {
    const { token } = await invite()
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(bob, token)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 404)])
    expect((await memberships()).filter(({ userId }) => userId === 'bob')).toHaveLength(1)
  })

  test('stays open for who is a member already, and goes when they are removed', async () => {
    const bobs = await join(bob)
    const { token } = await invite()
    expect((await accept(bob, token)).status).toBe(409)
    expect((await app.as(alice).delete(bobs)).status).toBe(204)
    expect((await accept(bob, token)).status).toBe(404)
  })

  test('tells its token once: no list, no log and no row has it', async () => {
    const made = await app.recording(() => invite())
    const { token } = made.answer
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(made.events.filter(({ type }) => type === 'log')).toMatchObject([{ fields: { to: 'bob@example.com' } }])
    expect(JSON.stringify(made.events)).not.toContain(token)
    const used = await app.recording(() => accept(bob, token))
    expect(JSON.stringify(used.events)).not.toContain(token)
    const stored = (await db.service('test').select().from(invitations)).map((row) => row.tokenHash.reveal())
    expect(stored.length).toBeGreaterThan(0)
    const listed = (await app.as(alice).get(`${at}/invitations`)).text
    expect(listed).toContain('bob@example.com')
    for (const secret of [token, ...stored]) expect(listed).not.toContain(secret)
    expect(stored).not.toContain(token)
  })

  test('is made, seen and withdrawn by owners and admins alone, and makes no owner', async () => {
    await join(bob)
    const { id } = await invite('dave@example.com')
    const asked = await app.recording(() =>
      app.as(bob).post(`${at}/invitations`, { email: 'e@example.com', role: 'member' }),
    )
    expect([asked.answer.status, asked.changed]).toEqual([403, []])
    expect(await list(bob, `${at}/invitations`)).toEqual([])
    expect((await app.as(bob).delete(`${at}/invitations/${id}`)).status).toBe(404)
    const owner = await app.recording(() =>
      app.as(alice).post(`${at}/invitations`, { email: 'e@example.com', role: 'owner' }),
    )
    expect(owner.answer.status).toBe(400)
    owner.nothing()
  })
})

const refused = async (ask: () => Promise<{ status: number }>, status: number) => {
  const before = await memberships()
  const { answer, changed } = await app.recording(ask)
  expect([answer.status, changed, await memberships()]).toEqual([status, [], before])
}

describe('the members', () => {
  test('keep one owner, who can neither be removed nor made less', async () => {
    const alices = await memberOf(alice)
    await refused(() => app.as(alice).patch(alices, { role: 'admin' }), 409)
    await refused(() => app.as(alice).delete(alices), 409)
    expect((await app.as(alice).patch(alices, { role: 'owner' })).status).toBe(200)
  })

  test('keep one owner when two resign at the same moment', async () => {
    const bobs = await join(bob)
    const alices = await memberOf(alice)
    await app.as(alice).patch(bobs, { role: 'owner' })
    const resigning = [app.as(alice).patch(alices, { role: 'member' }), app.as(bob).patch(bobs, { role: 'member' })]
    expect((await Promise.all(resigning)).map(({ status }) => status).sort()).toEqual([200, 409])
    expect((await memberships()).map(({ role }) => role).sort()).toEqual(['member', 'owner'])
  })

  test('are changed by owners and admins alone, and owners by owners', async () => {
    const [bobs, carols, alices] = [await join(bob), await join(carol, 'admin'), await memberOf(alice)]
    await refused(() => app.as(bob).patch(bobs, { role: 'admin' }), 403)
    await refused(() => app.as(bob).delete(carols), 403)
    await refused(() => app.as(carol).patch(carols, { role: 'owner' }), 403)
    await refused(() => app.as(carol).patch(alices, { role: 'member' }), 403)
    await refused(() => app.as(carol).delete(alices), 403)
    await refused(() => app.as(alice).patch(bobs, { role: 'god' }), 400)
    expect((await app.as(carol).patch(bobs, { role: 'admin' })).status).toBe(200)
    expect((await app.as(carol).delete(bobs)).status).toBe(204)
  })

  test('are written by no principal, whatever an endpoint lets through', async () => {
    const values = {
      organizationId: organization.headers['x-organization-id'],
      userId: 'carol',
      role: 'owner',
    } as const
    const asAlice = app.asOwner(async (owner) => {
      await owner.script(`begin; set local role authenticated; set local "request.jwt.claim.sub" = 'alice';
        insert into members (organization_id, user_id, role) values (${values.organizationId}, 'carol', 'owner'); commit`)
    })
    await expect(asAlice).rejects.toThrow('permission denied for table members')
    await app.asOwner((owner) => owner.script('rollback'))
    expect(await db.service('test').select().from(members).where(eq(members.userId, 'carol'))).not.toContainEqual(
      expect.objectContaining(values),
    )
  })
})

test('only who is signed in may ask for their organizations: not everybody that PostgreSQL knows', async () => {
  const rights = await execute(
    place.adminUrl,
    `select r.rolname as role from pg_proc p, aclexplode(p.proacl) a left join pg_roles r on r.oid = a.grantee
     where p.oid = 'postern.caller_organizations'::regproc order by 1`,
  )
  expect(rights).toEqual([{ role: 'authenticated' }, { role: 'service_role' }])
})

describe('what an organization has', () => {
  test('a product number is taken once in an organization, and free again when the product is deleted', async () => {
    const add = () => app.as(alice).post('/api/products', product, organization)
    const path = (await add()).headers.get('location')!
    expect((await add()).status).toBe(409)
    expect((await app.as(alice).delete(path)).status).toBe(204)
    expect((await app.as(alice).get(path)).status).toBe(404)
    expect((await add()).status).toBe(201)
    const other = await app.as(alice).post<{ id: string }>('/api/organizations', { name: 'Globex' })
    const there = { headers: { 'x-organization-id': other.body.id } }
    expect((await app.as(alice).post('/api/products', product, there)).status).toBe(201)
    expect(await list(alice, '/api/products', there)).toHaveLength(1)
  })

  test('a shared customer is everybody’s there; who bills it has a copy of their own', async () => {
    const bobs = await join(bob)
    const shared = { name: 'Initech', email: 'pay@initech.example' }
    const path = (await app.as(bob).post('/api/shared-customers', shared, organization)).headers.get('location')!
    expect((await app.as(alice).patch(path, { name: 'Initech Ltd' })).status).toBe(200)
    const copy = await app.as(bob).post<{ id: string }>(`${path}/copy`)
    expect(copy).toMatchObject({ status: 201, body: { name: 'Initech Ltd', ownerId: 'bob' } })
    const dueAt = '2026-12-31'
    const invoice = { customerId: copy.body.id, number: '1', total: '1', currency: 'EUR', dueAt }
    const made = await app.as(bob).post<{ id: string }>('/api/invoices', invoice)
    expect((await app.as(alice).delete(bobs)).status).toBe(204)
    expect(await app.as(bob).get(`/api/invoices/${made.body.id}`)).toMatchObject({
      status: 200,
      body: { customer: { name: 'Initech Ltd' } },
    })
    expect((await app.as(bob).get(path)).status).toBe(404)
  })

  test('lines are whose their invoice is, and name products that their writer may read', async () => {
    await join(bob)
    const sold = await app.as(alice).post<{ id: string }>('/api/products', product, organization)
    const invoiceOf = async (who: Principal) => {
      const customer = await app.as(who).post<{ id: string }>('/api/customers', { name: 'A', email: 'a@b.example' })
      const values = { customerId: customer.body.id, number: 'L-1', total: '1', currency: 'EUR', dueAt: '2026-12-31' }
      return `/api/invoices/${(await app.as(who).post<{ id: string }>('/api/invoices', values)).body.id}/lines`
    }
    const line = { productId: sold.body.id, description: 'Anvil', quantity: 2, price: '120.50' }
    const [bobs, carols] = [await invoiceOf(bob), await invoiceOf(carol)]
    expect((await app.as(bob).post(bobs, line)).status).toBe(201)
    expect(await list(bob, bobs)).toMatchObject([{ quantity: 2, price: '120.5000' }])
    for (const ask of [() => app.as(alice).get(bobs), () => app.as(carol).post(bobs, line)]) {
      const { answer, nothingWritten } = await app.recording(ask)
      expect(answer.status).toBe(404)
      nothingWritten()
    }
    const foreign = await app.recording(() => app.as(carol).post(carols, line))
    expect([foreign.answer.status, foreign.changed]).toEqual([403, []])
    const bare = { description: 'Work', quantity: 1, price: '5' }
    expect((await app.as(carol).post(carols, bare)).status).toBe(201)
  })
})

test('nobody is told to sign in, and nothing happens', async () => {
  const paths = [at, `${at}/members`, '/api/organizations', '/api/products', '/api/shared-customers']
  for (const path of paths) {
    const { answer, nothing } = await app.recording(() => app.nobody.get(path, organization))
    expect(answer.status).toBe(401)
    nothing()
  }
})
