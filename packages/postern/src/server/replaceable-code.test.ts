import { afterEach, expect, test } from 'vitest'
import { createBackend } from '../backend.js'
import { database } from '../database/index.js'
import { serve, type RunningServer } from './serve.js'

/** What this process has open, by the number of handles that share it. */
const open = () => {
  const home = globalThis as { [key: symbol]: Map<string, { users: number }> | undefined }
  return [...(home[Symbol.for('postern.connections')]?.values() ?? [])].map(({ users }) => users)
}

let server: RunningServer
afterEach(() => server.close())

/** A version of somebody's code: its own backend, on the one embedded database. */
function version(word: string, answer: () => unknown = () => ({ word })) {
  const db = database({ schema: {}, directory: 'memory://replaced' })
  const backend = createBackend({ database: db, auth: () => null })
  return {
    backend,
    routes: [{ path: '/word', module: { GET: backend.endpoint({ public: 'a test' }, answer as () => object) } }],
  }
}
const word = async () => (await fetch(`${server.url}/word`)).json()
const serving = async (first = version('first')) =>
  (server = await serve({ ...first, port: 0, logs: false, graceMs: 1_000 }))

test('what runs ends on the old code, what comes waits for the new, and then the old handle is closed', async () => {
  let end: ((value: unknown) => void) | undefined
  await serving(version('first', () => new Promise((resolve) => (end = resolve))))
  const running = word()
  await expect.poll(() => end).toBeDefined()
  let load: ((next: ReturnType<typeof version>) => void) | undefined
  const replaced = server.replace(() => new Promise((resolve) => (load = resolve)))
  const waiting = word()
  expect(await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 100, 'waits'))])).toBe('waits')
  load?.(version('second'))
  await replaced
  expect(await waiting).toEqual({ word: 'second' })
  expect(open()).toEqual([2])
  end?.({ word: 'first' })
  expect(await running).toEqual({ word: 'first' })
  await expect.poll(open).toEqual([1])
})

test.each([
  ['loading throws', () => Promise.reject(new Error('no key')), /no key/],
  [
    'nothing guards a route',
    async () => ({ ...version('x'), routes: [{ path: '/x', module: { GET: () => 1 } }] }),
    /bare/,
  ],
  [
    'the database does not open',
    async () => {
      const next = version('x')
      const broken = { ...next.backend.database, open: () => Promise.reject(new Error('no database')) }
      return { ...next, backend: { ...next.backend, database: broken } }
    },
    /no database/,
  ],
])('the old code goes on where %s', async (_name, load, message) => {
  await serving()
  const replaced = server.replace(load as never)
  const waiting = word()
  await expect(replaced).rejects.toThrow(message)
  expect(await waiting).toEqual({ word: 'first' })
  expect(await word()).toEqual({ word: 'first' })
  expect(open()).toEqual([1])
})

test('null keeps the code, and replacements that come together take their turns', async () => {
  await serving()
  await server.replace(async () => null)
  expect(await word()).toEqual({ word: 'first' })
  await Promise.all(['a', 'b', 'c'].map((name) => server.replace(async () => version(name))))
  expect(await word()).toEqual({ word: 'c' })
  await expect.poll(open).toEqual([1])
})

test('a stop closes the database of the old code too, though somebody waits for it', async () => {
  await serving(version('first', () => new Promise(() => {})))
  const running = word().catch(() => 'cut off')
  await new Promise((resolve) => setTimeout(resolve, 50))
  await server.replace(async () => version('second'))
  expect(open()).toEqual([2])
  await server.close()
  expect(open()).toEqual([])
  expect(await running).toBe('cut off')
})
