import { describe, expect, test } from 'vitest'
import type { Finding, Report } from '../finding.js'
import { RULEBOOK } from '../rules/rulebook.js'
import { checklistOf } from './checklist.js'
import { findingsAgent } from './findings-agent.js'
import { findingsGithub } from './findings-github.js'
import { findingsSarif } from './findings-sarif.js'
import { findingsText } from './findings-text.js'

const plain = { paint: (_: unknown, text: string) => text }

const finding: Finding = {
  rule: 'auth-missing',
  severity: 'error',
  confidence: 'high',
  file: 'app/api/posts/route.ts',
  line: 2,
  column: 3,
  symbol: 'DELETE',
  symbolLine: 1,
  kind: 'endpoint',
  message: 'DELETE deletes from post, and nothing has asked who is calling',
  why: 'Because',
  fix: 'Ask first',
  fingerprint: '0123456789abcdef01234567',
  trace: [],
}
const report: Report = {
  version: 1,
  root: '/project',
  files: 3,
  endpoints: 1,
  ms: 1_234,
  findings: [finding],
  suppressed: [],
  unreadable: [],
  faults: [],
}
const elsewhere = { ...finding, trace: [{ file: 'lib/a.ts', line: 7, column: 1, text: 'clear()' }] }

test('text: the place can be clicked, its code is shown, and what to do stands last', () => {
  const lines = findingsText(report, () => 'export async function DELETE() {\n  await clear()\n}', plain)
  expect(lines).toEqual([
    'app/api/posts/route.ts',
    '  app/api/posts/route.ts:2:3 error auth-missing',
    '    DELETE deletes from post, and nothing has asked who is calling.',
    '    2 │   await clear()',
    '          ~~~~~~~~~~~~~',
    '    Fix: Ask first.',
    '',
    '1 found, 1 of them with high confidence, in 3 files and 1 that can be called, in 1.2 s',
  ])
})

test('text: what could not be read, and a rule that broke, are said; nothing found is said too', () => {
  const broken = {
    ...report,
    findings: [],
    unreadable: [{ file: 'a.ts', reason: 'binary' }],
    faults: [{ rule: 'x', error: 'Error: no\n at' }],
  }
  expect(findingsText(broken, () => undefined, plain)).toEqual([
    'The rule x broke, which is our fault: Error: no',
    'Not read: a.ts (binary)',
    'Nothing found in 3 files and 1 that can be called, in 1.2 s',
  ])
})

test('github: one annotation a finding, with what would end it escaped', () => {
  const odd = { ...finding, file: 'app/a,b:c.ts', message: '100 % of\r\nit' }
  expect(findingsGithub([finding, odd, { ...finding, severity: 'info' }])).toEqual([
    '::error file=app/api/posts/route.ts,line=2,col=3,title=auth-missing::DELETE deletes from post, and nothing has asked who is calling. Ask first.',
    '::error file=app/a%2Cb%3Ac.ts,line=2,col=3,title=auth-missing::100 %25 of%0D%0Ait. Ask first.',
    expect.stringMatching(/^::notice /),
  ])
})

describe('agent', () => {
  test('the gravest first, the place before the words', () => {
    const text = findingsAgent([{ ...finding, severity: 'warning', line: 9 }, finding])
    expect(text.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'app/api/posts/route.ts:2',
      'app/api/posts/route.ts:9',
    ])
  })

  test.each([0, 1, 50, 5_000])('never more than 4,000 characters: %i findings', (many) => {
    const text = findingsAgent(Array.from({ length: many }, (_, index) => ({ ...finding, line: index })))
    expect(text.length).toBeLessThanOrEqual(4_000)
    expect(/\n\d+ more: run postern check --format json$/.test(text)).toBe(many > 25)
  })
})

describe('sarif', () => {
  const sarif = findingsSarif({ ...report, findings: [finding, elsewhere] }, RULEBOOK, '1.2.3') as {
    runs: readonly {
      results: readonly Record<string, unknown>[]
      tool: { driver: { rules: readonly { id: string }[] } }
    }[]
  }

  test('names its rules, and each result one of them', () => {
    const [run] = sarif.runs
    const { rules } = run!.tool.driver
    expect(rules.map(({ id }) => id)).toEqual(RULEBOOK.map(({ id }) => id))
    for (const { ruleId, ruleIndex } of run!.results) expect(rules[ruleIndex as number]?.id).toBe(ruleId)
  })

  test('places count from 1, and the way to a defect is a code flow', () => {
    const [, result] = sarif.runs[0]!.results
    expect(result).toMatchObject({
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'app/api/posts/route.ts', uriBaseId: 'ROOT' },
            region: { startLine: 2, startColumn: 3 },
          },
        },
      ],
      partialFingerprints: { 'postern/v1': finding.fingerprint },
      codeFlows: [{ threadFlows: [{ locations: [{ location: { message: { text: 'clear()' } } }] }] }],
    })
  })
})

test('the checklist counts what is shown, and says where nothing looks', () => {
  const lines = checklistOf(
    [finding, { ...finding, confidence: 'medium' }],
    RULEBOOK.map(({ id }) => id as string).filter((id) => !id.startsWith('se')),
  )
  expect(lines.map(({ verdict, findings }) => [verdict, findings])).toEqual([
    ['fail', 1],
    ['pass', 0],
    ['pass', 0],
    ['pass', 0],
    ['pass', 0],
    ['not-checked', 0],
    ['pass', 0],
  ])
})
