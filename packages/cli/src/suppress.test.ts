import { describe, expect, test } from 'vitest'
import { SourceFile } from './facts/source/source-file.js'
import type { Finding } from './finding.js'
import { suppress } from './suppress.js'

const at = (file: string, line: number, rule = 'rls-open'): Finding => ({
  rule,
  severity: 'error',
  confidence: 'high',
  file,
  line,
  column: 1,
  symbol: null,
  symbolLine: line,
  kind: 'table',
  message: '',
  why: '',
  fix: '',
  fingerprint: `${rule}:${line}`,
  trace: [],
})

const suppressedIn = (file: string, text: string, ...findings: Finding[]) =>
  suppress(findings, [new SourceFile(file, text)])

describe('a comment of any language that is read', () => {
  test.each([
    ['a.sql', '-- postern-ignore rls-open: a catalog\ncreate policy x'],
    ['a.sql', 'create policy x -- postern-ignore rls-open: a catalog'],
    ['a.sql', '/* postern-ignore rls-open: a catalog */\ncreate policy x'],
    ['a.sql', "insert into a values ('it''s -- quoted'); -- postern-ignore rls-open: a catalog"],
    ['a.prisma', 'url = "https://x" // postern-ignore rls-open: a catalog'],
    ['a.ts', '// postern-ignore rls-open: a catalog\nwork()'],
    ['a.ts', 'work() // postern-ignore rls-open: a catalog'],
    ['a.ts', 'work(/* postern-ignore rls-open: a catalog */)'],
    ['a.ts', '/**\n * postern-ignore rls-open: a\n *   catalog\n */\nwork()'],
    ['a.tsx', 'const a = <p>\n{/* postern-ignore rls-open: a catalog */}\n{work()}</p>'],
    ['a.ts', '// postern-ignore n-plus-one, rls-open : a catalog\r\nwork()\r\n'],
  ])('%s: %j', (file, text) => {
    const lines = text.split('\n')
    const line = Math.max(1, lines.findIndex((one) => /work|create policy|url|insert/.test(one)) + 1)
    const { findings, suppressed } = suppressedIn(file, text, at(file, line))
    expect(findings).toEqual([])
    expect(suppressed.map(({ reason }) => reason)).toEqual(['a catalog'])
  })
})

describe('what only looks like one takes nothing away', () => {
  test.each([
    ['a.ts', 'const text = `\n// postern-ignore rls-open: a catalog\n`'],
    ['a.ts', "const text = '// postern-ignore rls-open: a catalog'\n"],
    ['a.sql', "insert into a values ('\n-- postern-ignore rls-open: a catalog\n')"],
    ['a.ts', '// see postern-ignore rls-open: a catalog\n'],
    ['a.ts', '// postern-ignored rls-open: a catalog\n'],
  ])('%s: %j', (file, text) => {
    const found = [1, 2, 3].map((line) => at(file, line))
    expect(suppressedIn(file, text, ...found)).toEqual({ findings: found, suppressed: [], unused: [] })
  })
})

test('it holds for its rule, its file, its line and the next, and says what it did not need', () => {
  const text = '\n\n// postern-ignore rls-open, n-plus-one: meant so\n\n\n'
  const findings = [2, 3, 4, 5].map((line) => at('a.ts', line))
  const {
    findings: kept,
    suppressed,
    unused,
  } = suppressedIn('a.ts', text, ...findings, at('b.ts', 4), at('a.ts', 4, 'x'))
  expect(kept.map(({ file, line, rule }) => `${rule} ${file}:${line}`)).toEqual([
    'rls-open a.ts:2',
    'rls-open a.ts:5',
    'rls-open b.ts:4',
    'x a.ts:4',
  ])
  expect(suppressed.map(({ line }) => line)).toEqual([3, 4])
  expect(unused.map(({ at: { file, node }, ...said }) => ({ ...said, ...file.placeOf(node.start) }))).toEqual([
    { file: 'a.ts', line: 3, column: 1, rule: 'n-plus-one', hasReason: true },
  ])
})

test.each(['', ':', ': ', ' because it is so'])('%j is no reason', (said) => {
  const { suppressed, unused } = suppressedIn('a.ts', `// postern-ignore rls-open${said}\n`, at('a.ts', 1))
  expect(suppressed).toEqual([])
  expect(unused).toMatchObject([{ rule: 'rls-open', hasReason: false }])
})

test.each([
  ['spaces', (text: string) => `// postern-ignore rls-open:${text}x`, ' '],
  ['quotes', (text: string) => `-- postern-ignore rls-open: x\n${text}`, "'"],
  ['openings', (text: string) => `-- postern-ignore rls-open: x\n${text}`, '/*'],
  ['rules', (text: string) => `// postern-ignore ${text}`, 'a,'],
])('a megabyte of %s is read once', (_, around, unit) => {
  const text = around(unit.repeat(1_000_000 / unit.length))
  const began = performance.now()
  for (const file of ['a.ts', 'a.sql']) suppressedIn(file, text)
  // Read again for each character it would be hours.
  expect(performance.now() - began).toBeLessThan(20_000)
})
