import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

/**
 * What a newcomer does: a fresh clone, the README's first command as it stands there, then every curl line, of the README,
 * of the pages that go on from it and of the greeting, as pasted. Nothing that this machine has built or installed before takes part.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const clone = mkdtempSync(join(tmpdir(), 'postern-clone-'))
let server: ChildProcess
let said = ''
let port: number

beforeAll(async () => {
  cloneInto(clone)
  port = await freePort()
  server = spawn('sh', ['-c', readmeCommand('npm start')], {
    cwd: clone,
    // A group of its own, so that stopping it stops what npm started too.
    detached: true,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port) },
  })
  for (const stream of [server.stdout, server.stderr])
    stream?.on('data', (chunk: Buffer) => void (said += String(chunk)))
  // The greeting comes last, a moment after the line that says where it listens.
  await until(() => curlLines(said).length >= 3 || server.exitCode !== null)
  if (server.exitCode !== null) throw new Error(`npm start ended:\n${said}`)
}, 300_000)

// Hooks run from the last to the first. Taking away what npm installed, some 26,000 files, takes its time on a busy machine;
// the server has no such excuse.
afterAll(() => rmSync(clone, { recursive: true, force: true }), 300_000)

afterAll(stopServer, 30_000)

test('npm start says where it listens, which database it uses, and three lines to paste', () => {
  expect(said).toContain(`Listening on http://127.0.0.1:${port}`)
  expect(said).toMatch(/Database: embedded in .*\.postern\/db/)
  expect(curlLines(said)).toHaveLength(3)
})

test('the three lines are those that the tour begins with', () => {
  const first = tour(read('README.md')).slice(0, 3)
  expect(first.map(({ line }) => line.replaceAll('3000', String(port)))).toEqual(curlLines(said))
})

test('the tour answers what the README shows, and after it the pages that go on', () => {
  const pages = ['README.md', 'docs/tour.md', 'docs/tour-members.md', 'docs/tour-webhooks.md'].map((path) =>
    tour(read(path)),
  )
  for (const steps of pages) expect(steps.length).toBeGreaterThanOrEqual(4)
  const steps = pages.flat()
  expect(steps.length).toBeGreaterThanOrEqual(24)
  for (const { line, output } of steps) {
    expect(comparable(paste(line.replaceAll('3000', String(port)))), line).toEqual(comparable(output))
  }
})

test('and when the server has ended, what came is listed as the last page shows', async () => {
  await stopServer()
  const [, line = '', output = ''] =
    /```sh\n(npx postern webhooks list .*)\n```\n\n```text\n([^]*?)```/.exec(read('docs/tour-webhooks.md')) ?? []
  expect(same(paste(line))).toBe(same(output))
  expect(readdirSync(join(clone, 'examples/invoices/.postern/mail'))).toHaveLength(1)
}, 60_000)

/** Ids and times differ from run to run. */
function same(text: string): string {
  return text
    .replace(/[0-9a-f-]{36}/g, '(id)')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '(instant)')
    .trim()
}

async function stopServer(): Promise<void> {
  const hasEnded = server?.pid === undefined || server.exitCode !== null || server.signalCode !== null
  if (hasEnded) return
  process.kill(-server.pid!, 'SIGTERM')
  await once(server, 'exit')
}

interface Step {
  readonly line: string
  readonly output: string
}

/**
 * Every ```sh block of curl lines, with the block of output that follows it. The README's own project is another one, with a
 * test of its own (packages/cli/src/readme-project.test.ts).
 */
function tour(markdown: string): Step[] {
  const [ours = ''] = markdown.split('## In your own project')
  const blocks = [...ours.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language, text]) => ({
    language,
    text: text!,
  }))
  return blocks.flatMap(({ language, text }, index) => {
    const next = blocks[index + 1]
    if (language !== 'sh' || !text.startsWith('curl ')) return []
    if (next === undefined || next.language === 'sh') throw new Error(`No output is shown for: ${text}`)
    return [{ line: text.trim(), output: next.text }]
  })
}

/** What differs from run to run is left out; all the rest must be what the README shows. */
function comparable(text: string): string {
  return text
    .replace(/"(id|ownerId|userId|token|requestId)":\s?"[\w-]{20,}"/g, '"$1":"…"')
    .replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"(instant)"')
    .replace(/"next":\s?"[\w-]+"/g, '"next":"(cursor)"')
    .replace(/\s+/g, '')
}

/** As a person pastes it: in a shell, in the folder of the clone. */
function paste(line: string): string {
  return execFileSync('sh', ['-c', line], { cwd: clone, encoding: 'utf8' })
}

function curlLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('curl '))
}

function read(path: string): string {
  return readFileSync(join(clone, path), 'utf8')
}

function readmeCommand(ending: string): string {
  const command = read('README.md')
    .split('\n')
    .find((line) => line.startsWith('npm ci') && line.trim().endsWith(ending))
  if (command === undefined) throw new Error(`The README has no line "npm ci && ${ending}"`)
  return command
}

/** What a clone of the working tree would hold: every file that git tracks, or would. */
function cloneInto(directory: string): void {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8' })
  const deleted = execFileSync('git', ['ls-files', '-d', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0')
  for (const file of files.split('\0')) {
    if (file !== '' && !deleted.includes(file)) cpSync(join(ROOT, file), join(directory, file))
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 100))
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port: free } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return free
}
