import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { applyMigrations, type Database, database, pendingMigrations } from 'postern/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDocument, ROOT } from './support/markdown.ts'
import { execute } from './support/postgres.ts'
import { type PostgresServer, startPostgres } from './support/postgres-server.ts'

/** The SQL of docs/database.md, run as it stands there on a server of its own, by the logins that the page names. */
const page = readDocument('docs/database.md', readFileSync(join(ROOT, 'docs/database.md'), 'utf8'))
const MIGRATIONS = join(ROOT, 'examples/invoices/migrations')

let server: PostgresServer
const opened: Database<Record<string, never>>[] = []

const urlOf = (login: string | undefined, name = 'app') => {
  const url = new URL(server.adminUrl)
  if (login !== undefined) Object.assign(url, { username: login, password: 'change-me' })
  url.pathname = name
  return url.href
}
const open = (login: string) => {
  const db = database({ schema: {}, url: urlOf(login) })
  opened.push(db)
  return db
}
/** The one block that has this in it. */
const sqlWith = (words: string) => {
  const found = page.blocks.filter(({ language, text }) => language === 'sql' && text.includes(words))
  expect(found).toHaveLength(1)
  return found[0]!.text
}

beforeAll(async () => {
  server = await startPostgres()
  // One by one: CREATE DATABASE refuses to be part of a script, which is a transaction.
  for (const statement of sqlWith('create database').split('\n')) await execute(urlOf(undefined, 'postgres'), statement)
})
afterAll(async () => {
  for (const db of opened) await db.close()
  await server.stop()
})

test('the owner migrates, and lets the server become the three roles', async () => {
  expect(await applyMigrations(open('app_owner'), MIGRATIONS)).toContain('0001_init')
  await execute(urlOf('app_owner'), sqlWith('with inherit false'))
})

test('the login of the server is harmless by itself: no warning, no row, no table', async () => {
  const db = open('app_server')
  const warnings: string[] = []
  db.observe((event) => event.type === 'database.warning' && warnings.push(event.message))
  await db.open()
  expect(warnings).toEqual([])
  expect(await pendingMigrations(db, MIGRATIONS)).toEqual([])
  await expect(execute(urlOf('app_server'), 'select * from rates')).rejects.toThrow('permission denied')
  await expect(execute(urlOf('app_server'), 'drop table rates')).rejects.toThrow('must be owner')
  const asService =
    'begin; set local role service_role; insert into rates (plan, monthly, currency) values ($$a$$, 1, $$EUR$$); commit'
  await execute(urlOf('app_server'), asService)
})

test('a data statement changes rows between the two lines, and none without them', async () => {
  const admin = urlOf(undefined)
  const currencies = () => execute(admin, 'select currency from invoices')
  await execute(
    admin,
    `insert into customers (name, email, owner_id) values ('Acme', 'a@b.example', 'alice');
     insert into invoices (customer_id, number, total, currency, due_at, owner_id) values (1, 'A', 1, '', now(), 'alice')`,
  )
  const block = sqlWith('set local role')
  const bare = block.split('\n').find((line) => line.startsWith('update'))!
  await execute(urlOf('app_owner'), bare)
  expect(await currencies()).toEqual([{ currency: '' }])
  await execute(urlOf('app_owner'), `begin; ${block} commit`)
  expect(await currencies()).toEqual([{ currency: 'EUR' }])
})

test('the login for backups reads everything and writes nothing; the owner can make none', async () => {
  await execute(urlOf(undefined), sqlWith('bypassrls'))
  // What pg_dump says first: it would rather end than write half a table.
  const dump = 'set row_security = off; select * from invoices'
  await execute(urlOf('app_backup'), dump)
  expect(await execute(urlOf('app_backup'), 'select number from invoices')).toEqual([{ number: 'A' }])
  await expect(execute(urlOf('app_backup'), 'delete from invoices')).rejects.toThrow('permission denied')
  await expect(execute(urlOf('app_owner'), dump)).rejects.toThrow('would be affected by row-level security')
})
