import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockDirectory } from './lock.js'
import { birthOf } from './process-birth.js'

let folder: string
let directory: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-lock-'))
  directory = join(folder, 'db')
  file = `${directory}.lock`
})
const others: ChildProcess[] = []
afterEach(() => {
  // Also where a test has failed before it came to that: a lock that is broken on purpose would leave a process behind.
  for (const other of others.splice(0)) other.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Another process that takes the lock and says what became of it. */
async function otherProcess(): Promise<{ process: ChildProcess; said: string }> {
  const outfile = join(folder, 'lock.mjs')
  await build({
    entryPoints: [new URL('lock.ts', import.meta.url).pathname],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  })
  const script = `import { lockDirectory } from ${JSON.stringify(outfile)}
    try { lockDirectory(${JSON.stringify(directory)}); console.log('has it'); setInterval(() => {}, 1000) }
    catch (error) { console.log(error.message) }`
  const process = spawn('node', ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  others.push(process)
  const [said] = (await once(process.stdout, 'data')) as [Buffer]
  return { process, said: said.toString().trim() }
}

test('a second process is kept off, by a sentence that names the first and says what to do', async () => {
  const other = await otherProcess()
  expect(other.said).toBe('has it')
  expect(() => lockDirectory(directory)).toThrow(
    `in use by process ${other.process.pid}, and it takes one process at a time`,
  )
  expect(() => lockDirectory(directory)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('DATABASE_URL') }),
  )
  other.process.kill('SIGKILL')
  await once(other.process, 'exit')
})

test('the lock of a process that was killed is taken over', async () => {
  const other = await otherProcess()
  other.process.kill('SIGKILL')
  await once(other.process, 'exit')
  expect(existsSync(file)).toBe(true)
  const lock = lockDirectory(directory)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid })
  expect((await otherProcess()).said).toContain(`process ${process.pid}`)
  lock.release()
  expect(existsSync(file)).toBe(false)
})

test('a process that exits leaves no lock behind', async () => {
  const other = await otherProcess()
  other.process.kill('SIGKILL')
  await once(other.process, 'exit')
  const script = `import { lockDirectory } from ${JSON.stringify(join(folder, 'lock.mjs'))}; lockDirectory(${JSON.stringify(directory)})`
  await once(spawn('node', ['--input-type=module', '-e', script]), 'exit')
  expect(existsSync(file)).toBe(false)
})

test('a living process that merely has the pid of the dead one does not hold the lock', () => {
  writeFileSync(file, JSON.stringify({ pid: process.ppid, host: hostname(), birth: 'another boot/1', token: 'x' }))
  const lock = lockDirectory(directory)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid })
  lock.release()
})

test('two processes are told apart by more than their pid', () => {
  expect(birthOf(process.pid)).toBe(birthOf(process.pid))
  expect(birthOf(process.pid)).not.toBe(birthOf(process.ppid))
})

test('the same process cannot take it twice', () => {
  const lock = lockDirectory(directory)
  expect(() => lockDirectory(directory)).toThrow('in use by this process already')
  lock.release()
  lockDirectory(directory).release()
})

test('a process on another host counts as alive', () => {
  writeFileSync(file, JSON.stringify({ pid: 1, host: 'elsewhere', birth: null, token: 'x' }))
  expect(() => lockDirectory(directory)).toThrow('in use by process 1 on elsewhere')
  expect(existsSync(file)).toBe(true)
})

test('an empty lock is being written; one that stays empty is nobody’s', () => {
  writeFileSync(file, '')
  expect(() => lockDirectory(directory)).toThrow('in use by another process')
  const before = new Date(Date.now() - 10_000)
  utimesSync(file, before, before)
  lockDirectory(directory).release()
})

test('releasing does not take away what somebody else has taken since', () => {
  const lock = lockDirectory(directory)
  const other = JSON.stringify({ pid: process.ppid, host: hostname(), birth: null, token: 'other' })
  writeFileSync(file, other)
  lock.release()
  expect(readFileSync(file, 'utf8')).toBe(other)
})
