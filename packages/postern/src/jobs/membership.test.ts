import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { migrated } from '../../../../test/isolation/migrated.js'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js'
import { createBackend } from '../backend.js'
import { database, type Database } from '../database/index.js'
import type { Event } from '../events.js'
import type { Principal } from '../principal.js'
import { id, organizationTables, table, text } from '../schema/index.js'

const { organizations, members, organization } = organizationTables({ roles: ['owner', 'member'] })
const papers = table('papers', { id: id(), title: text().notNull() }, { owner: organization({ write: ['owner'] }) })
const schema = { organizations, members, papers }

// What a principal may do is decided when their job is done, and not when they asked for it: a day may lie between the two.

describe.each(['postgres', 'embedded'] as const)('the job of a member on %s', (on) => {
  let made: TestDatabase | undefined
  let db: Database<typeof schema>
  let acme: string
  beforeAll(async () => {
    if (on === 'postgres') made = await createTestDatabase()
    const where = made === undefined ? { directory: 'memory://' } : { url: made.url, migrationUrl: made.migrationUrl }
    db = database({ schema, ...where })
    await migrated(db, schema)
    const [row] = await db.service('a test').insert(organizations).values({ name: 'Acme' }).returning()
    acme = row!.id
  })
  afterEach(async () => {
    await db.service('a test').delete(papers)
    await db.service('a test').delete(members)
  })
  afterAll(async () => {
    await db.close()
    await made?.drop()
  })

  /** An owner asks for a job, something changes, and then the job is done. Answers what it saw and what is there. */
  async function after(change: () => Promise<unknown>) {
    const mara: Principal = { id: 'mara', roles: [], claims: {}, organizationId: acme }
    const backend = createBackend({ database: db, auth: () => mara })
    const told: Event[] = []
    backend.events.observe((event) => void told.push(event))
    let seen: string[] = []
    const file = backend.job({ name: 'file', attempts: 1 }, async ({ db: own, principal }) => {
      if (principal === null) throw new Error('It was a member’s')
      seen = (await own.select().from(papers)).map(({ title }) => title)
      await own.papers.create({ title: 'filed' })
    })
    const ask = backend.endpoint({}, async ({ defer }) => void (await defer(file)))
    const service = db.service('a test')
    await service.insert(papers).values({ organizationId: acme, title: 'secret' })
    await service.insert(members).values({ organizationId: acme, userId: 'mara', role: 'owner' })
    expect((await ask(new Request('http://127.0.0.1/', { method: 'POST' }))).ok).toBe(true)
    await change()
    const worker = await backend.workers.start()
    const outcomes = () => told.map(({ type }) => type).filter((type) => type === 'job.done' || type === 'job.dead')
    await expect.poll(() => outcomes().length, { timeout: 60_000 }).toBe(1)
    await worker!.stop(5_000)
    const titles = (await service.select().from(papers).orderBy(papers.id)).map(({ title }) => title)
    return { outcome: outcomes()[0], seen, titles }
  }

  test('who still is one is done, in the organization that they worked in', async () => {
    expect(await after(async () => {})).toEqual({ outcome: 'job.done', seen: ['secret'], titles: ['secret', 'filed'] })
  })

  test('who was removed meanwhile sees nothing and writes nothing', async () => {
    const removed = await after(() => db.service('a test').delete(members))
    expect(removed).toEqual({ outcome: 'job.dead', seen: [], titles: ['secret'] })
  })

  test('whose role was taken away reads on, and may write no more', async () => {
    const demoted = await after(() => db.service('a test').update(members).set({ role: 'member' }))
    expect(demoted).toEqual({ outcome: 'job.dead', seen: ['secret'], titles: ['secret'] })
  })
})
