import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { makeProject } from '../../test/with-project.js'

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
    expect(stderr).toMatch(/no repository of git with a commit/)
    expect(code).toBe(2)
  })

  test('explains a rule, and lists them', async () => {
    expect((await project.postern(['explain', 'auth-missing'])).stdout).toMatch(
      /^# auth-missing\n[^]*## When it is wrong[^]*CWE-306/,
    )
    expect((await project.postern(['rules'])).stdout).toMatch(/^auth-missing +An endpoint/m)
  })
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
