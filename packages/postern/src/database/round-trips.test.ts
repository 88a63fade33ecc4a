import { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type CountingProxy, countingProxy } from '../../../../test/support/counting-proxy.js'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js'
import { type Database, database } from './database.js'
import { identityOf } from './identity.js'
import { ROLES_SQL } from './roles.js'
import type { Statement } from './statement.js'
import type { Unit, UnitOptions } from './unit.js'

const alice = identityOf({ id: 'alice', roles: [], claims: {} })
const read: Statement = { name: 'read-word', text: 'select word from words', values: [] }
const write: Statement = { name: 'write-word', text: 'insert into words values ($1)', values: ['hello'] }

let place: TestDatabase
let proxy: CountingProxy
let db: Database<Record<string, never>>

beforeAll(async () => {
  place = await createTestDatabase()
  proxy = await countingProxy(place.url)
  db = database({ schema: {}, url: proxy.url, migrationUrl: place.migrationUrl, poolSize: 1 })
  await db.asOwner((owner) =>
    owner.script(`${ROLES_SQL} create table words (word text); grant select, insert on words to authenticated`),
  )
})
afterAll(async () => {
  await db.close()
  await proxy.close()
  await place.drop()
})

async function counted(
  options: UnitOptions,
  work: (unit: Unit) => Promise<unknown>,
): Promise<{ syncs: number; writes: number }> {
  const warm = db.unit(options)
  await work(warm)
  await warm.close()
  return measured(async () => {
    const unit = db.unit(options)
    await work(unit)
    await unit.close()
  })
}

/** `writes` are the calls into the operating system: one for all messages of a batch, or each would be a packet. */
async function measured(work: () => Promise<unknown>): Promise<{ syncs: number; writes: number }> {
  const spy = vi.spyOn(Socket.prototype as unknown as { _writeGeneric(): void }, '_writeGeneric')
  try {
    const syncs = await proxy.count(work)
    const writes = spy.mock.contexts.filter((socket) => (socket as unknown as Socket).remotePort === proxy.port).length
    return { syncs, writes }
  } finally {
    spy.mockRestore()
  }
}

test('a read is one round trip, sent in one piece', async () => {
  expect(await counted({ mode: 'read' }, (unit) => unit.run(alice, read))).toEqual({ syncs: 1, writes: 1 })
})

test('the first time too, when everything is prepared', async () => {
  await db.ping()
  const first: Statement = { name: 'never-seen', text: 'select 1', values: [] }
  const unit = db.unit({ mode: 'read' })
  expect(await measured(() => unit.run(alice, first))).toEqual({ syncs: 1, writes: 1 })
  await unit.close()
})

test('a paved write is one round trip', async () => {
  expect(await counted({ mode: 'statement' }, (unit) => unit.run(alice, write))).toEqual({ syncs: 1, writes: 1 })
})

test('several statements together are one round trip', async () => {
  expect(await counted({ mode: 'read' }, (unit) => unit.runAll(alice, [read, read, read]))).toEqual({
    syncs: 1,
    writes: 1,
  })
})

async function writeAndCommit(unit: Unit): Promise<void> {
  await unit.run(alice, write)
  await unit.commit()
}

test('a one-statement write by a function is two, three behind a check of its own', async () => {
  const two = async (unit: Unit) => {
    await unit.run(alice, read)
    await writeAndCommit(unit)
  }
  expect(await counted({ mode: 'request' }, writeAndCommit)).toEqual({ syncs: 2, writes: 2 })
  expect(await counted({ mode: 'request' }, two)).toEqual({ syncs: 3, writes: 3 })
})

async function writeTwiceAndCommit(unit: Unit): Promise<void> {
  await unit.run(alice, write)
  await unit.commit({ identity: alice, statements: [read, write] })
}

test('what goes with COMMIT costs no round trip of its own', async () => {
  expect(await counted({ mode: 'request' }, writeTwiceAndCommit)).toEqual({ syncs: 2, writes: 2 })
})

async function openBehindAWrite(unit: Unit): Promise<void> {
  await unit.openAfter(alice, [write], [read])
}

test('a transaction that opens behind another one that is final costs no round trip of its own', async () => {
  // The second is the ROLLBACK of the one that was opened.
  expect(await counted({ mode: 'request' }, openBehindAWrite)).toEqual({ syncs: 2, writes: 2 })
})

test('a request that never touches the database opens nothing', async () => {
  expect(await counted({ mode: 'request' }, (unit) => unit.commit())).toEqual({ syncs: 0, writes: 0 })
})

test('without prepared statements it is one round trip as well', async () => {
  expect(await counted({ mode: 'read', prepare: false }, (unit) => unit.run(alice, read))).toEqual({
    syncs: 1,
    writes: 1,
  })
})
