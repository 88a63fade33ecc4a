import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { makeProject, NOTES, POSTERN, type Launched, type TestProject } from '../../test/with-project.js'
import { createTestDatabase } from '../../../../test/support/postgres.js'

vi.setConfig({ testTimeout: 120_000 })

const SCHEMA = NOTES['schema.ts'] ?? ''
const route = (answer: string, depth = 3, before = '') =>
  `import { endpoint } from '${'../'.repeat(depth)}backend.js'\n${before}
export const GET = endpoint({ public: 'a test' }, async () => (${answer}))\n`
const hello = (what: string) => route(`{ hello: '${what}' }`)

/** What the process holds: the connections of the database, its listeners, its memory after a collection. */
const INSIDES = route(
  'insides()',
  3,
  `import v8 from 'node:v8'
import vm from 'node:vm'
v8.setFlagsFromString('--expose-gc')
const gc = vm.runInNewContext('gc')
async function insides() {
  for (let i = 0; i < 3; i++) { await new Promise((done) => setTimeout(done, 10)); gc() }
  const shares = [...globalThis[Symbol.for('postern.connections')].values()]
  return {
    process: process.pid,
    users: shares.map(({ users }) => users),
    listeners: process.eventNames().map((name) => \`\${String(name)} \${process.listenerCount(name)}\`).sort(),
    timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
    megabytes: process.memoryUsage().heapUsed / 1e6,
  }
}`,
)

interface Insides {
  readonly process: number
  readonly users: readonly number[]
  readonly listeners: readonly string[]
  readonly timers: number
  readonly megabytes: number
}

async function get<T = unknown>(url: string): Promise<T> {
  const response = await fetch(url, { headers: { connection: 'close' } })
  return (response.ok ? response.json() : response.status) as Promise<T>
}

async function develop(project: TestProject, environment: Record<string, string> = {}) {
  const server = project.launch([POSTERN, 'dev', '--port', '0'], environment)
  const [, url = ''] = await server.says(/Listening on (http\S+)/)
  return { server, url, after: afterOf(server) }
}

/** Does something and waits until one more line of a kind is there than before; answers that line. */
function afterOf(server: Launched) {
  return async (action: () => unknown, line = 'Reloaded: ') => {
    const lines = () => server.said().match(new RegExp(`^${line}.*\n`, 'gm')) ?? []
    const before = lines().length
    await action()
    for (;;) {
      const last = lines()[before]
      if (last !== undefined) return last
      if (server.child.exitCode !== null) throw new Error(`It ended and had said:\n${server.said()}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

describe('new code takes over while the server runs', () => {
  let project: TestProject
  let development: Awaited<ReturnType<typeof develop>>
  const changed = (file: string, text: string) => development.after(() => project.write(file, text))
  beforeAll(async () => {
    project = makeProject({ ...NOTES, 'app/api/insides/route.ts': INSIDES })
    await project.postern(['migrate', 'new'])
  })
  // Programs are stopped after each test: one process for one test.
  const starting = async () => void (development = await develop(project))

  test('every request is answered, running ones by the old code, and the database stays open', async () => {
    project.write('app/api/hello/route.ts', hello('0'))
    project.write(
      'app/api/slow/route.ts',
      route(`(console.log('slow begins'), await new Promise((go) => setTimeout(go, 1500, { code: 'old' })))`),
    )
    await starting()
    const before = await get<Insides>(`${development.url}/api/insides`)
    const slow = get(`${development.url}/api/slow`)
    const enough = new AbortController()
    const answers: unknown[] = []
    const asking = (async () => {
      while (!enough.signal.aborted) answers.push(await get(`${development.url}/api/hello`))
    })()
    await development.server.says(/slow begins/)
    await changed('app/api/slow/route.ts', route(`{ code: 'new' }`))
    expect(await get(`${development.url}/api/slow`)).toEqual({ code: 'new' })
    for (let number = 1; number <= 5; number++) {
      await changed('app/api/hello/route.ts', hello(`${number}`))
      expect(await get(`${development.url}/api/hello`)).toEqual({ hello: `${number}` })
    }
    expect(await slow).toEqual({ code: 'old' })
    enough.abort()
    await asking
    expect(answers.length).toBeGreaterThan(20)
    expect(answers.filter((answer) => typeof answer !== 'object')).toEqual([])
    const later = await get<Insides>(`${development.url}/api/insides`)
    expect(later.process).toBe(before.process)
    expect(development.server.said().match(/^Database: /gm)).toHaveLength(1)
    expect(await development.server.stop()).toBe(0)
    // By itself, not cut off: the database was closed.
    expect(development.server.said()).toMatch(/"msg":"stopped"/)
    expect(existsSync(join(project.directory, '.postern', 'db.lock'))).toBe(false)
  })

  test('fifty reloads leave nothing behind but some memory', async () => {
    await starting()
    for (let number = 0; number < 5; number++) await changed('app/api/hello/route.ts', hello(`first ${number}`))
    const before = await get<Insides>(`${development.url}/api/insides`)
    for (let number = 0; number < 50; number++) await changed('app/api/hello/route.ts', hello(`then ${number}`))
    const later = await get<Insides>(`${development.url}/api/insides`)
    expect(later).toMatchObject({ process: before.process, users: [1], listeners: before.listeners })
    expect(later.timers).toBeLessThanOrEqual(before.timers + 1)
    // Modules are never unloaded: 50 of them must stay far under what would matter in a day's work.
    expect(later.megabytes - before.megabytes).toBeLessThan(25)
  })

  test('a mistake is one sentence with its place, and the code before goes on', async () => {
    project.write('app/api/hello/route.ts', hello('good'))
    await starting()
    const goesOn = async () => expect(await get(`${development.url}/api/hello`)).toEqual({ hello: 'good' })
    project.write('app/api/hello/route.ts', 'export const GET = (')
    await development.server.says(/postern: app\/api\/hello\/route\.ts:1:21: Unexpected end of file/)
    await goesOn()
    project.write('app/api/hello/route.ts', "\n\nthrow new Error('no key')")
    await development.server.says(/postern: app\/api\/hello\/route\.ts:3 throws while it is loaded: no key/)
    await goesOn()
    project.write('app/api/hello/route.ts', 'export const GET = () => new Response()')
    await development.server.says(/GET in app\/api\/hello\/route\.ts is a bare function/)
    await goesOn()
    await changed('app/api/hello/route.ts', hello('better'))
    expect(await get(`${development.url}/api/hello`)).toEqual({ hello: 'better' })
    expect((await get<Insides>(`${development.url}/api/insides`)).users).toEqual([1])
    expect(development.server.said()).not.toMatch(/^\s+at /m)
  })

  test('a schema without its migration is said; the migration is applied when it comes', async () => {
    project.write('app/api/hello/route.ts', hello('good'))
    await starting()
    project.write('schema.ts', SCHEMA.replace('text: text()', 'extra: text(), text: text()'))
    await development.server.says(/postern: The schema has changes that no migration holds/)
    expect(await get(`${development.url}/api/hello`)).toEqual({ hello: 'good' })
    expect((await project.postern(['migrate', 'new', 'extra'])).code).toBe(0)
    await development.server.says(/Applied 0002_extra[\s\S]*Reloaded: migrations/)
    expect(await get(`${development.url}/api/hello`)).toEqual({ hello: 'good' })
  })
})

test('files that come, go, are renamed or written beside; many at once; a new .env', async () => {
  const project = makeProject({ ...NOTES, 'app/api/env/route.ts': route('{ word: process.env.WORD ?? null }') })
  await project.postern(['migrate', 'new'])
  const { server, url, after } = await develop(project)
  const place = (file: string) => join(project.directory, file)
  expect(await get(`${url}/api/env`)).toEqual({ word: null })

  await after(() => project.write('app/api/a/new/folder/route.ts', route('{ at: 1 }', 5)))
  expect(await get(`${url}/api/a/new/folder`)).toEqual({ at: 1 })
  await after(() => project.write('app/api/a/new/folder/route.ts', route('{ at: 2 }', 5)))
  expect(await get(`${url}/api/a/new/folder`)).toEqual({ at: 2 })

  await after(() => renameSync(place('app/api/a/new'), place('app/api/a/other')))
  expect(await get(`${url}/api/a/other/folder`)).toEqual({ at: 2 })
  expect(await get(`${url}/api/a/new/folder`)).toBe(404)

  project.write('app/api/hello/.route.ts.swp', hello('beside'))
  expect(await after(() => renameSync(place('app/api/hello/.route.ts.swp'), place('app/api/hello/route.ts')))).toMatch(
    /^Reloaded: app\/api\/hello\/route\.ts in \d+ ms\n$/,
  )
  expect(await get(`${url}/api/hello`)).toEqual({ hello: 'beside' })

  await after(() => rmSync(place('app/api/a'), { recursive: true }))
  expect(await get(`${url}/api/a/other/folder`)).toBe(404)

  const reloads = () => server.said().match(/Reloaded: /g)?.length ?? 0
  const before = reloads()
  await after(() => {
    for (let number = 0; number < 40; number++) project.write(`app/api/many/n${number}/route.ts`, route('{ at: 1 }', 4))
  })
  expect(await get(`${url}/api/many/n39`)).toEqual({ at: 1 })
  // What git ignores is no change, nor is a text that nothing imports.
  project.write('dist/server.js', '1')
  project.write('node_modules/thing/index.js', '1')
  project.write('.git/HEAD', '1')
  project.write('notes.md', '1')
  await new Promise((done) => setTimeout(done, 400))
  expect(reloads() - before).toBeLessThanOrEqual(2)

  await after(() => project.write('.env', 'WORD=first'), 'Restarted: .env')
  expect(await get(`${url}/api/env`)).toEqual({ word: 'first' })
  await after(() => project.write('.env', 'WORD=second'), 'Restarted: .env')
  expect(await get(`${url}/api/env`)).toEqual({ word: 'second' })
  // eslint-disable-next-line no-control-regex -- a screen that is cleared begins with this
  expect(server.said()).not.toMatch(/\u001b/)
})

test('routes in src/app are watched too, and a project that ended by itself comes back', async () => {
  const { 'app/api/hello/route.ts': _own, ...rest } = NOTES
  const project = makeProject({ ...rest, 'src/app/api/hello/route.ts': route(`{ hello: 'src' }`, 4) })
  await project.postern(['migrate', 'new'])
  const { server, url, after } = await develop(project)
  expect(await get(`${url}/api/hello`)).toEqual({ hello: 'src' })
  await after(() => project.write('src/app/api/end/route.ts', route('setTimeout(() => process.exit(1), 20) && {}', 4)))
  expect(await get(`${url}/api/end`)).toEqual({})
  await server.says(/The server ended; waiting for a change/)
  await after(() => project.write('src/app/api/hello/route.ts', route(`{ hello: 'back' }`, 4)), 'Restarted: ')
  expect(await get(`${url}/api/hello`)).toEqual({ hello: 'back' })
})

test('on PostgreSQL a reload takes over the pool', async () => {
  const database = await createTestDatabase()
  const project = makeProject({ ...NOTES, 'app/api/insides/route.ts': INSIDES })
  await project.postern(['migrate', 'new'])
  const environment = { DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.migrationUrl }
  const { url, after } = await develop(project, environment)
  for (let number = 0; number < 10; number++) {
    await after(() => project.write('app/api/hello/route.ts', hello(`${number}`)))
  }
  expect((await get<Insides>(`${url}/api/insides`)).users).toEqual([1])
})
