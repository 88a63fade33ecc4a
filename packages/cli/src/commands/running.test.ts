import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { makeProject, NOTES, POSTERN, type Launched, type TestProject } from '../../test/with-project.js'

// Each step is a process of its own that opens a database; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 180_000 })

const SEED = `import { notes } from './schema.js'
export default async (db) => {
  await db.insert(notes).values([{ text: 'first', ownerId: 'alice' }, { text: 'second', ownerId: 'bob' }])
}
`
const COUNT = `import { endpoint } from '../../../backend.js'
import { notes } from '../../../schema.js'
export const GET = endpoint({ public: 'counts notes' }, async () => ({ rows: await count() }))
import { backend } from '../../../backend.js'
const count = async () => (await backend.database.service('count').select().from(notes)).length
`
const WELCOME = {
  'package.json': '{ "type": "module", "postern": { "welcome": "welcome.txt" } }',
  'welcome.txt': 'curl {{url}}/api/hello\n',
}

async function get(url: string): Promise<unknown> {
  const response = await fetch(url, { headers: { connection: 'close' } })
  return response.ok ? response.json() : response.status
}

const urlOf = async (server: Launched) => (await server.says(/Listening on (http\S+)/))[1] ?? ''

describe('one project, from its first migration on', () => {
  let project: TestProject
  beforeAll(async () => {
    project = makeProject({ ...NOTES, ...WELCOME, 'app/api/count/route.ts': COUNT, 'seed.ts': SEED })
    await project.postern(['migrate', 'new'])
  })

  test('start applies, serves, welcomes with an address that works, and ends with 0 on a signal', async () => {
    const server = project.launch([POSTERN, 'start', '--port', '0'])
    const url = await urlOf(server)
    const [, command = ''] = await server.says(/^curl (\S+)$/m)
    expect(server.said()).toContain('Applied 0001_init')
    expect(server.said()).toMatch(/Database: embedded in /)
    // Once, in people's words: the log does not say the same again.
    expect(server.said().match(/listening on/gi)).toHaveLength(1)
    expect(server.said()).not.toContain('database opened')
    expect((await fetch(`${url}/api/nowhere`)).status).toBe(404)
    await server.says(/GET \/api\/nowhere 404 not-found in/)
    expect(server.said().match(/not-found/g)).toHaveLength(2)
    expect(command).toBe(`${url}/api/hello`)
    expect(await get(command)).toEqual({ hello: 'world' })
    expect(await server.stop()).toBe(0)
  })

  test('seed fills as the service; reset empties, migrates and seeds again', async () => {
    expect((await project.postern(['db', 'seed'])).stdout).toContain('Ran seed.ts')
    const again = await project.postern(['db', 'seed'])
    expect(again).toMatchObject({ code: 0, stdout: expect.not.stringContaining('Applied') })
    const before = project.launch([POSTERN, 'start'], { PORT: '0' })
    expect(await get(`${await urlOf(before)}/api/count`)).toEqual({ rows: 4 })
    await before.stop()
    const reset = await project.postern(['db', 'reset'])
    expect(reset).toMatchObject({ code: 0, stderr: '' })
    expect(reset.stdout).toMatch(/Emptied embedded in .*\nApplied 0001_init\nRan seed\.ts/)
    const server = project.launch([POSTERN, 'start'], { PORT: '0' })
    expect(await get(`${await urlOf(server)}/api/count`)).toEqual({ rows: 2 })
    // The embedded database belongs to one process at a time, and the second is told so.
    const second = await project.postern(['migrate', 'up'])
    expect(second).toMatchObject({ code: 2, stdout: '' })
    expect(second.stderr.trimEnd().split('\n')).toHaveLength(2)
    await server.stop()
  })

  test('seed and reset that are refused leave a running server its database', async () => {
    const server = project.launch([POSTERN, 'start'], { PORT: '0' })
    const url = await urlOf(server)
    for (const verb of ['seed', 'reset']) expect((await project.postern(['db', verb])).code).toBe(2)
    expect(await get(`${url}/api/count`)).toEqual({ rows: 2 })
    await server.stop()
    const next = project.launch([POSTERN, 'start'], { PORT: '0' })
    expect(await get(`${await urlOf(next)}/api/count`)).toEqual({ rows: 2 })
    await next.stop()
  })

  test('git does not see the embedded database and the secret', () => {
    expect(readFileSync(join(project.directory, '.postern', '.gitignore'), 'utf8')).toBe('*\n')
  })

  test('a migration that fails is one sentence with its line, and leaves nothing', async () => {
    project.write('migrations/0002_bad.sql', 'create table extra (n int);\nselect nonsense;')
    const { code, stderr } = await project.postern(['migrate', 'up'])
    rmSync(join(project.directory, 'migrations', '0002_bad.sql'))
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^postern: migrations\/0002_bad\.sql:2 failed: column "nonsense" does not exist.*\n {2}.*\n$/,
    )
    expect(JSON.parse((await project.postern(['migrate', 'up', '--json'])).stdout)).toMatchObject({
      version: 1,
      applied: [],
    })
  })

  test('build writes a server that runs without the command line, and refuses production without a database', async () => {
    expect((await project.postern(['build'])).code).toBe(0)
    expect(readdirSync(join(project.directory, 'dist')).sort()).toEqual([
      'app.js',
      'app.js.map',
      'migrations',
      'package.json',
      'server.js',
    ])
    expect(readdirSync(join(project.directory, 'dist', 'migrations'))).toEqual(['0001_init.sql'])
    const imports = [
      ...readFileSync(join(project.directory, 'dist/app.js'), 'utf8').matchAll(/(?:from|import\()\s*"([^"]+)"/g),
    ]
    const packages = new Set(imports.map(([, name]) => name).filter((name) => !name?.startsWith('node:')))
    expect([...packages].sort()).toEqual(['postern', 'postern/database', 'postern/schema', 'postern/server'])
    const refused = project.launch(['dist/server.js'], { NODE_ENV: 'production', PORT: '0' })
    await expect(refused.says(/listening on/)).rejects.toThrow(/ended with 2[\s\S]*DATABASE_URL is not set/)
    expect(refused.said()).not.toMatch(/^\s+at /m)
    const server = project.launch(['dist/server.js'], { NODE_ENV: 'production', POSTERN_EMBEDDED: '1', PORT: '0' })
    const [, url = ''] = await server.says(/listening on (http:[^"\s]+)/)
    expect(await get(`${url}/api/hello`)).toEqual({ hello: 'world' })
    expect(await server.stop()).toBe(0)
  })

  test('routes lists what can be called and what guards it', async () => {
    const { stdout, code } = await project.postern(['routes', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      endpoints: [
        expect.objectContaining({ method: 'GET', path: '/api/count', file: 'app/api/count/route.ts', line: 3 }),
        {
          kind: 'endpoint',
          name: null,
          method: 'GET',
          path: '/api/hello',
          file: 'app/api/hello/route.ts',
          line: 2,
          auth: 'public',
          publicReason: 'says hello',
          params: false,
          query: false,
          body: false,
          owns: null,
          sees: null,
          unowned: null,
          paginated: false,
          response: false,
          rateLimit: null,
          idempotent: false,
          provider: null,
        },
      ],
    })
    const table = (await project.postern(['routes'])).stdout.trimEnd().split('\n')
    expect(table[2]).toMatch(/^GET {5}\/api\/hello {2}public: says hello +app\/api\/hello\/route\.ts:2$/)
  })
})

test('a project that never rests does not keep a command alive, and its tsconfig paths lead where they say', async () => {
  const project = makeProject({
    ...NOTES,
    'tsconfig.json': '{ "compilerOptions": { "paths": { "~/*": ["./lib/*"] } } }',
    'lib/clock.ts': 'export const clock = setInterval(() => {}, 1000)',
    'app/api/hello/route.ts': `import { clock } from '~/clock'\nexport const GET = Object.assign(() => {}, { clock })`,
  })
  const { code, stdout } = await project.postern(['routes'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/GET +\/api\/hello +NOTHING GUARDS IT +app\/api\/hello\/route\.ts:2/)
})

test('help answers at once, and tells of every verb', async () => {
  const project = makeProject({})
  const { code, stdout } = await project.postern(['--help'])
  expect(code).toBe(0)
  for (const verb of ['dev', 'build', 'start', 'migrate', 'db', 'routes'])
    expect(stdout).toMatch(new RegExp(`^ {2}${verb}\\b`, 'm'))
  expect((await project.postern(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})
