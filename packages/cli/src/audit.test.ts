import { describe, expect, test } from 'vitest'
import { audit } from './audit.js'
import { treeOf } from './facts/source/read-tree.js'
import { Variable } from './facts/trace/scope.js'
import { literal } from './facts/trace/value.js'
import type { BookedRule } from './rules/rule.js'
import { RULEBOOK } from './rules/rulebook.js'

const FILE = 'app/api/posts/route.ts'
const OPEN = `import { db } from '@/lib/db'

export async function DELETE() {
  try {
    await db.post.deleteMany({ where: { published: false } })
    return new Response(null, { status: 204 })
  } catch (error) {
    console.error(error)
    return new Response(null, { status: 500 })
  }
}
`

const auditOf = (code: string, rules: readonly BookedRule[] = RULEBOOK) => audit(treeOf({ [FILE]: code }), rules)

test('what a rule asks for and is not there is no file that could not be read', async () => {
  const code = "import { pool } from './pool'\n\nexport const asTenant = () => pool.query('set role tenant')\n"
  const { findings, unreadable } = await audit(treeOf({ 'lib/deep/tenant.ts': code }), RULEBOOK)
  expect(findings.map(({ rule }) => rule)).toEqual(['scope-escape'])
  expect(unreadable).toEqual([])
})

test('a finding says what, where, why, and what to do', async () => {
  const { version, files, endpoints, findings, unreadable, faults } = await auditOf(OPEN)
  expect({ version, files, endpoints, unreadable, faults }).toEqual({
    version: 1,
    files: 1,
    endpoints: 1,
    unreadable: [],
    faults: [],
  })
  expect(findings).toEqual([
    {
      rule: 'auth-missing',
      severity: 'error',
      confidence: 'high',
      file: FILE,
      line: 5,
      column: 11,
      endLine: 5,
      endColumn: 62,
      symbol: 'DELETE',
      symbolLine: 3,
      kind: 'endpoint',
      message: 'DELETE deletes from post, and nothing has asked who is calling',
      why: expect.stringContaining('Whoever finds the address can call it'),
      fix: 'Ask for the session first, and answer 401 where there is none',
      trace: [],
      fingerprint: expect.stringMatching(/^[0-9a-f]{24}$/),
    },
  ])
})

test('what is wrong in another file is told where it can be called, with the calls that lead there', async () => {
  const files = {
    [FILE]:
      "import { clear } from '../../../lib/clear'\nexport async function DELETE() {\n  await clear().catch(console.error)\n  return new Response(null)\n}\n",
    'lib/clear.ts':
      "import { db } from '@/lib/db'\nexport async function clear() {\n  await db.post.deleteMany({ where: { published: false } })\n}\n",
  }
  const found = (await audit(treeOf(files), RULEBOOK)).findings.find(({ rule }) => rule === 'auth-missing')
  expect(found).toMatchObject({ file: FILE, line: 3, symbol: 'DELETE' })
  expect(found?.trace).toEqual([
    { file: FILE, line: 3, column: 9, text: 'clear()' },
    { file: 'lib/clear.ts', line: 3, column: 9, text: 'db.post.deleteMany({ where: { published: false } })' },
  ])
})

test('a fingerprint stays when lines move, and two alike are two', async () => {
  const before = (await auditOf(OPEN)).findings[0]!
  const after = (await auditOf(`// A comment\n\n${OPEN}`)).findings[0]!
  expect(after.line).toBe(before.line + 2)
  expect(after.fingerprint).toBe(before.fingerprint)
  const twice = await auditOf(
    OPEN.replace(/( {4}await db.*\n)/, "$1    console.log('between')\n$1").replace('export', 'export'),
    [everyWrite],
  )
  expect(new Set(twice.findings.map(({ fingerprint }) => fingerprint)).size).toBe(2)
})

/** Speaks at every query. */
const everyWrite: BookedRule = {
  id: 'every-write',
  why: '',
  rule: {
    title: '',
    severity: 'info',
    references: [],
    *entry({ facts }) {
      for (const fact of facts) if (fact.fact === 'query') yield { at: fact, confidence: 'high', message: '', fix: '' }
    },
  },
}

test('a rule that breaks is our fault, and the others go on', async () => {
  const broken: BookedRule = {
    ...everyWrite,
    id: 'broken',
    rule: {
      ...everyWrite.rule,
      entry: () => {
        throw new Error('out of order')
      },
    },
  }
  const { findings, faults } = await auditOf(OPEN, [broken, everyWrite])
  expect(findings).toHaveLength(1)
  expect(faults).toMatchObject([{ rule: 'broken', error: expect.stringContaining('out of order') }])
})

function suppressedBy(comment: string, at: string) {
  return auditOf(OPEN.replace(at, `${comment}\n${at}`))
}

describe('a comment takes a finding away', () => {
  test.each([
    ['above the place', '    await'],
    ['above what can be called', 'export async'],
  ])('%s, with its reason', async (_, at) => {
    const { findings, suppressed } = await suppressedBy(
      '// postern-ignore auth-missing: a job of the cluster calls it',
      at,
    )
    expect(findings).toEqual([])
    expect(suppressed).toMatchObject([{ rule: 'auth-missing', reason: 'a job of the cluster calls it' }])
  })

  test('one of several rules', async () => {
    const { findings } = await suppressedBy('/* postern-ignore n-plus-one, auth-missing: meant so */', '    await')
    expect(findings.map(({ rule, message }) => [rule, message])).toEqual([
      ['unused-suppression', 'This comment takes away n-plus-one, which is not found here'],
    ])
  })

  test('not without a reason', async () => {
    const { findings, suppressed } = await suppressedBy('// postern-ignore auth-missing', '    await')
    expect(findings.map(({ rule }) => rule)).toEqual(['auth-missing', 'unused-suppression'])
    expect(suppressed).toEqual([])
  })

  test('not from elsewhere, and not out of a text', async () => {
    const { findings } = await auditOf(
      `// postern-ignore auth-missing: too far away\n\n${OPEN}const text = '// postern-ignore auth-missing: no comment'\n`,
    )
    expect(findings.map(({ rule }) => rule)).toEqual(['auth-missing', 'unused-suppression'])
  })

  test('of a rule that was not asked nothing is said', async () => {
    const { findings } = await audit(
      treeOf({ [FILE]: `// postern-ignore n-plus-one: three tables\n${OPEN}` }),
      RULEBOOK.filter(({ id }) => id === 'error-leak'),
    )
    expect(findings).toEqual([])
  })
})

describe('whatever is in a tree, an audit ends and says what it could not read', () => {
  test.each<[string, string]>([
    ['a file that breaks off', 'export async function GET(request: Request) { if (request'],
    ['no code at all', '<<<<<<< HEAD\n=======\n>>>>>>> other'],
    ['a line of a megabyte', `export const GET = () => [${'1,'.repeat(500_000)}]`],
    ['deep nesting', `export const GET = () => ${'('.repeat(2_000)}1${')'.repeat(2_000)}`],
    ['a long chain', `export const GET = () => x${'.then(y => y)'.repeat(2_000)}`],
    ['a function that calls itself', 'export function GET() { return GET() + GET() + GET() }'],
    ['many branches', `export function GET(q) { ${'if (q.a) q = f(q); else q = g(q);'.repeat(500)} }`],
    [
      'names of Object.prototype',
      'export const GET = ({ constructor, __proto__: p }) => constructor.toString.call(p).hasOwnProperty.valueOf()',
    ],
    ['an object of itself', 'const a = {}; a.a = a; export const GET = () => a.a.a.a'],
  ])('%s', async (_, code) => {
    const { faults } = await auditOf(code)
    expect(faults).toEqual([])
  })
})

test('a comment that names no rule there is takes nothing away, and is told whatever was asked', async () => {
  const [one] = RULEBOOK
  const { findings } = await auditOf(`// postern-ignore auth-mising: a typing mistake\n`, [one])
  expect(findings.map(({ rule, message }) => [rule, message])).toEqual([
    ['unused-suppression', 'This comment takes away auth-mising, which is not found here'],
  ])
})

const routeOf = (code: string) => ({ [FILE]: code })

describe('what stands in a ring, or grows without end, ends', () => {
  const routers = Array.from({ length: 9 }, (_, index) => `const r${index} = express.Router()`).join('\n')
  const mounts = Array.from({ length: 8 }, (_, index) => `r${index}.use('/p', r${index + 1})\n`.repeat(8)).join('')
  test.each<[string, Record<string, string>]>([
    [
      'modules that pass on a name of each other',
      { ...routeOf("export { GET } from './a'"), 'app/api/posts/a.ts': "export { GET } from './route'" },
    ],
    [
      'modules that hold each other whole',
      {
        ...routeOf("import * as a from './a'\nexport const GET = () => a.b.a.b()"),
        'app/api/posts/a.ts': "export * as b from './b'",
        'app/api/posts/b.ts': "export * as a from './a'\nexport * as b from './b'",
      },
    ],
    ['a class of itself', routeOf('class A extends A {}\nexport const GET = () => new A().m()')],
    [
      'classes of each other',
      routeOf('class A extends B {}\nclass B extends A {}\nexport const GET = () => new A().m()'),
    ],
    [
      'classes that make each other',
      routeOf('class A { b = new B() }\nclass B { a = new A() }\nexport const GET = () => new A().b'),
    ],
    ['a class that needs itself', routeOf('class A { constructor(a: A) {} }\nexport const GET = (a: A) => a.m()')],
    [
      'a list that doubles',
      routeOf(`export const GET = () => { let a = [1, 2]; ${'a = [...a, ...a];'.repeat(40)} return a }`),
    ],
    [
      'a text that doubles',
      routeOf(`export const GET = (r) => { let a = 'x' + r.url; ${'a = a + a + `${a}${a}`;'.repeat(40)} return a }`),
    ],
    ['thousands of ways out', routeOf(`export function GET(q) { ${'if (q.a) return q.b;'.repeat(4_000)} }`)],
    [
      'conditions of a package in conditions',
      {
        'package.json': `{"name":"p","exports":{".":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
        ...routeOf("import a from 'p'\nexport const GET = a"),
      },
    ],
    [
      'routers that are mounted in all ways',
      {
        'app.ts': `import express from 'express'\nconst app = express()\n${routers}\n${mounts}app.use(r0)\nr8.get('/x', (q, s) => s.json(1))`,
      },
    ],
    [
      'a path of forty stars',
      {
        'app.ts': `import { Hono } from 'hono'\nconst app = new Hono()\napp.use('${'*/'.repeat(40)}x', (c) => c)\napp.get('${'/a'.repeat(2_000)}', (c) => c.json(1))`,
      },
    ],
  ])('%s', { timeout: 20_000 }, async (_, files) => {
    expect((await audit(treeOf(files), RULEBOOK)).faults).toEqual([])
  })
})

test('what nests deeper than the stack is told, and the other files are followed', async () => {
  const { findings, unreadable } = await audit(
    treeOf({
      [FILE]: OPEN,
      'app/api/brackets/route.ts': `export const GET = () => ${'['.repeat(200_000)}`,
      'app/elements/page.tsx': '<a>'.repeat(20_000),
      'app/api/names/route.ts': "export { f0 as GET } from '../../../lib/f0'",
      ...Object.fromEntries(
        Array.from({ length: 3_000 }, (_, n) => [`lib/f${n}.ts`, `export { f${n + 1} as f${n} } from './f${n + 1}'`]),
      ),
    }),
    RULEBOOK,
  )
  expect(findings.map(({ rule, file }) => [rule, file])).toEqual([['auth-missing', FILE]])
  expect(unreadable).toEqual([
    { file: 'app/api/brackets/route.ts', reason: 'nested too deeply' },
    { file: 'app/elements/page.tsx', reason: 'nested too deeply' },
    { file: 'app/api/names/route.ts', reason: 'nested too deeply' },
  ])
})

test('an entry point that nests deeper than the stack is known as far as it could be followed', async () => {
  const { findings, faults } = await auditOf(
    OPEN.replace('    return new Response(null, { status: 204 })', `    return ${'1 + '.repeat(20_000)}1`),
  )
  expect(faults).toEqual([])
  expect(findings).toMatchObject([{ rule: 'auth-missing', confidence: 'medium' }])
})

test('a file that may not be read is listed, and the others are audited', async () => {
  const tree = treeOf({ [FILE]: OPEN, 'lib/closed.ts': '', 'schema.sql': 'create table a (id int)' })
  const read = (path: string) => (path === FILE ? tree.read(path) : { reason: 'EACCES' })
  const { findings, unreadable } = await audit({ ...tree, read }, RULEBOOK)
  expect(findings).toMatchObject([{ rule: 'auth-missing', file: FILE }])
  expect(unreadable).toEqual([
    { file: 'lib/closed.ts', reason: 'EACCES' },
    { file: 'schema.sql', reason: 'EACCES' },
  ])
})

test('a file that no parser understands is listed, and does not pass for one that holds nothing', async () => {
  const broken = `${OPEN}}}}\n`
  const { findings, unreadable } = await audit(treeOf({ [FILE]: OPEN, 'app/api/broken/route.ts': broken }), RULEBOOK)
  expect(findings).toMatchObject([{ rule: 'auth-missing', file: FILE }])
  expect(unreadable).toEqual([
    { file: 'app/api/broken/route.ts', reason: expect.stringMatching(/^a syntax error: \S/) as unknown },
  ])
})

test('SQL that was not understood is listed, once a file, and all around it is read', async () => {
  const policy = `create policy p on a using (${'not '.repeat(20_000)}true);`
  const { findings, unreadable } = await audit(
    treeOf({ 'supabase/migrations/1.sql': `create table a (id int);\n${policy}\n${policy}\ncreate table b (id int);` }),
    RULEBOOK,
  )
  expect(findings.map(({ rule, message }) => [rule, /\b[ab]\b/.exec(message)?.[0]])).toContainEqual([
    'rls-disabled',
    'b',
  ])
  expect(unreadable).toEqual([
    { file: 'supabase/migrations/1.sql', reason: 'the statement of line 2: too long a statement, and 1 more' },
  ])
})

test('an app that mounts more routers than are followed says so', async () => {
  const mounts = Array.from({ length: 2_500 }, (_, n) => `const r${n} = express.Router()\nr${n}.get('/x', (q, s) => s.json(1))\napp.use('/${n}', r${n})`) // prettier-ignore
  const { endpoints, unreadable } = await audit(
    treeOf({ 'app.ts': `import express from 'express'\nconst app = express()\n${mounts.join('\n')}` }),
    RULEBOOK,
  )
  expect(endpoints).toBe(1_999)
  expect(unreadable).toEqual([
    { file: 'app.ts', reason: 'an app mounts more than 2000 routers, and the others are not followed' },
  ])
})

test('what was first asked for on a full stack is found out by whoever asks later', () => {
  let asked = 0
  const variable = new Variable(() => {
    asked += 1
    if (asked === 1) throw new RangeError('Maximum call stack size exceeded')
    return literal(1)
  })
  expect(() => variable.initial).toThrow(RangeError)
  expect(variable.initial).toEqual(literal(1))
})

test('of a catch on a way that could not be followed it is not sure that nobody hears', async () => {
  const quiet = OPEN.replace('    console.error(error)\n', '')
  const sure = await auditOf(quiet)
  // Deeper than calls are followed.
  const chain = Array.from({ length: 40 }, (_, n) => `const f${n} = () => f${n + 1}()\n`).join('')
  const cut = await auditOf(quiet.replace('  try {', '  f0()\n  try {').replace('export async', `${chain}export async`))
  const unlogged = ({ findings }: typeof sure) => findings.filter(({ rule }) => rule === 'error-unlogged')
  expect(unlogged(sure)).toMatchObject([{ confidence: 'high' }])
  expect(unlogged(cut)).toMatchObject([{ confidence: 'medium' }])
})
