import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { database } from './database/index.js'
import { makeDirectory } from './own-directory.js'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'postern-own-'))
})
afterEach(() => rmSync(root, { recursive: true }))

test('git sees no embedded database in .postern, though no command of ours made the directory', async () => {
  const db = database({ schema: {}, directory: join(root, 'app', '.postern', 'db') })
  expect(db.kind).toBe('embedded')
  await db.close()
  expect(readFileSync(join(root, 'app', '.postern', '.gitignore'), 'utf8')).toBe('*\n')
})

test('a directory of another name is somebody’s own, and git may see it', () => {
  makeDirectory(join(root, 'data', 'db'))
  expect(existsSync(join(root, 'data', 'db'))).toBe(true)
  expect(existsSync(join(root, 'data', '.gitignore'))).toBe(false)
})

test('what somebody wrote into .gitignore stays', () => {
  makeDirectory(join(root, '.postern'))
  writeFileSync(join(root, '.postern', '.gitignore'), 'mine\n')
  makeDirectory(join(root, '.postern'))
  expect(readFileSync(join(root, '.postern', '.gitignore'), 'utf8')).toBe('mine\n')
})

test('a place that is none is told, and not waited for', () => {
  writeFileSync(join(root, 'file'), '')
  expect(() => makeDirectory(join(root, 'file', 'x', 'db'))).toThrow('ENOTDIR')
  expect(() => makeDirectory(join(root, 'file'))).toThrow('EEXIST')
})

test.runIf(existsSync('/proc/self'))('a place like /proc, where Node itself never returns, is told as well', () => {
  expect(() => makeDirectory('/proc/nowhere/db')).toThrow('ENOENT')
})
