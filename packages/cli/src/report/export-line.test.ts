import { expect, test } from 'vitest'
import { exportLine } from './export-line.js'

test.each([
  ['const', "import x from 'y'\n\nexport const GET = x()", 3],
  ['function', '\nexport async function GET() {}', 2],
  ['destructured over lines', 'export const {\n  POST,\n  GET,\n} = routes()', 3],
  ['under another name', 'const list = 1\nexport { list as GET }', 2],
  ['not in a comment', '// export const GET = 1\n/*\nexport const GET = 2 */\nexport const GET = 3', 4],
  ['not a longer name', 'export const GETTER = 1\nexport const GET = 2', 2],
  ['one that another file exports', "export * from './other.js'", 1],
])('%s', (_name, source, line) => {
  expect(exportLine(source, 'GET')).toBe(line)
})
