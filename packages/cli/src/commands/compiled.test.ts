import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { makeProject, NOTES, POSTERN, type TestProject } from '../../test/with-project.js'

vi.setConfig({ testTimeout: 120_000 })

/** Everything that a tsconfig may say about where imports lead, used by every file that is loaded. */
const PATHS = {
  // What `npm init -y` writes: the built server must not depend on it.
  'package.json': '{ "type": "commonjs" }',
  'tsconfig.json': '{ "extends": "./config/base.json", "compilerOptions": { "jsx": "react-jsx" } }',
  'config/base.json': '{ "compilerOptions": { "baseUrl": "..", "paths": { "@/*": ["./*"] } } }',
  'lib/words.json': '{ "word": "from a path" }',
  'lib/word.ts': `import words from '@/lib/words.json'\nexport const word: string = words.word\n`,
  'schema.ts': `import { textColumn } from '@/lib/column'\n${NOTES['schema.ts']?.replace('text: text()', 'text: textColumn()')}`,
  'lib/column.ts': `import { text } from 'postern/schema'\nexport const textColumn = () => text()\n`,
  'backend.ts': `import { word } from '@/lib/word'\n${NOTES['backend.ts']}export const said = word\n`,
  'app/api/hello/route.tsx': `import { endpoint } from '@/backend'
import { word } from 'lib/word'
export const GET = endpoint({ public: 'says hello' }, () => ({ word }))
`,
  'app/api/broken/route.ts': `import { endpoint } from '@/backend'
interface Nothing { readonly here: never }

function fails(_input?: Nothing): never {
  throw new Error('on line five')
}
export const GET = endpoint({ public: 'a test' }, () => fails())
`,
  'seed.ts': `import { word } from '@/lib/word'
import { notes } from '@/schema'
export default async (db) => void (await db.insert(notes).values([{ text: word, ownerId: 'alice' }]))
`,
}

describe('a project whose imports go by tsconfig paths', () => {
  let project: TestProject
  const { 'app/api/hello/route.ts': _plain, ...notes } = NOTES
  beforeAll(() => {
    project = makeProject({ ...notes, ...PATHS })
  })

  test('migrates, seeds, lists', async () => {
    expect(await project.postern(['migrate', 'new'])).toMatchObject({ code: 0, stderr: '' })
    expect(await project.postern(['db', 'seed'])).toMatchObject({ code: 0, stderr: '' })
    expect((await project.postern(['routes'])).stdout).toContain('app/api/hello/route.tsx:3')
    expect((await project.postern(['build'])).code).toBe(0)
  })

  test.each([
    ['start', [POSTERN, 'start', '--port', '0']],
    ['dev', [POSTERN, 'dev', '--port', '0']],
    ['dist/server.js', ['dist/server.js']],
  ])('runs by %s, which logs an error with the line that was written', async (_name, command) => {
    const server = project.launch(command, { PORT: '0' })
    const [, url = ''] = await server.says(/listening on (http:[^"\s]+)/i)
    expect(await (await fetch(`${url}/api/hello`)).json()).toEqual({ word: 'from a path' })
    expect((await fetch(`${url}/api/broken`)).status).toBe(500)
    const [line = ''] = await server.says(/.*request failed.*/)
    const { stack } = (JSON.parse(line) as { err: { stack: string } }).err
    expect(stack).toMatch(/^Error: on line five\n +at fails \(.*app\/api\/broken\/route\.ts:5:\d+\)\n/)
    expect(stack).toMatch(/app\/api\/broken\/route\.ts:7:\d+/)
    expect(stack).not.toMatch(/app\.js:|server(-\d+)?\.mjs:/)
    expect(await server.stop()).toBe(0)
  })

  test('what is built says nothing of the machine that built it', () => {
    const dist = join(project.directory, 'dist')
    expect(readdirSync(dist).sort()).toEqual(['app.js', 'app.js.map', 'migrations', 'package.json', 'server.js'])
    for (const file of ['app.js', 'app.js.map', 'server.js']) {
      const text = readFileSync(join(dist, file), 'utf8')
      expect(text).not.toContain(basename(project.directory))
      expect(text).not.toContain(process.cwd())
    }
    const { sources } = JSON.parse(readFileSync(join(dist, 'app.js.map'), 'utf8')) as { sources: string[] }
    expect(sources).toContain('../app/api/broken/route.ts')
    expect(sources.filter((source) => /^(?:\/|[A-Za-z]:|file:)/.test(source))).toEqual([])
  })

  test('a refusal names the file as the project does', async () => {
    const bare = makeProject({ ...NOTES, 'app/api/bare/route.ts': 'export const GET = () => new Response()' })
    await bare.postern(['migrate', 'new'])
    const { stderr } = await bare.postern(['start'], { PORT: '0' })
    expect(stderr).toMatch(/^postern: GET in app\/api\/bare\/route\.ts is a bare function/m)
  })
})

test('build refuses a schema that no migration holds, and writes nothing', async () => {
  const project = makeProject(NOTES)
  const { code, stdout, stderr } = await project.postern(['build'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^postern: The schema has changes that no migration holds\n {2}.*\n$/)
  expect(readdirSync(project.directory)).not.toContain('dist')
})

test('build goes on where the backend needs what this machine lacks, and says what it could not look at', async () => {
  const secret = "if (process.env.KEY === undefined) throw new Error('KEY is not set')\n"
  const project = makeProject({ ...NOTES, 'backend.ts': `${NOTES['backend.ts']}${secret}` })
  const { code, stderr } = await project.postern(['build'])
  expect(stderr).toMatch(/^The schema was not compared with the migrations: backend\.ts:6 throws .*KEY is not set\n$/)
  expect(code).toBe(0)
})

test('a result as JSON is JSON whatever the project prints', async () => {
  const loud = "console.log('hello from backend.ts')\nprocess.stdout.write('and more')\n"
  const project = makeProject({ ...NOTES, 'backend.ts': `${loud}${NOTES['backend.ts']}` })
  await project.postern(['migrate', 'new'])
  const words: readonly [string[], object][] = [
    [['routes'], { endpoints: [{ path: '/api/hello' }] }],
    [['migrate', 'up'], { applied: ['0001_init'] }],
    [['migrate', 'status'], {}],
    [['migrate', 'check'], { findings: [] }],
  ]
  for (const [verb, result] of words) {
    const { code, stdout, stderr } = await project.postern([...verb, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, ...result })
    expect(stderr).toContain('hello from backend.ts')
    expect(stderr).toContain('and more')
    expect(code).toBe(0)
  }
})
