import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyMigrations, type Database, database, pendingMigrations, ROLES_SQL } from 'postern/database'
import { id, table, text, user } from 'postern/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../../test/support/postgres-server.js'
import { postgres15 } from '../../../../test/support/server-binaries.js'
import { prepareDatabase } from '../project/prepare-database.js'
import { newMigration } from './new-migration.js'

const notes = table('notes', { id: id(), text: text().notNull() }, { owner: user() })

const versions = [
  {
    version: 'PostgreSQL 18',
    binaries: undefined,
    missing: '',
    grants: ['grant anon, authenticated, service_role to server with inherit false, set true'],
  },
  {
    version: 'PostgreSQL 15',
    binaries: postgres15(),
    missing: postgres15() === undefined ? ': this machine has none (Debian: apt-get install postgresql-15)' : '',
    grants: ['alter role server noinherit', 'grant anon, authenticated, service_role to server'],
  },
]

for (const { version, binaries, missing, grants } of versions) {
  describe.skipIf(missing !== '')(`on ${version}${missing}`, () => {
    let server: PostgresServer
    let directory: string
    const opened: Database<{ notes: typeof notes }>[] = []
    const open = (login: string, name = 'app') => {
      const url = new URL(server.adminUrl)
      if (login !== 'postgres') Object.assign(url, { username: login, password: login })
      url.pathname = name
      const db = database({ schema: { notes }, url: url.href })
      opened.push(db)
      return db
    }

    beforeAll(async () => {
      server = await startPostgres(binaries)
      directory = mkdtempSync(join(tmpdir(), 'postern-logins-'))
      const answers = { renames: [], drops: [] }
      await newMigration(
        directory,
        { notes },
        { name: undefined, empty: false, data: false, answers, rolesSql: ROLES_SQL },
      )
      const admin = open('postgres', 'postgres')
      for (const statement of [
        "create role migrator login createrole password 'migrator'",
        "create role server login password 'server'",
        'create database app owner migrator',
      ]) {
        await rows(admin, statement)
      }
    })
    afterAll(async () => {
      for (const db of opened) await db.close()
      await server.stop()
      rmSync(directory, { recursive: true })
    })

    test('a server in production applies nothing by itself: it names what is pending and how to apply it', async () => {
      const backend = { database: open('migrator') }
      const loaded = { backend, applyMigrations, pendingMigrations }
      const production = { environment: { NODE_ENV: 'production' } }
      await expect(prepareDatabase(production, loaded, directory, () => {})).rejects.toMatchObject({
        message: expect.stringMatching(/^The migration 0001_init is not applied to /),
        hint: expect.stringContaining('postern migrate up'),
      })
      expect(await rows(backend.database, "select to_regclass('notes'), to_regnamespace('postern')")).toEqual([
        [null, null],
      ])
    })

    test('an owner without superuser migrates, acts as the service afterwards, and reads nothing by itself', async () => {
      const owner = open('migrator')
      expect(await applyMigrations(owner, directory)).toEqual(['0001_init'])
      await owner.service('test').insert(notes).values({ text: 'one', ownerId: 'alice' })
      expect(await owner.service('test').select().from(notes)).toHaveLength(1)
      expect(await rows(owner, 'select * from notes')).toEqual([])
    })

    test('the same owner migrates a second database of the server', async () => {
      await rows(open('postgres', 'postgres'), 'create database second owner migrator')
      const owner = open('migrator', 'second')
      expect(await applyMigrations(owner, directory)).toEqual(['0001_init'])
      await owner.service('test').insert(notes).values({ text: 'one', ownerId: 'alice' })
      expect(await rows(owner, 'select * from notes')).toEqual([])
    })

    test("the server's own login sees what is pending, and may read neither the journal nor a row by itself", async () => {
      const owner = open('migrator')
      for (const grant of grants) await rows(owner, grant)
      const login = open('server')
      expect(await pendingMigrations(login, directory)).toEqual([])
      expect(await login.service('test').select().from(notes)).toHaveLength(1)
      await expect(rows(login, 'select * from postern.migrations')).rejects.toThrow('permission denied')
      await expect(rows(login, 'select * from notes')).rejects.toThrow('permission denied')
    })

    test.each([['truncate notes'], ['create table mine (n int)'], ['alter table notes disable row level security']])(
      'no role of a request may %s',
      async (statement) => {
        const owner = open('migrator')
        for (const role of ['anon', 'authenticated', 'service_role']) {
          const attempt = owner.asOwner((connection) =>
            connection.batch([`set local role ${role}`, statement].map((sql) => ({ text: sql, values: [] }))),
          )
          await expect(attempt).rejects.toThrow(/permission denied|must be owner/)
        }
      },
    )
  })
}

async function rows(db: Database<{ notes: typeof notes }>, query: string) {
  const [result] = await db.asOwner((connection) => connection.batch([{ text: query, values: [] }]))
  return result?.rows
}
