import { execFileSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { makeProject } from '../test/with-project.js'
import type { Report } from './finding.js'

// Processes are started, and some of them die.
vi.setConfig({ testTimeout: 120_000 })

const OPEN = `import { db } from '@/lib/db'

export async function DELETE() {
  await db.post.deleteMany({ where: { published: false } })
}
`

const SUPERVISE = `import { supervise } from ${JSON.stringify(new URL('../dist/supervise.js', import.meta.url).href)}`

/** Each line is read in the square of its length. */
const SLOW = `${'a< b,'.repeat(1_500)}b;\n`.repeat(150)

const FOUND = { rule: 'auth-missing', file: 'app/api/open/route.ts', confidence: 'high' }

async function auditOf(files: Readonly<Record<string, string>>): Promise<Report> {
  const project = makeProject({ 'app/api/open/route.ts': OPEN, ...files })
  const { code, stdout, stderr } = await project.postern(['check', '--json', '--rule', 'auth-missing'])
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  return JSON.parse(stdout) as Report
}

describe('what a parser dies of is told, and all else is audited', () => {
  // Each is deeper than a stack of 8 MB bears, and has hardly a bracket that could be counted.
  test.each<[string, string]>([
    ['arrows', `export const GET = ${'a=>'.repeat(100_000)}1`],
    ['conditions', `export const GET = ${'a?a:'.repeat(100_000)}1`],
    ['else after else', `export function GET() { ${'if(a){}else '.repeat(100_000)}{} }`],
    ['negations', `export const GET = ${'!'.repeat(1_000_000)}1`],
    ['sums', `export const GET = ${'a+'.repeat(500_000)}1`],
  ])('%s', async (_, code) => {
    const { findings, unreadable, faults } = await auditOf({ 'app/api/deep/route.ts': code })
    expect(findings).toMatchObject([FOUND])
    expect(unreadable).toEqual([{ file: 'app/api/deep/route.ts', reason: 'reading it ended the process' }])
    expect(faults).toEqual([])
  })

  test('more of them than are tried one by one: what looks as dangerous is left out unread', async () => {
    const deep = Array.from({ length: 12 }, (_, index) => `app/api/deep${index}/route.ts`)
    const code = `export const GET = ${'a=>'.repeat(50_000)}1`
    const { findings, unreadable } = await auditOf(Object.fromEntries(deep.map((path) => [path, code])))
    expect(findings).toMatchObject([FOUND])
    expect(unreadable.map(({ file }) => file).sort()).toEqual([...deep].sort())
    expect(new Set(unreadable.map(({ reason }) => reason.split(',')[0]))).toEqual(
      new Set(['reading it ended the process', 'not tried']),
    )
  })

  test('what would be read for hours is given up', async () => {
    const project = makeProject({
      'app/api/open/route.ts': OPEN,
      'app/api/slow/route.ts': SLOW,
    })
    const program = `${SUPERVISE}; await supervise(['check', '--json', '--rule', 'auth-missing'], { limit: 3000 })`
    const ran = project.launch(['--input-type=module', '-e', program])
    await new Promise((resolve) => ran.child.once('close', resolve))
    const { findings, unreadable } = JSON.parse(ran.said()) as Report
    expect(findings).toMatchObject([FOUND])
    expect(unreadable).toEqual([{ file: 'app/api/slow/route.ts', reason: 'reading it took longer than 3 s' }])
  })
})

test('a signal ends the audit with whoever asked for it', async () => {
  const project = makeProject({ 'app/api/slow/route.ts': SLOW })
  const program = `${SUPERVISE}
    setTimeout(() => process.kill(process.pid, 'SIGTERM'), 500)
    console.log('ended with', await supervise(['check']))`
  const ran = project.launch(['--input-type=module', '-e', program])
  expect((await ran.says(/ended with (\d+)/))[1]).toBe('143')
})

test('a file in UTF-16 is read, as PowerShell writes what is redirected into one', async () => {
  const project = makeProject({})
  project.write('app/api/open/route.ts', '')
  writeFileSync(join(project.directory, 'app/api/open/route.ts'), Buffer.from(`\uFEFF${OPEN}`, 'utf16le'))
  const { stdout } = await project.postern(['check', '--json', '--rule', 'auth-missing'])
  const { findings, unreadable } = JSON.parse(stdout) as Report
  expect({ findings, unreadable }).toMatchObject({ findings: [{ ...FOUND, line: 4 }], unreadable: [] })
})

test('what stands where a file would be read is listed: links, pipes, and what is gone when it is opened', async () => {
  const project = makeProject({ 'app/api/open/route.ts': OPEN, 'elsewhere/secret.ts': OPEN })
  const { directory } = project
  symlinkSync(join(directory, 'elsewhere'), join(directory, 'app/linked'))
  symlinkSync(join(directory, 'elsewhere/secret.ts'), join(directory, 'app/linked.ts'))
  symlinkSync(join(directory, 'nowhere.ts'), join(directory, 'app/broken.ts'))
  symlinkSync(join(directory, 'elsewhere'), join(directory, 'node_modules'))
  execFileSync('mkfifo', [join(directory, 'app/pipe.ts')])
  const { stdout } = await project.postern(['check', '--json'])
  const { files, unreadable } = JSON.parse(stdout) as Report
  expect(files).toBe(3)
  expect(unreadable).toEqual([
    { file: 'app/broken.ts', reason: 'a link' },
    { file: 'app/linked', reason: 'a link' },
    { file: 'app/linked.ts', reason: 'a link' },
    { file: 'app/pipe.ts', reason: 'no regular file' },
  ])
})
