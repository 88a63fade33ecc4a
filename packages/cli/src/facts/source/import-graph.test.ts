import { describe, expect, test } from 'vitest'
import { ImportGraph } from './import-graph.js'
import type { ImportResolver } from './resolve-import.js'
import type { SourceFile } from './source-file.js'

/** A tree in which every specifier is a file's name. */
const resolver = { resolve: (specifier: string) => ({ kind: 'file', path: specifier }) } as unknown as ImportResolver

function importedBy(text: string): string[] {
  const graph = ImportGraph.of([{ path: 'here', text } as SourceFile], resolver)
  return [...graph.importedBy(['here'])].filter((path) => path !== 'here')
}

describe('what a file imports', () => {
  test.each([
    ["import a from 'a'", ['a']],
    ["import 'a'", ['a']],
    ['export * from "a"', ['a']],
    ["const a = await import( 'a' )", ['a']],
    ["const a = require('a')", ['a']],
    ["import(/* webpackChunkName: 'x' */ 'a')", ['a']],
    ["import {\n  a,\n} from\n  'a'", ['a']],
    ['import(`a`)', ['a']],
    ["important('a'); transform 'b'", []],
    ["from 'a\n'", []],
  ])('%s', (text, expected) => {
    expect(importedBy(text)).toEqual(expected)
  })
})

/** So long that what grows with the square of it would not end on the day. */
const LENGTH = 1_400_000
const filled = (part: string) => part.repeat(Math.ceil(LENGTH / part.length))

describe('hostile texts are read to their end', () => {
  test.each([
    ['white space', `import${filled(' ')}x`],
    ['empty lines', `from${filled('\n')}x`],
    ['white space behind a bracket', `import(${filled(' ')}x`],
    ['comments that do not end', filled('from/*')],
    ['brackets', filled('import(')],
    ['brackets and space', filled('import ( ')],
    ['quotes that do not close', filled("from'")],
    ['one quote that does not close', `from'${filled('a')}`],
    ['words', filled('from')],
    ['words apart', filled('from import ')],
  ])('%s', { timeout: 20_000 }, (_, text) => {
    expect(importedBy(`${text}\nimport a from 'a'`)).toContain('a')
  })
})
