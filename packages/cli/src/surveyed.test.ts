import { execFileSync, spawn } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import type { Report } from './finding.js'
import { makeProject, type TestProject } from '../test/with-project.js'

// Processes are started.
vi.setConfig({ testTimeout: 60_000 })

const WATCHED = fileURLToPath(new URL('../dist/watched.js', import.meta.url))

const open = (lines: readonly string[] = [], from = '@/lib/db') => `import { db } from '${from}'

export async function DELETE() {
${lines.map((line) => `  ${line}\n`).join('')}  await db.post.deleteMany({ where: { published: false } })
}
`
const DATABASE = "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()\n"
const HELPER = "import { db } from './db'\nexport const remove = () => db.post.deleteMany({})\n"
const MEANT = ['// postern-ignore auth-missing: a demonstration']

/** A tree with all that is told beside findings. */
function madeTree(): TestProject {
  const project = makeProject({
    'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }',
    'lib/db.ts': DATABASE,
    'lib/helper.ts': HELPER,
    'app/api/open/route.ts': open(),
    'app/api/meant/route.ts': open(MEANT),
    'web/app/api/open/route.ts': open(),
    'app/api/elsewhere/route.ts': open(MEANT, '../../../lib/other'),
    'app/api/idle/route.ts': `${MEANT[0]}\nexport const GET = () => new Response()\n`,
    'app/api/far/route.ts': `import { remove } from '@/lib/helper'\n${MEANT[0]}\nexport const DELETE = async () => void (await remove())\n`,
    'app/api/broken/route.ts': 'export const = (\n',
    'app/api/deep/route.ts': `export const GET = ${'['.repeat(5_000)}`,
    'app/large.ts': 'x'.repeat(1_600_000),
    'supabase/migrations/1.sql': 'create table a (id int); -- postern-ignore rls-disabled: read by nobody\n',
    'prisma/binary.prisma': 'model A {\0}',
    'app/binary.ts': 'const a = "\0"',
  })
  const { directory } = project
  writeFileSync(join(directory, 'app/utf16.ts'), Buffer.from(`\uFEFF${open()}`, 'utf16le'))
  symlinkSync(join(directory, 'lib'), join(directory, 'app/linked'))
  symlinkSync(join(directory, 'lib/db.ts'), join(directory, 'app/linked.ts'))
  execFileSync('mkfifo', [join(directory, 'app/pipe.ts')])
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words], { cwd: directory })
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'all')
  return project
}

/** As `postern check` starts it, but surveyed by nobody, or by whoever hands this over. */
function watched(
  { directory }: TestProject,
  words: readonly string[],
  survey?: string,
): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    const orders = JSON.stringify({ givenUp: {}, isCareful: false, isSurveyed: survey !== undefined })
    const child = spawn(process.execPath, [WATCHED, orders, ...words], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'pipe'],
    })
    ;(child.stdio[3] as Readable).resume()
    ;(child.stdio[4] as Writable).end(survey)
    let stdout = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.on('close', (code) => resolve({ code: code!, stdout }))
  })
}

const withoutTime = (stdout: string) => stdout.replace(/"ms": \d+/, '')

test('what is told with a survey of the tree is what is told without one', async () => {
  const project = madeTree()
  const changes: Readonly<Record<string, string>>[] = [
    {},
    { 'app/api/open/route.ts': open(['//']) },
    {
      'app/api/meant/route.ts': open(['//', ...MEANT]),
      'app/api/idle/route.ts': `${MEANT[0]}\nexport const GET = 1\n`,
    },
    { 'lib/helper.ts': `${HELPER}// changed\n` },
    { 'lib/db.ts': `${DATABASE}// changed\n` },
    { 'supabase/migrations/1.sql': 'create table b (id int);\n' },
    { 'tsconfig.json': '{}', 'app/api/new/route.ts': open() },
  ]
  const told = new Set<string>()
  for (const changed of changes) {
    for (const [file, text] of Object.entries(changed)) project.write(file, text)
    const words = ['check', '--changed', '--json']
    const { code, stdout } = await project.postern(words)
    const before = await watched(project, words)
    expect({ code, stdout: withoutTime(stdout) }).toEqual({ code: before.code, stdout: withoutTime(before.stdout) })
    const { findings, suppressed, unreadable } = JSON.parse(stdout) as Report
    for (const { rule, file } of findings) told.add(`${rule} in ${file}`)
    for (const { rule, file } of suppressed) told.add(`${rule} meant so in ${file}`)
    for (const { file, reason } of unreadable) told.add(`${file}: ${reason}`)
  }
  // Each kind of what can be told was told.
  expect([...told]).toEqual(
    expect.arrayContaining([
      'auth-missing in app/api/open/route.ts',
      'auth-missing meant so in app/api/meant/route.ts',
      'auth-missing meant so in app/api/far/route.ts',
      'unused-suppression in app/api/idle/route.ts',
      'app/linked: a link',
      'app/pipe.ts: no regular file',
      'app/binary.ts: binary',
      'prisma/binary.prisma: binary',
      'app/large.ts: larger than 1500000 bytes',
      'app/api/deep/route.ts: nested too deeply',
    ]),
  )
})

test.each<[string, readonly string[]]>([
  ['another directory by its path', ['--cwd', 'web']],
  ['another directory in one word', ['--cwd=web']],
  ['files beside what has changed', ['lib']],
])('%s', async (_, words) => {
  const project = madeTree()
  for (const home of ['', 'web/']) project.write(`${home}app/api/open/route.ts`, open(['//']))
  const { code, stdout } = await project.postern(['check', '--changed', '--json', ...words])
  const before = await watched(project, ['check', '--changed', '--json', ...words])
  expect({ code, stdout: withoutTime(stdout) }).toEqual({ code: before.code, stdout: withoutTime(before.stdout) })
  expect(code).toBe(1)
})

test('what ends the process that audits is told with a survey, too', async () => {
  const project = madeTree()
  project.write('app/api/open/route.ts', open(['//']))
  project.write('app/api/bang/route.ts', `export const GET = ${'!'.repeat(1_000_000)}1`)
  const { code, stdout } = await project.postern(['check', '--changed', '--json'])
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    findings: expect.arrayContaining([
      expect.objectContaining({ rule: 'auth-missing', file: 'app/api/open/route.ts' }) as unknown,
    ]) as unknown,
    unreadable: expect.arrayContaining([
      { file: 'app/api/bang/route.ts', reason: 'reading it ended the process' },
    ]) as unknown,
  })
})

test('a survey of this tree is believed, and anything else is not', async () => {
  const project = makeProject({ 'a.ts': '', 'b.ts': '' })
  const git = (...words: string[]) => execFileSync('git', words, { cwd: project.directory })
  git('init', '-q')
  const written = { files: ['a.ts'], unreadable: [{ file: 'b.ts', reason: 'said so' }], lost: [], imports: [[]] }
  const handed = async (survey: string) => {
    const { stdout } = await watched(project, ['check', '--changed', '--json'], survey)
    return JSON.parse(stdout) as Report
  }
  const here = JSON.stringify({ root: project.directory, ...written })
  expect(await handed(here)).toMatchObject({ files: 1, unreadable: written.unreadable })
  const others = [JSON.stringify({ root: '/elsewhere', ...written }), '', 'nonsense', here.slice(0, -1)]
  for (const text of others) expect(await handed(text)).toMatchObject({ files: 3, unreadable: [] })
})
