import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { makeProject, NOTES, type Outcome, type TestProject } from '../test/with-project.js'

// A command is a process of its own, and may open a database: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000 })

/** What every mistake gets: one sentence, one hint, 2, nothing on stdout that a pipe would take for a result. */
function complaint({ code, stdout, stderr }: Outcome): string[] {
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).not.toMatch(/^\s+at /m)
  // Neither ends with a period: one of ours reads like the other.
  expect(stderr).toMatch(/^postern: .*[^.]\n {2}\S.*[^.]\n$/)
  return stderr.trimEnd().split('\n')
}

const matching = (...lines: RegExp[]) => lines.map((line): unknown => expect.stringMatching(line))

describe('words that are no command', () => {
  const project = makeProject({})
  test.each([
    [
      ['strat'],
      /no verb "strat"; did you mean postern start\?/,
      /dev, build, start, migrate, db, webhooks, routes, check, explain, rules$/,
    ],
    [['xyzzyplugh'], /no verb "xyzzyplugh"$/, /postern knows/],
    [['migrate', 'upp'], /no verb "upp"; did you mean postern migrate up\?/, /new, up/],
    [['migrate'], /postern migrate needs a verb/, /new, up/],
    [[], /postern needs a verb/, /dev, build/],
    [['generate'], /no verb "generate"$/, /postern knows/],
    [['start', '--prot', '1'], /Unknown option '--prot'/, /postern start --help$/],
    [['db', 'seed', '--force'], /Unknown option '--force'/, /postern db seed --help$/],
    [['--nonsense'], /Unknown option '--nonsense'/, /postern --help$/],
    [['routes', 'extra'], /too many arguments/i, /postern routes --help$/],
    [['start', '--port'], /argument missing/i, /postern start --help$/],
  ])('%j', async (words, sentence, hint) => {
    expect(complaint(await project.postern(words))).toEqual(matching(sentence, hint))
    expect(readdirSync(project.directory)).toEqual(['package.json'])
  })
})

describe('a directory without a project', () => {
  const project = makeProject({})
  test.each([
    [['start']],
    [['dev']],
    [['build']],
    [['routes']],
    [['migrate', 'new']],
    [['migrate', 'up']],
    [['db', 'seed']],
    [['db', 'reset']],
  ])('%j', async (words) => {
    expect(complaint(await project.postern(words))).toEqual(matching(/There is no backend\.ts in /, /--cwd/))
  })

  test('and a --cwd that does not exist', async () => {
    expect(complaint(await project.postern(['start', '--cwd', 'nowhere']))).toEqual(
      matching(/There is no directory .*nowhere/, /--cwd/),
    )
  })
})

describe('a backend that does not load', () => {
  test.each<[string, Record<string, string>, RegExp, RegExp]>([
    [
      'a syntax error',
      { 'backend.ts': '\nexport const backend = (' },
      /backend\.ts:2:25: Unexpected end of file/,
      /Correct that line/,
    ],
    [
      'two routes that give one segment two names',
      {
        ...NOTES,
        'app/api/notes/[id]/route.ts': 'export const GET = 1',
        'app/api/notes/[slug]/route.ts': 'export const GET = 1',
      },
      /^postern: app\/api\/notes\/\[id\]\/route\.ts and .* by two names/,
      /\w/,
    ],
    [
      'one that throws',
      { 'backend.ts': "const a: number = 1\n\nthrow new Error('no key')\n" },
      /backend\.ts:3 throws while it is loaded: no key/,
      /--verbose/,
    ],
    [
      'one that throws elsewhere',
      { 'backend.ts': "import './keys.js'\nexport const backend = 1", 'keys.ts': "\nthrow new Error('no key')" },
      /keys\.ts:2 throws while/,
      /Correct that line/,
    ],
    [
      'one that throws no error',
      { 'backend.ts': "throw 'just words'" },
      /throws while it is loaded: just words/,
      /Correct/,
    ],
    [
      'one that throws with nobody waiting',
      { 'backend.ts': "await new Promise(() => setTimeout(() => { throw new Error('late') }, 1))" },
      /late/,
      /--verbose/,
    ],
    ['no export of that name', { 'backend.ts': 'export const other = 1' }, /exports no `backend`/, /createBackend/],
    [
      'another thing of that name',
      { 'backend.ts': 'export const backend = 1' },
      /exports no `backend`/,
      /createBackend/,
    ],
    [
      'an import of nothing',
      { 'backend.ts': "import './gone.js'" },
      /backend\.ts:1:8: Could not resolve "\.\/gone\.js"/,
      /Correct/,
    ],
    [
      'a package that is not installed',
      { 'backend.ts': "import 'not-installed-here'" },
      /package not-installed-here, which is not installed/,
      /npm install/,
    ],
    [
      'a broken route',
      { ...NOTES, 'app/api/bad/route.ts': 'export const GET = }' },
      /app\/api\/bad\/route\.ts:1:20: Unexpected "}"/,
      /Correct/,
    ],
  ])('%s', async (_name, files, sentence, hint) => {
    const project = makeProject({ 'app/api/x/route.ts': 'export {}', ...files })
    expect(complaint(await project.postern(['routes']))).toEqual(matching(sentence, hint))
  })

  test('a fault shows its stack when it is asked for', async () => {
    const project = makeProject({ 'app/api/x/route.ts': '', 'backend.ts': "throw new Error('no key')" })
    const { code, stderr } = await project.postern(['routes', '--verbose'])
    expect(stderr).toMatch(/^\s+at /m)
    expect(code).toBe(2)
  })
})

describe('an environment that does not fit the schema of env()', () => {
  const files = {
    ...NOTES,
    'settings.ts': `import { env } from 'postern'
import { z } from 'zod'
export const settings = env(z.object({ MAIL_KEY: z.string(), MAIL_RETRIES: z.coerce.number() }))
`,
    'backend.ts': `import './settings.js'\n${NOTES['backend.ts']}`,
  }
  const unfit = { MAIL_KEY: '', MAIL_RETRIES: 'secret-word' }

  test.each([[['routes']], [['start', '--port', '0']], [['migrate', 'new']]])('%j', async (words) => {
    const project = makeProject(files)
    const outcome = await project.postern(words, unfit)
    expect(complaint(outcome)).toEqual(
      matching(/MAIL_KEY is not set; MAIL_RETRIES: .*expected number/, /in the environment or, on a desk, in \.env$/),
    )
    expect(outcome.stderr).not.toContain('secret-word')
    expect((await project.postern(['routes'], { MAIL_KEY: 'x', MAIL_RETRIES: '3' })).code).toBe(0)
  })

  test('a built server says the same', async () => {
    const project = makeProject(files)
    const fits = { MAIL_KEY: 'x', MAIL_RETRIES: '3' }
    await project.postern(['migrate', 'new'], fits)
    // The machine that builds may lack them.
    expect((await project.postern(['build'], unfit)).code).toBe(0)
    const server = project.launch(['dist/server.js'], { PORT: '0', ...unfit })
    await expect(server.says(/listening/)).rejects.toThrow(
      /ended with 2[\s\S]*\npostern: The environment [^\n]*MAIL_KEY is not set[^\n]*\n {2}Set what is missing[^\n]*\n$/,
    )
  })
})

describe('a place where nothing can be served', () => {
  let project: TestProject
  let taken: Server
  let port: number
  beforeAll(async () => {
    project = makeProject(NOTES)
    await project.postern(['migrate', 'new'])
    taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    port = (taken.address() as { port: number }).port
  })
  afterAll(() => void taken.close())

  test('the port is taken', async () => {
    const outcome = await project.postern(['start'], { PORT: String(port) })
    // What happened before that is true and told: a migration was applied, and the server's log said what it opened.
    const stderr = outcome.stderr.replace('Applied 0001_init\n', '')
    expect(outcome.stdout).not.toMatch(/listening/i)
    expect(complaint({ ...outcome, stderr, stdout: '' })).toEqual(matching(new RegExp(`${port}`), /port/i))
  })

  test.each([['no'], ['70000'], ['-1'], ['80.5']])('the port %s is none', async (words) => {
    expect(complaint(await project.postern(['start'], { PORT: words }))).toEqual(matching(/is no port/, /0 to 65535/))
  })

  test.each([[['start']], [['migrate', 'up']], [['db', 'reset', '--force']]])(
    'the database is not there: %j',
    async (words) => {
      taken.close()
      const outcome = await project.postern(words, { DATABASE_URL: `postgres://me:secret-word@127.0.0.1:${port}/x` })
      expect(complaint(outcome)).toEqual(matching(/database/i, /PostgreSQL|DATABASE_URL/))
      expect(outcome.stderr).not.toContain('secret-word')
    },
  )

  test.each<[string, RegExp]>([
    ['backend.ts', /cannot be kept in .*backend\.ts: a file is in the way$/],
    ['backend.ts/db', /cannot be kept in .*: a file is in the way$/],
    ['backend.ts/x/db', /cannot be kept in .*: a file is in the way$/],
    ...(existsSync('/proc/self')
      ? ([
          ['/proc/x', /no directory can be made/],
          ['/proc/x/db', /no directory can/],
        ] satisfies [string, RegExp][])
      : []),
  ])('the embedded database cannot be in %s', async (directory, sentence) => {
    for (const words of [['start'], ['migrate', 'up']])
      expect(complaint(await project.postern(words, { PORT: '0', POSTERN_DIRECTORY: directory }))).toEqual(
        matching(sentence, /POSTERN_DIRECTORY/),
      )
  })

  test('a DATABASE_URL that is none is not taken for a name, and not repeated', async () => {
    const outcome = await project.postern(['start'], { PORT: '0', DATABASE_URL: 'nonsense-word' })
    expect(complaint(outcome)).toEqual(matching(/DATABASE_URL is no postgres:\/\/ URL$/, /postgres:\/\/user/))
    expect(outcome.stderr).not.toContain('nonsense-word')
  })

  test.each([['--rename'], ['--drop']])('%s where nothing changed', async (flag) => {
    expect(complaint(await project.postern(['migrate', 'new', flag, 'foo']))).toEqual(
      matching(new RegExp(`${flag} foo fits nothing that changed$`), /schema/),
    )
    expect(readdirSync(join(project.directory, 'migrations')).filter((name) => name.endsWith('.sql'))).toHaveLength(1)
  })

  test('what .env says counts, and what the environment says counts more', async () => {
    const dotted = makeProject({ ...NOTES, '.env': 'PORT=nowhere' })
    expect(complaint(await dotted.postern(['start']))).toEqual(matching(/"nowhere" is no port/, /0 to 65535/))
    expect(complaint(await dotted.postern(['start'], { PORT: 'x' }))).toEqual(matching(/"x" is no port/, /0 to 65535/))
  })

  test('production without a database says so', async () => {
    expect(complaint(await project.postern(['start'], { NODE_ENV: 'production' }))).toEqual(
      matching(/DATABASE_URL is not set/, /POSTERN_EMBEDDED/),
    )
  })

  test.each([[['start']], [['dev']]])('schema and migrations are apart: %j', async (words) => {
    const apart = makeProject(NOTES)
    expect(complaint(await apart.postern(words, { PORT: '0' }))).toEqual(
      matching(/schema has changes that no migration holds/, /postern migrate new/),
    )
    expect(existsSync(join(apart.directory, '.postern', 'db'))).toBe(false)
  })

  test('a reset elsewhere than at home needs --force, and never happens in production', async () => {
    const url = { DATABASE_URL: `postgres://me@127.0.0.1:${port}/x` }
    expect(complaint(await project.postern(['db', 'reset'], url))).toEqual(matching(/drops all data/, /--force/))
    const production = { ...url, NODE_ENV: 'production' }
    expect(complaint(await project.postern(['db', 'reset', '--force'], production))).toEqual(
      matching(/production database is not reset/, /psql/),
    )
  })

  test('there is nothing to seed with', async () => {
    expect(complaint(await project.postern(['db', 'seed']))).toEqual(matching(/There is no seed\.ts/, /export default/))
  })
})
