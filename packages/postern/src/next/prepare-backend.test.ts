import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js'
import { createBackend } from '../backend.js'
import { database, type Database } from '../database/database.js'
import { observeEveryBackend } from '../every-backend.js'
import { prepareBackend } from './prepare-backend.js'

let migrations: string
let place: TestDatabase
let db: Database<Record<string, never>>
const lines: string[] = []
const logs = { destination: { write: (line: string) => void lines.push(line) }, pretty: false }

beforeEach(async () => {
  lines.length = 0
  place = await createTestDatabase()
  db = database({ schema: {}, url: place.url, migrationUrl: place.migrationUrl })
  migrations = await mkdtemp(join(tmpdir(), 'postern-next-'))
  await writeFile(join(migrations, '0001_init.sql'), 'create table notes (id int)')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  observeEveryBackend('log', () => {})
  await db.close()
  await place.drop()
  await rm(migrations, { recursive: true })
})

const backend = () => createBackend({ database: db, auth: () => null })
const load = async () => ({ backend: backend() })
const tables = () =>
  db.asOwner(async (owner) => {
    const [result] = await owner.batch([{ text: "select from pg_tables where tablename = 'notes'", values: [] }])
    return result!.rowCount
  })

test('in development it applies the migrations and writes the log', async () => {
  vi.stubEnv('NODE_ENV', 'development')
  await prepareBackend(load, { migrations, logs })
  expect(await tables()).toBe(1)
  expect(lines.join('')).toContain('database opened')
})

test('requests of another copy of the backend are in the log too', async () => {
  await prepareBackend(load, { migrations, logs })
  const { endpoint } = backend()
  await endpoint({ public: 'a test' }, () => {
    throw new Error('the cause')
  })(new Request('http://127.0.0.1/api/notes'))
  expect(lines.join('')).toContain('GET /api/notes 500')
  expect(lines.join('')).toContain('the cause')
})

/** What a process in production says before it ends. */
async function ended(prepared: () => Promise<void>): Promise<{ said: string; code: unknown }> {
  vi.stubEnv('NODE_ENV', 'production')
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
  const write = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  await expect(prepared()).rejects.toThrow(Error)
  const told = { said: String(write.mock.calls.at(-1)?.[0]), code: exit.mock.calls[0]?.[0] }
  vi.restoreAllMocks()
  return told
}

test('in production it ends the process before migrations that are pending, names them, and applies none', async () => {
  const { said, code } = await ended(() => prepareBackend(load, { migrations, logs }))
  expect(said).toMatch(/^postern: The migration 0001_init is not applied to .*postern migrate up` first\n$/)
  expect(code).toBe(1)
  expect(await tables()).toBe(0)
})

test('in production it ends the process where the backend itself does not load, with the hint', async () => {
  const { said, code } = await ended(() => prepareBackend(withoutSecret, { migrations, logs }))
  expect([said, code]).toEqual(['postern: No secret to sign sessions with. Set POSTERN_AUTH_SECRET\n', 1])
})

test('a login that may not migrate is told whose URL is missing', async () => {
  const login = database({ schema: {}, url: place.url, migrationUrl: place.url })
  const served = createBackend({ database: login, auth: () => null })
  await expect(prepareBackend(async () => ({ backend: served }), { migrations, logs })).rejects.toThrow(
    'MIGRATION_DATABASE_URL',
  )
  await login.close()
  expect(await tables()).toBe(0)
})

test('while next build runs it does nothing', async () => {
  vi.stubEnv('NEXT_PHASE', 'phase-production-build')
  await prepareBackend(load, { migrations: 'nowhere', logs })
  expect(lines).toEqual([])
})

async function withoutSecret(): Promise<never> {
  throw Object.assign(new Error('No secret to sign sessions with'), { hint: 'Set POSTERN_AUTH_SECRET' })
}
