import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SERVICE } from './identity.js'
import type * as DatabaseModule from './database.js'
import type { Database } from './database.js'

type Any = Database<Record<string, never>>

let folder: string
const opened: Any[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-registry-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const db of opened.splice(0)) await db.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The module as a bundler evaluates it for one more route: everything in it is new. */
async function evaluatedAnew(): Promise<typeof DatabaseModule> {
  vi.resetModules()
  return import('./database.js')
}

async function open(directory: string): Promise<Any> {
  const { database } = await evaluatedAnew()
  const db = database({ schema: {}, directory })
  opened.push(db)
  return db
}

async function sum(db: Any): Promise<string | null> {
  const unit = db.unit({ mode: 'read' })
  const { rows } = await unit.run(SERVICE, { text: 'select count(*) from writes', values: [] })
  await unit.close()
  return rows[0]![0]!
}

async function write(db: Any): Promise<void> {
  const unit = db.unit({ mode: 'statement' })
  await unit.run(SERVICE, { text: 'insert into writes default values', values: [] })
  await unit.close()
}

test('two evaluations of one module on one directory lose no write, whatever way they name it', async () => {
  const directory = join(folder, 'db')
  const link = join(folder, 'link')
  const first = await open(directory)
  await first.asOwner((owner) =>
    owner.script('create table writes (at timestamptz default now()); grant select, insert on writes to service_role'),
  )
  symlinkSync(directory, link)
  const second = await open(link)
  await Promise.all([write(first), write(second), write(first), write(second)])
  expect([await sum(first), await sum(second)]).toEqual(['4', '4'])

  await first.close()
  await write(second)
  expect(existsSync(`${directory}.lock`)).toBe(true)
  await second.close()
  expect(existsSync(`${directory}.lock`)).toBe(false)
  expect(await sum(await open(directory))).toBe('5')
})

test('opening again while it still closes waits for that', async () => {
  const directory = join(folder, 'db')
  const first = await open(directory)
  await first.ping()
  const second = await open(directory)
  const closing = first.close()
  await expect(second.ping()).resolves.toBeUndefined()
  await closing
})

test('importing and naming a database opens nothing', async () => {
  const db = await open(join(folder, 'unused', 'db'))
  db.service('nobody')
  expect(existsSync(join(folder, 'unused'))).toBe(false)
})

test('nothing is opened during next build, and the sentence says what to do', async () => {
  vi.stubEnv('NEXT_PHASE', 'phase-production-build')
  vi.stubEnv('NODE_ENV', 'production')
  const db = await open(join(folder, 'db'))
  await expect(async () => db.ping()).rejects.toThrow('not opened during `next build`')
  expect(existsSync(join(folder, 'db'))).toBe(false)
})

test('in production the embedded database is used only on purpose', async () => {
  vi.stubEnv('NODE_ENV', 'production')
  vi.stubEnv('DATABASE_URL', '')
  await expect(async () => (await open(join(folder, 'db'))).open()).rejects.toMatchObject({
    name: 'DatabaseUnreachable',
    message: expect.stringContaining('DATABASE_URL is not set'),
    hint: expect.stringContaining('POSTERN_EMBEDDED=1'),
  })
  expect(existsSync(join(folder, 'db'))).toBe(false)
  vi.stubEnv('POSTERN_EMBEDDED', '1')
  await (await open(join(folder, 'db'))).open()
  expect(existsSync(join(folder, 'db'))).toBe(true)
})
