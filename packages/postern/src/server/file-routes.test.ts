import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { findRoutes } from './file-routes.js'

const projects: string[] = []
afterEach(async () => {
  for (const project of projects.splice(0)) await rm(project, { recursive: true })
})

async function projectOf(...files: string[]): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), 'routes-'))
  projects.push(project)
  for (const file of files) {
    await mkdir(dirname(join(project, file)), { recursive: true })
    await writeFile(join(project, file), '')
  }
  return project
}

async function pathsOf(...files: string[]): Promise<string[]> {
  return (await findRoutes(await projectOf(...files))).map((route) => route.path)
}

describe('finding routes as the App Router does', () => {
  test('a folder is a segment, whatever the extension of its route file', async () => {
    expect(
      await pathsOf('app/route.ts', 'app/a/route.tsx', 'app/b/route.js', 'app/c/route.mjs', 'app/d/page.tsx'),
    ).toEqual(['/', '/a', '/b', '/c'])
  })

  test('a route says where it stands and how people write its path', async () => {
    const project = await projectOf('app/api/invoices/[id]/files/[...path]/route.ts')
    expect(await findRoutes(project)).toEqual([
      {
        file: join(project, 'app/api/invoices/[id]/files/[...path]/route.ts'),
        path: '/api/invoices/[id]/files/[...path]',
        pattern: '/api/invoices/:id/files/*path',
        segments: [
          { kind: 'static', value: 'api' },
          { kind: 'static', value: 'invoices' },
          { kind: 'dynamic', name: 'id' },
          { kind: 'static', value: 'files' },
          { kind: 'catch-all', name: 'path' },
        ],
      },
    ])
  })

  test('groups and slots leave no trace, private folders are skipped, %5F is an underscore', async () => {
    expect(
      await pathsOf(
        'app/(shop)/api/a/route.ts',
        'app/@panel/api/b/route.ts',
        'app/_lib/api/c/route.ts',
        'app/api/_d/route.ts',
        'app/api/%5Fe/route.ts',
      ),
    ).toEqual(['/api/_e', '/api/a', '/api/b'])
  })

  test('src/app is read only where there is no app', async () => {
    expect(await pathsOf('src/app/a/route.ts')).toEqual(['/a'])
    expect(await pathsOf('src/app/a/route.ts', 'app/b/route.ts')).toEqual(['/b'])
  })

  test('the order is precedence, not the order of files', async () => {
    expect(
      await pathsOf(
        'app/[[...all]]/route.ts',
        'app/x/[...rest]/route.ts',
        'app/x/[id]/route.ts',
        'app/x/[id]/z/route.ts',
        'app/x/new/route.ts',
      ),
    ).toEqual(['/x/new', '/x/[id]', '/x/[id]/z', '/x/[...rest]', '/[[...all]]'])
  })
})

describe('refusing what has two meanings', () => {
  test('two files for one path are both named', async () => {
    await expect(pathsOf('app/(a)/x/route.ts', 'app/(b)/x/route.ts')).rejects.toMatchObject({
      message: 'app/(a)/x/route.ts and app/(b)/x/route.ts answer the same path',
      hint: 'Keep one of them',
    })
    await expect(pathsOf('app/x/route.ts', 'app/x/route.js')).rejects.toThrow('app/x/route.js and app/x/route.ts')
  })

  test('two names for one segment are both named, even where the paths go on differently', async () => {
    await expect(pathsOf('app/x/[id]/a/route.ts', 'app/x/[slug]/b/route.ts')).rejects.toThrow(
      'app/x/[id]/a/route.ts and app/x/[slug]/b/route.ts call the same segment by two names, [id] and [slug]',
    )
  })

  test.each([
    [['app/x/route.ts', 'app/x/[[...rest]]/route.ts'], 'answer the same path'],
    [['app/x/[...a]/route.ts', 'app/x/[[...b]]/route.ts'], 'answer the same path'],
    [['app/[...rest]/x/route.ts'], 'follows a catch-all'],
    [['app/[id]/x/[id]/route.ts'], 'names "id" twice'],
    [['app/[[id]]/route.ts'], 'not a segment'],
    [['app/a[id]/route.ts'], 'not a segment'],
    [['app/[...]/route.ts'], 'not a segment'],
    [['app/(.)photo/route.ts'], "intercepts a page's navigation"],
    [['app/(..)(..)photo/route.ts'], "intercepts a page's navigation"],
    [['lib/route.ts'], 'no app folder'],
  ])('%j is refused: %s', async (files, message) => {
    await expect(pathsOf(...files)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      hint: expect.any(String),
    })
  })
})
