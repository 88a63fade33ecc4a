import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** What a user gets from npm is not this folder but two tarballs: these tests use those, in a project of their own. */
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'postern-packed-'))
const PACKAGES = ['postern', '@postern/cli'] as const

interface Packed {
  readonly name: string
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}
let packed: readonly Packed[]

beforeAll(() => {
  const words = [
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    place,
    ...PACKAGES.flatMap((name) => ['-w', name]),
  ]
  packed = JSON.parse(run('npm', words, ROOT)) as Packed[]
})

afterAll(() => rmSync(place, { recursive: true, force: true }))

describe.each(PACKAGES)('the tarball of %s', (name) => {
  const paths = () => packed.find((each) => each.name === name)!.files.map(({ path }) => path)

  test('holds what is built, its types, its source for stack traces, and what a reader expects', () => {
    expect(paths()).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE']))
    expect(paths().some((path) => path.startsWith('dist/') && path.endsWith('.js'))).toBe(true)
    expect(paths().some((path) => path.startsWith('dist/') && path.endsWith('.d.ts'))).toBe(true)
    expect(paths().some((path) => path.startsWith('src/'))).toBe(true)
  })

  test('holds no test, no database and no secret', () => {
    expect(paths().filter((path) => /\.test\.|tsbuildinfo|(^|\/)(test\/|\.postern|\.env)/.test(path))).toEqual([])
  })
})

test('what runs in production brings no compiler, parser or migration tool along', () => {
  const names = dependenciesOf('postern')
  expect(names).toContain('drizzle-orm')
  expect(names.filter((name) => /esbuild|drizzle-kit|oxc|oxlint|typescript|vitest|libpg/.test(name))).toEqual([])
})

test('the audit is one file, which starts in a third of the time of its modules', () => {
  const paths = packed.find(({ name }) => name === '@postern/cli')!.files.map(({ path }) => path)
  expect(paths).toContain('dist/auditor.js')
})

describe('a project that installed the tarballs', () => {
  const project = join(place, 'project')

  beforeAll(() => {
    const dependencies = Object.fromEntries(PACKAGES.map((name) => [name, tarball(name)]))
    write('package.json', JSON.stringify({ private: true, type: 'module', dependencies }))
    write(
      'schema.ts',
      `import { id, table, text, user } from 'postern/schema'
export const notes = table('notes', { id: id(), text: text().notNull() }, { owner: user() })
`,
    )
    write(
      'backend.ts',
      `import { createBackend } from 'postern'
import { database } from 'postern/database'
import * as schema from './schema.js'
export const backend = createBackend({ database: database({ schema }), auth: () => null })
export const { endpoint } = backend
`,
    )
    write(
      'app/api/notes/route.ts',
      `import { listQuery, page } from 'postern'
import { endpoint } from '../../../backend.js'
import { notes } from '../../../schema.js'
export const GET = endpoint({ query: listQuery(notes) }, page(notes))
`,
    )
    write(
      'webhooks.ts',
      `import { github, type Signer } from 'postern/webhooks'
export const from: Signer = github({ secrets: 'a secret that is typed in' })
`,
    )
    write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          strict: true,
          module: 'nodenext',
          target: 'es2023',
          noEmit: true,
          skipLibCheck: true,
          types: [],
        },
      }),
    )
    run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], project)
  }, 240_000)

  test('compiles against the published types', () => {
    expect(run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', project], project)).toBe('')
  })

  test('makes its migration and lists what can be called', () => {
    expect(run('npx', ['postern', 'migrate', 'new', 'init'], project)).toContain('0001_init.sql')
    const inventory = JSON.parse(run('npx', ['postern', 'routes', '--json'], project)) as { endpoints: object[] }
    expect(inventory.endpoints).toMatchObject([{ method: 'GET', path: '/api/notes', auth: 'user', paginated: true }])
  })

  test('judges a delivery, with nothing of the project', () => {
    const signature = createHmac('sha256', 'a secret that is typed in').update('{}').digest('hex')
    write('headers.json', JSON.stringify({ 'x-hub-signature-256': `sha256=${signature}`, 'x-github-event': 'ping' }))
    write('body.json', '{}')
    const flags = ['--provider', 'github', '--secret', 'a secret that is typed in', '--headers', 'headers.json']
    const said = run('npx', ['postern', 'webhooks', 'verify', ...flags, '--body', 'body.json', '--json'], project)
    expect(JSON.parse(said)).toEqual({ valid: true, reason: null, events: [{ id: null, type: 'ping' }] })
  })

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(project, file)), { recursive: true })
    writeFileSync(join(project, file), text)
  }
})

function run(command: string, words: readonly string[], cwd: string): string {
  return execFileSync(command, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Every package that installing this one brings, by the lock file; what is optional or only for development is not brought. */
function dependenciesOf(name: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dependencies?: Record<string, string>; link?: boolean; resolved?: string }>
  }
  const seen = new Set<string>()
  const visit = (dependency: string) => {
    const entry = packages[`node_modules/${dependency}`]
    const found = entry?.link === true ? packages[entry.resolved!] : entry
    for (const next of Object.keys(found?.dependencies ?? {})) {
      if (!seen.has(next)) visit((seen.add(next), next))
    }
  }
  visit(name)
  return [...seen].sort()
}

function tarball(name: string): string {
  return `file:../${packed.find((each) => each.name === name)!.filename}`
}
