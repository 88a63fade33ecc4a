import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { countingProxy } from '../../../../test/support/counting-proxy.js'
import { createTestDatabase, execute, type TestDatabase } from '../../../../test/support/postgres.js'
import type { Event } from '../events.js'
import { type Database, database, type DatabaseOptions } from './database.js'

let place: TestDatabase
beforeAll(async () => {
  place = await createTestDatabase()
})
afterAll(() => place.drop())

type Any = Database<Record<string, never>>

async function withDatabase<T>(
  options: Omit<DatabaseOptions<Record<string, never>>, 'schema'>,
  work: (db: Any, events: Event[]) => Promise<T>,
): Promise<T> {
  const db = database({ schema: {}, ...options })
  const events: Event[] = []
  db.observe((event) => events.push(event))
  try {
    return await work(db, events)
  } finally {
    await db.close()
  }
}

const changed = (url: string, change: (parts: URL) => void): string => {
  const parts = new URL(url)
  change(parts)
  return parts.href
}

describe('a database that cannot be reached says why in a sentence, without the password', () => {
  let mute: Server
  beforeAll(async () => {
    mute = createServer((socket) => void socket.end())
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => void mute.close())

  const cases: [string, () => string, RegExp][] = [
    ['nobody listens', () => changed(place.url, (url) => (url.port = '1')), /No database listens there/],
    [
      'a host that does not exist',
      () => changed(place.url, (url) => (url.hostname = 'nowhere.invalid')),
      /host of the database/,
    ],
    ['a wrong password', () => changed(place.url, (url) => (url.password = 'wrong')), /refused the password/],
    [
      'a database that does not exist',
      () => changed(place.url, (url) => (url.pathname = '/missing')),
      /no database of that name/,
    ],
    [
      'something else listens',
      () => changed(place.url, (url) => (url.port = String((mute.address() as AddressInfo).port))),
      /./,
    ],
  ]
  test.each(cases)('%s', async (_, url, words) => {
    await withDatabase({ url: url() }, async (db) => {
      const error = await db.open().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        name: 'DatabaseUnreachable',
        message: expect.stringMatching(words),
        hint: expect.stringMatching(/./),
      })
      expect((error as Error).message).not.toMatch(/test@|:test|wrong/)
      await expect(db.asOwner(async () => {})).rejects.toMatchObject({ name: 'DatabaseUnreachable' })
    })
  })
})

function warnings(url: string): Promise<string[]> {
  return withDatabase({ url }, async (db, events) => {
    await db.open()
    return events.flatMap((event) => (event.type === 'database.warning' ? [event.message] : []))
  })
}

describe('the login is looked at when the database opens', () => {
  test('one that owns and inherits nothing raises no warning', async () => {
    expect(await warnings(place.url)).toEqual([])
    expect(
      await withDatabase({ directory: 'memory://' }, async (db, events) =>
        db.open().then(() => events.map(({ type }) => type)),
      ),
    ).toEqual(['database.opened'])
  })

  test('a superuser, a heir, an owner and a stranger are each named', async () => {
    await execute(
      inject('postgresUrl'),
      `create role heir login password 'test'; grant anon, authenticated, service_role to heir with inherit true;
       create role stranger login password 'test'`,
    )
    try {
      await execute(place.migrationUrl, 'create table unforced (a int)')
      const as = (name: string) => changed(place.url, (url) => (url.username = name))
      expect(await warnings(place.adminUrl)).toEqual([expect.stringContaining('superuser')])
      expect(await warnings(as('heir'))).toEqual([
        expect.stringContaining('inherits anon, authenticated, service_role'),
      ])
      expect(await warnings(as('stranger'))).toEqual([expect.stringContaining('cannot become')])
      expect(await warnings(place.migrationUrl)).toContainEqual(expect.stringContaining('owns unforced without FORCE'))
    } finally {
      await execute(inject('postgresUrl'), 'drop role heir; drop role stranger')
    }
  })
})

test('a connection that dies while nobody uses it is told of, and the next statement gets another', async () => {
  await withDatabase({ url: place.url, poolSize: 1 }, async (db, events) => {
    await db.ping()
    await execute(
      place.adminUrl,
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'test_app' and datname = current_database()",
    )
    await expect.poll(() => events.map(({ type }) => type)).toContain('database.failed')
    await db.ping()
  })
})

test('a connection that dies under a statement fails that statement only', async () => {
  const proxy = await countingProxy(place.url)
  await withDatabase({ url: proxy.url, poolSize: 1 }, async (db) => {
    const unit = db.unit({ mode: 'request' })
    const sleeping = unit.run({ role: 'anon', claims: '{}', sub: '' }, { text: 'select pg_sleep(30)', values: [] })
    setTimeout(
      () =>
        void execute(
          place.adminUrl,
          "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(30)%' and usename = 'test_app'",
        ),
      100,
    )
    await expect(sleeping).rejects.toMatchObject({ code: '57P01' })
    await unit.close()
    await db.ping()
  })
  await proxy.close()
})

test('the label names user, host and database, and nothing secret', async () => {
  await withDatabase({ url: place.url }, async (db) => {
    expect(db.label).toBe(`postgres://test_app@127.0.0.1:${new URL(place.url).port}/${place.name}`)
    expect(db.kind).toBe('postgres')
  })
})

test('closing does not wait for ever for a unit that nobody closed', async () => {
  const start = performance.now()
  await withDatabase({ url: place.url }, async (db) => {
    await db.unit({ mode: 'request' }).run({ role: 'anon', claims: '{}', sub: '' }, { text: 'select 1', values: [] })
  })
  expect(performance.now() - start).toBeLessThan(5_000)
})
