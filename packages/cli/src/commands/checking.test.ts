import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { readDocument, ROOT } from '../../../../test/support/markdown.ts'
import { makeProject, POSTERN } from '../../test/with-project.js'

const run = promisify(execFile)

const ROUTE = `import { db } from '@/lib/db'

export async function DELETE() {
  await db.post.deleteMany({ where: { published: false } })
  throw new Error('the audited code was run')
}
throw new Error('the audited code was run')
`

describe('postern check in a directory that has never heard of us', () => {
  const project = makeProject({
    'app/api/posts/route.ts': ROUTE,
    'app/api/tags/route.ts': 'export const GET = () => new Response(null)\n',
  })

  test('finds what is open, runs nothing, and ends with 1', async () => {
    const { code, stdout, stderr } = await project.postern(['check'])
    expect(code).toBe(1)
    expect(stderr).toBe('')
    expect(stdout).toContain('app/api/posts/route.ts:4:9 error auth-missing')
    expect(stdout).not.toContain('was run')
  })

  test('ends with 0 where nothing is shown', async () => {
    expect(await project.postern(['check', 'app/api/tags'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Nothing found/),
    })
    expect(await project.postern(['check', '--rule', 'n-plus-one'])).toMatchObject({ code: 0 })
  })

  test('as JSON, and as SARIF', async () => {
    const json = JSON.parse((await project.postern(['check', '--format', 'json'])).stdout) as {
      findings: readonly { rule: string }[]
    }
    expect(json).toMatchObject({ version: 1, endpoints: 2, suppressed: [], unreadable: [] })
    expect(json.findings.map(({ rule }) => rule)).toEqual(['auth-missing', 'error-unhandled'])
    const sarif = JSON.parse((await project.postern(['check', '--format', 'sarif'])).stdout) as { version: string }
    expect(sarif.version).toBe('2.1.0')
  })

  test('the checklist: seven lines', async () => {
    const { code, stdout } = await project.postern(['check', '--checklist'])
    expect(code).toBe(1)
    expect(stdout.trim().split('\n')).toHaveLength(7)
    expect(stdout).toContain('fail  Authentication at the start of every endpoint: 1')
  })

  test('a baseline leaves out what it knows, and only that', async () => {
    expect(await project.postern(['check', '--write-baseline', 'known.json'])).toMatchObject({ code: 0 })
    expect(await project.postern(['check', '--baseline', 'known.json'])).toMatchObject({ code: 0 })
    const file = join(project.directory, 'app/api/tags/route.ts')
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, ROUTE)
    const { code, stdout } = await project.postern(['check', '--baseline', 'known.json'])
    writeFileSync(file, before)
    expect(code).toBe(1)
    expect(stdout).not.toContain('app/api/posts/route.ts')
  })

  test.each<[readonly string[], RegExp]>([
    [['--format', 'xml'], /There is no format "xml"/],
    [['--rule', 'auth-mising'], /Did you mean auth-missing\?/],
    [['nowhere'], /nowhere is not there/],
    [['..'], /lies outside/],
    [['--baseline', 'nowhere.json'], /cannot be read/],
    [['--baseline', 'app/api/posts/route.ts'], /is no baseline/],
    [['--cwd', 'nowhere'], /is no directory/],
  ])('%j: one sentence, what to do, and 2', async (words, sentence) => {
    const { code, stderr } = await project.postern(['check', ...words])
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).toBe(2)
  })

  test('what has changed can only be told in a repository of git', async () => {
    const { code, stderr } = await project.postern(['check', '--changed'], {
      GIT_CEILING_DIRECTORIES: dirname(project.directory),
    })
    expect(stderr).toMatch(/no repository of git/)
    expect(code).toBe(2)
  })

  test('explains a rule, and lists them', async () => {
    expect((await project.postern(['explain', 'auth-missing'])).stdout).toMatch(
      /^# auth-missing\n[^]*## When it is wrong[^]*CWE-306/,
    )
    expect((await project.postern(['rules'])).stdout).toMatch(/^auth-missing +An endpoint/m)
  })
})

const LEAKING = `import { auth } from '@clerk/nextjs/server'
import { db } from '@/lib/db'

export async function GET() {
  try {
    const { userId } = await auth()
    if (!userId) return new Response(null, { status: 401 })
    return Response.json(await db.post.findMany({ where: { authorId: userId }, take: 20 }))
  } catch (error) {
    return Response.json({ error: (error as Error).message }, { status: 500 })
  }
}
`

describe('postern check --fix', () => {
  const FILE = 'app/api/mine/route.ts'
  const projectOf = () => makeProject({ [FILE]: LEAKING, 'app/api/posts/route.ts': ROUTE })
  const textOf = ({ directory }: { readonly directory: string }) => readFileSync(join(directory, FILE), 'utf8')

  test('writes what is certain, says so, and tells what is left', async () => {
    const project = projectOf()
    chmodSync(join(project.directory, FILE), 0o640)
    const { code, stdout } = await project.postern(['check', '--fix'])
    expect(stdout).toContain(`Fixed ${FILE}:10 error-leak`)
    expect(stdout).toContain(`Fixed ${FILE}:9 error-unlogged`)
    expect(stdout).toContain('error auth-missing')
    expect(code).toBe(1)
    expect(textOf(project)).toContain(
      "console.error(error)\n    return Response.json({ error: 'Something went wrong' }",
    )
    expect(statSync(join(project.directory, FILE)).mode & 0o777).toBe(0o640)
    expect(readdirSync(join(project.directory, 'app/api/mine'))).toEqual(['route.ts'])
    expect(await project.postern(['check', '--fix', 'app/api/mine'])).toMatchObject({ code: 0 })
  })

  test('as JSON', async () => {
    const { stdout } = await projectOf().postern(['check', '--fix', '--json', '--rule', 'error-unlogged'])
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [],
      fixes: [{ rule: 'error-unlogged', file: FILE, line: 9, isFixed: true, reason: null }],
    })
  })

  test('only where it was asked, and nothing that a baseline knows', async () => {
    const project = projectOf()
    await project.postern(['check', '--fix', 'app/api/posts'])
    await project.postern(['check', '--write-baseline', 'known.json'])
    await project.postern(['check', '--fix', '--baseline', 'known.json'])
    expect(textOf(project)).toBe(LEAKING)
  })

  test('leaves a file alone that holds what is no text', async () => {
    const project = projectOf()
    const bytes = Buffer.concat([Buffer.from(LEAKING), Buffer.from([0x2f, 0x2f, 0xff, 0x0a])])
    writeFileSync(join(project.directory, FILE), bytes)
    const { code, stderr } = await project.postern(['check', '--fix'])
    expect(stderr).toMatch(/is not what was read/)
    expect(code).toBe(2)
    expect(readFileSync(join(project.directory, FILE)).equals(bytes)).toBe(true)
  })
})

test.each<[readonly string[], number]>([
  [[], 1],
  [['--fail-on', 'high'], 1],
  [['--fail-on', 'never'], 0],
  [['--rule', 'revalidate-missing', '--fail-on', 'low'], 0],
  [['--fail-on', 'sometimes'], 2],
])('check %j ends with %i', async (words, expected) => {
  const project = makeProject({ 'app/api/posts/route.ts': ROUTE })
  expect((await project.postern(['check', ...words])).code).toBe(expected)
})

test('what is less sure fails where somebody asks for it', async () => {
  const text = "export const secret = process.env.APP_SECRET ?? 'for-development'\n"
  const project = makeProject({ 'lib/secret.ts': text })
  expect((await project.postern(['check'])).code).toBe(0)
  expect((await project.postern(['check', '--fail-on', 'medium'])).code).toBe(1)
})

test('only what has changed since the last commit of git', async () => {
  const project = makeProject({ 'app/api/old/route.ts': ROUTE })
  const cwd = project.directory
  const git = (...words: string[]) => run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd })
  await git('init', '-q')
  await git('add', '-A')
  await git('commit', '-qm', 'all')
  expect(await project.postern(['check', '--changed'])).toMatchObject({ code: 0 })
  mkdirSync(join(cwd, 'app/api/new'), { recursive: true })
  cpSync(join(cwd, 'app/api/old/route.ts'), join(cwd, 'app/api/new/route.ts'))
  const { code, stdout } = await project.postern(['check', '--changed'])
  expect(code).toBe(1)
  expect(stdout).toContain('app/api/new/route.ts')
  expect(stdout).not.toContain('app/api/old/route.ts')
})

test('the hook of docs/check.md lets no open endpoint be committed, not even first', async () => {
  const project = makeProject({ 'app/api/open/route.ts': ROUTE })
  const cwd = project.directory
  const hook = readDocument('docs/check.md', readFileSync(join(ROOT, 'docs/check.md'), 'utf8')).blocks.find(
    ({ text }) => text.includes('.git/hooks/pre-commit'),
  )!.text
  const git = (...words: string[]) => run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { cwd })
  await git('init', '-q')
  await run('sh', ['-c', hook.replace('npx @postern/cli', `"${process.execPath}" "${POSTERN}"`)], { cwd })
  await git('add', '-A')
  await expect(git('commit', '-qm', 'all')).rejects.toMatchObject({ stderr: expect.stringContaining('auth-missing') })
  await expect(git('rev-parse', '--verify', '-q', 'HEAD')).rejects.toMatchObject({ code: 1 })
  project.write('app/api/open/route.ts', 'export const GET = () => new Response(null)\n')
  await git('commit', '-qam', 'closed')
  project.write('app/api/open/route.ts', ROUTE)
  await expect(git('commit', '-qam', 'open again')).rejects.toMatchObject({ code: 1 })
  await git('commit', '-qam', 'open again', '--no-verify')
}, 120_000)
