import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { CustomerInput, customers, shop } from '../test/shop.js'
import type { Host } from './host.js'
import { create } from './operations.js'
import type * as BackendModule from './backend.js'
import type * as DatabaseModule from './database/index.js'

describe('two backends with databases of their own in one app', () => {
  const one = shop(() => ({}))
  const other = shop(() => ({}))
  const makeThere = other.backend.action({ input: CustomerInput }, create(customers))

  test('do not meet: each has its own caller, transaction and rows', async () => {
    const makeBoth = one.backend.action({ input: CustomerInput }, async ({ db, input }) => {
      await db.customers.create(input)
      const { data } = await makeThere({ name: `${input.name} there` })
      throw new Error(`undone here, while there it is ${String(data?.name)}`)
    })
    const seen = await other.app.recording(() =>
      one.app.recording(() => other.app.as('bob').run(() => one.app.as('alice').run(() => makeBoth({ name: 'x' })))),
    )
    expect(seen.answer.answer.error?.code).toBe('internal')
    expect(seen.answer.changed).toEqual([])
    expect(seen.changed).toEqual(['customers'])
    const failed = seen.answer.events.find((event) => event.type === 'request.failed')
    expect(failed).toMatchObject({ error: { message: 'undone here, while there it is x there' } })
    const owners = await other.app.asOwner((owner) =>
      owner.batch([{ text: 'select name, owner_id from customers', values: [] }]),
    )
    expect(owners[0]!.rows).toEqual([['x there', 'bob']])
  })

  test('an action of one is not called by whoever calls the other', async () => {
    await expect(one.app.as('alice').run(() => makeThere({ name: 'x' }))).rejects.toThrow(/called by somebody/)
  })
})

describe('a module that is evaluated again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-actions-'))
  const open: { close(): Promise<void> }[] = []
  afterAll(async () => {
    for (const db of open) await db.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** As a bundler does for one more route, and a change in dev for all of them: everything in it is new. */
  async function evaluatedAnew() {
    vi.resetModules()
    const { createBackend } = (await import('./backend.js')) as typeof BackendModule
    const { database } = (await import('./database/index.js')) as typeof DatabaseModule
    const db = database({ schema: {}, directory: join(folder, 'db') })
    open.push(db)
    const { action } = createBackend({ database: db, auth: alice, host: FROM_A_PAGE })
    const write = action({}, async (given) => {
      await given.db.asService('a test').execute('insert into writes default values')
    })
    return { db, write }
  }

  test('opens no database and no pool a second time, and no write of an action is lost', async () => {
    const first = await evaluatedAnew()
    await first.db.asOwner((owner) =>
      owner.script(
        'create table writes (at timestamptz default now()); grant select, insert on writes to service_role',
      ),
    )
    const before = places().size
    for (let again = 0; again < 5; again += 1) {
      const next = await evaluatedAnew()
      const done = await Promise.all([next.write(), first.write()])
      expect(done).toEqual([{ data: null }, { data: null }])
    }
    expect(places().size).toBe(before)
    const [counted] = await first.db.asOwner((owner) =>
      owner.batch([{ text: 'select count(*) from writes', values: [] }]),
    )
    expect(counted!.rows).toEqual([['10']])
  })
})

const FROM_A_PAGE: Host = {
  name: 'a test',
  request: async () => new Request('http://localhost/', { method: 'POST', headers: { origin: 'http://localhost' } }),
  steering: async () => undefined,
  setCookies: async () => {},
  revalidate: async () => {},
}

const alice = () => ({ id: 'alice', roles: [], claims: {} })

/** What this process has open, whichever copy of the module opened it. */
const places = () => (globalThis as Record<symbol, unknown>)[Symbol.for('postern.connections')] as Map<string, unknown>
