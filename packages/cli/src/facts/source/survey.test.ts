import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { survey, surveyOf } from './survey.js'

const made: string[] = []
afterEach(() => made.splice(0).forEach((root) => rmSync(root, { recursive: true })))

function treeWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'survey-'))
  made.push(root)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const asked = () => true

test('which files there are, which of them have no text, and which import which', async () => {
  const root = treeWith({
    'a.ts': "import { b } from './b'\nimport c from 'c'",
    'b.ts': "export * from './lib/c'",
    'lib/c.ts': "export const d = '\0'",
    'lib/d.sql': '\0',
    'tsconfig.json': '{}',
  })
  const found = surveyOf(await survey(root, asked), root)!
  expect(found.tree.files).toEqual(['a.ts', 'b.ts', 'lib/c.ts', 'lib/d.sql', 'tsconfig.json'])
  expect(found.tree.read('b.ts')).toEqual({ text: "export * from './lib/c'" })
  expect([...found.lost]).toEqual([
    ['lib/c.ts', 'binary'],
    ['lib/d.sql', 'binary'],
  ])
  expect([...found.graph.importersOf(['lib/c.ts'])]).toEqual(['lib/c.ts', 'b.ts', 'a.ts'])
  expect([...found.graph.importedBy(['b.ts'])]).toEqual(['b.ts', 'lib/c.ts'])
  expect([...found.graph.within(['b.ts']).importersOf(['lib/c.ts'])]).toEqual(['lib/c.ts', 'b.ts'])
})

describe('nothing is taken for a survey', () => {
  test('of another tree, or where none was written', async () => {
    const text = await survey(treeWith({ 'a.ts': '' }), asked)
    expect(surveyOf(text, '/elsewhere')).toBeUndefined()
    expect(surveyOf('', '/elsewhere')).toBeUndefined()
  })

  test('where nobody asks any more', async () => {
    const files = Array.from({ length: 40 }, (_, index) => [`${index}.ts`, ' '.repeat(1_000_000)] as const)
    expect(await survey(treeWith(Object.fromEntries(files)), () => false)).toBe('')
  })

  test('where one file would take long', { timeout: 20_000 }, async () => {
    const paths = Array.from({ length: 20_000 }, (_, index) => [`n${index}/*`, ['./*']])
    const root = treeWith({
      'tsconfig.json': JSON.stringify({ compilerOptions: { paths: Object.fromEntries(paths) as unknown } }),
      'a.ts': Array.from({ length: 60_000 }, (_, index) => `import 'a${index}'`).join('\n'),
    })
    await expect(survey(root, asked)).rejects.toThrow('takes too long')
  })
})
