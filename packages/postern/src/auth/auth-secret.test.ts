import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { transformWithOxc } from 'vite'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { authSecret } from './auth-secret.js'

const made: string[] = []
let directory: string

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'postern-secret-'))
  made.push(root)
  directory = join(root, '.postern')
})
afterAll(() => made.forEach((each) => rmSync(each, { recursive: true })))

const given = 'given-by-the-environment-0123456789'

it('is the one from the environment, ours before better-auth’s, and writes nothing', () => {
  expect(authSecret({ env: { POSTERN_AUTH_SECRET: given, BETTER_AUTH_SECRET: `x${given}` }, directory })).toBe(given)
  expect(authSecret({ env: { POSTERN_AUTH_SECRET: '', BETTER_AUTH_SECRET: given }, directory })).toBe(given)
  expect(() => readdirSync(directory)).toThrow('ENOENT')
})

it('is generated once outside production, readable by its owner alone, and survives a restart', () => {
  const secret = authSecret({ env: {}, directory })
  expect(secret).toMatch(/^[\w-]{43}$/)
  expect(authSecret({ env: { NODE_ENV: 'development' }, directory })).toBe(secret)
  expect(statSync(join(directory, 'auth-secret')).mode & 0o777).toBe(0o600)
  // Nor does git see it, whatever host runs this.
  expect(readdirSync(directory)).toEqual(['.gitignore', 'auth-secret'])
  expect(readFileSync(join(directory, '.gitignore'), 'utf8')).toBe('*\n')
})

it('differs from directory to directory', () => {
  expect(authSecret({ env: {}, directory })).not.toBe(authSecret({ env: {}, directory: `${directory}-other` }))
})

it('is the same for processes that start at the same time', async () => {
  const root = dirname(directory)
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  mkdirSync(join(root, 'auth'))
  for (const name of ['auth/auth-secret', 'own-directory']) {
    const source = readFileSync(new URL(`../${name}.ts`, import.meta.url), 'utf8')
    writeFileSync(join(root, `${name}.js`), (await transformWithOxc(source, `${name}.ts`)).code)
  }
  const module = join(root, 'auth', 'auth-secret.js')
  const script = `import { authSecret } from ${JSON.stringify(pathToFileURL(module).href)}
    while (Date.now() < Number(process.argv[2]));
    process.stdout.write(authSecret({ env: {}, directory: process.argv[1] }))`
  const at = String(Date.now() + 1500)
  const starts = Array.from({ length: 8 }, () =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, directory, at]),
  )
  const secrets = new Set((await Promise.all(starts)).map(({ stdout }) => stdout))
  expect(secrets.size).toBe(1)
  expect([...secrets][0]).toBe(readFileSync(join(directory, 'auth-secret'), 'utf8').trim())
  expect(readdirSync(directory)).toEqual(['.gitignore', 'auth-secret'])
})

it('is demanded in production: one sentence, and what to set', () => {
  const refusal = (() => {
    try {
      return authSecret({ env: { NODE_ENV: 'production' }, directory })
    } catch (error) {
      return error
    }
  })()
  expect(refusal).toMatchObject({
    message: 'No secret to sign sessions with',
    hint: expect.stringContaining('POSTERN_AUTH_SECRET'),
  })
  expect(() => readdirSync(directory)).toThrow('ENOENT')
})

it('is not demanded while Next.js builds, where nobody is served, and none is kept', () => {
  const env = { NODE_ENV: 'production', NEXT_PHASE: 'phase-production-build' }
  expect(authSecret({ env, directory })).not.toBe(authSecret({ env, directory }))
  expect(() => readdirSync(directory)).toThrow('ENOENT')
})

it('is refused when it is short, in the environment or in the file', () => {
  expect(() => authSecret({ env: { POSTERN_AUTH_SECRET: 'short' }, directory })).toThrow('shorter than 32 characters')
  authSecret({ env: {}, directory })
  writeFileSync(join(directory, 'auth-secret'), '')
  expect(() => authSecret({ env: {}, directory })).toThrow('shorter than 32 characters')
})
