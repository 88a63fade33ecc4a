import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from './support/markdown.ts'
import { describeExport, type PublicExport, publicExports } from './support/public-exports.ts'
import { cyclesOf, partOf, sourceFile, type SourceFile, sourcesOf } from './support/source-graph.ts'

type Arrows = Readonly<Record<string, readonly string[]>>

/**
 * The diagram of ARCHITECTURE.md as data: each part, and the parts that it may import. A part that is not here may import
 * nothing and be imported by nobody: whoever adds one says here where it stands.
 */
const POSTERN: Arrows = {
  principal: [],
  problems: [],
  handler: [],
  'patch-of': [],
  'idempotent-slot': [],
  'rate-limit/': ['database/', 'principal'],
  'own-directory': [],
  events: ['problems'],
  'every-backend': ['events'],
  log: ['events'],
  'whole-number': [],
  'ask-schema': [],
  host: [],
  'json-of': [],
  limits: ['whole-number'],
  foreign: ['handler'],
  env: [],
  'schema/': [],
  'http/': ['problems'],
  'form/': ['http/', 'ask-schema', 'problems'],
  deadline: ['http/', 'problems'],
  'database/': ['schema/', 'job-type', 'own-directory', 'principal', 'problems', 'events', 'whole-number'],
  'auth/': ['http/', 'handler', 'foreign', 'own-directory', 'principal', 'problems'],
  'foreign-database': ['database/'],
  'foreign-fits': ['database/', 'foreign-database', 'plan'],
  'response-columns': ['database/', 'schema/'],
  operations: ['database/', 'schema/', 'principal'],
  'cache-slot': [],
  slots: [
    'job-type',
    'idempotent-slot',
    'rate-limit/',
    'database/',
    'schema/',
    'cache-slot',
    'foreign-database',
    'log',
    'principal',
    'response-columns',
  ],
  'operation-refusal': ['database/', 'schema/', 'foreign-database', 'operations'],
  plan: [
    'idempotent-slot',
    'rate-limit/',
    'database/',
    'schema/',
    'cache-slot',
    'handler',
    'host',
    'operations',
    'principal',
    'response-columns',
    'slots',
  ],
  'operation-fits': ['database/', 'schema/', 'form/', 'plan'],
  'if-match-slot': ['plan'],
  // prettier-ignore
  'plan-of': [
    'idempotent-slot', 'rate-limit/', 'schema/', 'form/', 'action-input/', 'cache-slot', 'host', 'if-match-slot', 'operation-fits', 'operations', 'plan', 'response-columns',
    'slots',
  ],
  call: ['http/', 'database/', 'deadline', 'events', 'foreign-database', 'host', 'plan', 'principal'],
  'stages/': [
    'database/',
    'schema/',
    'form/',
    'http/',
    'rate-limit/',
    'ask-schema',
    'call',
    'foreign-database',
    'limits',
    'log',
    'operations',
    'plan',
    'principal',
    'problems',
    'slots',
  ],
  // prettier-ignore
  pipeline: [
    'database/', 'http/', 'stages/', 'call', 'deadline', 'events', 'host', 'plan', 'principal', 'problems', 'runtime', 'tell-received',
  ],
  // prettier-ignore
  endpoint: [
    'database/', 'form/', 'http/', 'stages/', 'call', 'foreign-fits', 'handler', 'operation-refusal', 'operations', 'pipeline',
    'plan', 'plan-of', 'runtime', 'slots',
  ],
  'action-input/': ['form/', 'http/', 'ask-schema', 'problems'],
  'action-result': ['problems'],
  // prettier-ignore
  'action-slots': [
    'database/', 'rate-limit/', 'schema/', 'action-result', 'foreign-database', 'host', 'json-of', 'operation-refusal', 'operations', 'plan',
    'principal', 'response-columns', 'slots',
  ],
  'after-action': ['events', 'host', 'plan'],
  // prettier-ignore
  action: [
    'database/', 'http/', 'stages/', 'action-input/', 'action-result', 'action-slots', 'after-action', 'call', 'foreign-fits', 'handler', 'host', 'operations',
    'pipeline', 'plan', 'plan-of', 'problems', 'runtime',
  ],
  'job-type': [],
  'workers/': ['database/', 'events'],
  'jobs/': ['database/', 'workers/', 'ask-schema', 'events', 'job-type', 'log', 'principal'],
  job: ['database/', 'jobs/', 'foreign-database', 'job-type', 'log', 'principal', 'runtime', 'slots', 'whole-number'],
  // The protocol knows rows, transactions and times; what a webhook is, the parts below know.
  'inbox/': ['database/', 'workers/', 'signers/', 'whole-number'],
  'webhook-slots': ['database/', 'signers/', 'foreign-database', 'handler', 'log'],
  'webhook-plan': ['signers/', 'handler', 'webhook-slots', 'whole-number'],
  'webhook-rows': ['inbox/', 'signers/', 'ask-schema', 'webhook-plan'],
  'webhook-delivery': ['http/', 'signers/', 'problems', 'webhook-plan'],
  'webhook-process': ['database/', 'inbox/', 'events', 'log', 'webhook-plan', 'webhook-rows'],
  'webhook-at-once': ['inbox/', 'webhook-plan', 'webhook-process'],
  'webhook-inline': ['inbox/', 'problems', 'webhook-plan', 'webhook-process'],
  'webhooks-defined': ['database/', 'inbox/', 'webhook-plan'],
  'webhook-worker': ['inbox/', 'workers/', 'webhook-process', 'webhooks-defined'],
  'tell-received': ['http/', 'events', 'problems'],
  // prettier-ignore
  webhook: [
    'database/', 'http/', 'inbox/', 'signers/', 'stages/', 'workers/', 'foreign-database', 'handler', 'problems', 'runtime', 'tell-received',
    'webhook-at-once', 'webhook-delivery', 'webhook-inline', 'webhook-plan', 'webhook-process', 'webhook-rows', 'webhook-slots', 'webhook-worker',
  ],
  // prettier-ignore
  runtime: [
    'database/', 'http/', 'jobs/', 'workers/', 'events', 'foreign-database', 'host', 'limits', 'principal', 'webhooks-defined',
  ],
  preflight: ['http/', 'handler', 'runtime'],
  // prettier-ignore
  backend: [
    'database/', 'http/', 'jobs/', 'workers/', 'action', 'endpoint', 'events', 'every-backend', 'foreign-database', 'handler', 'host', 'job', 'limits', 'preflight',
    'principal', 'runtime', 'webhook', 'webhook-slots', 'webhooks-defined', 'whole-number',
  ],
  // prettier-ignore
  index: [
    'database/', 'form/', 'http/', 'action', 'action-result', 'backend', 'endpoint', 'env', 'events', 'foreign', 'foreign-database', 'handler', 'host', 'job', 'job-type', 'json-of', 'limits', 'log', 'operations', 'patch-of',
    'principal', 'problems', 'rate-limit/', 'response-columns', 'slots', 'webhook-slots',
  ],
  'server/': ['http/', 'events', 'handler', 'limits', 'problems', 'whole-number'],
  'opentelemetry/': ['events'],
  // They judge bytes and headers: no request, no database, nothing of who receives the event.
  'signers/': ['http/'],
  'webhooks/': ['inbox/', 'signers/'],
  'next/': [
    'database/',
    'server/',
    'workers/',
    'backend',
    'every-backend',
    'foreign-database',
    'handler',
    'host',
    'json-of',
    'principal',
    'problems',
    'runtime',
  ],
  // prettier-ignore
  'testing/': [
    'auth/', 'database/', 'http/', 'jobs/', 'server/', 'backend', 'events', 'foreign-database', 'handler', 'host', 'principal', 'problems', 'runtime',
    'webhook-worker',
  ],
}

const CLI: Arrows = {
  nearest: [],
  errors: [],
  terminal: ['errors'],
  'migrate/': ['errors'],
  'project/': ['facts/', 'migrate/', 'errors', 'terminal'],
  version: [],
  'changed-files': ['errors'],
  // The auditor: what is read, what is asked of it, what is found. No rule reads a file, and no fact knows a rule.
  'facts/': [],
  'rules/': ['facts/'],
  finding: ['rules/'],
  fingerprint: ['finding'],
  engine: ['facts/', 'finding', 'fingerprint', 'rules/'],
  'comments-in': ['facts/'],
  suppress: ['comments-in', 'facts/', 'finding', 'rules/'],
  audit: ['comments-in', 'engine', 'facts/', 'finding', 'fingerprint', 'rules/', 'suppress'],
  fix: ['audit', 'facts/', 'finding', 'rules/'],
  'write-atomically': ['errors'],
  baseline: ['errors', 'finding'],
  'report/': ['finding', 'project/', 'rules/', 'terminal'],
  // What a webhook says of a delivery, without a project.
  'deliveries/': [],
  'commands/': [
    'audit',
    'baseline',
    'changed-files',
    'deliveries/',
    'facts/',
    'finding',
    'fix',
    'nearest',
    'project/',
    'migrate/',
    'report/',
    'rules/',
    'errors',
    'terminal',
    'version',
    'write-atomically',
  ],
  // Starts the auditor in a process of its own, and surveys the tree for it meanwhile.
  supervise: ['facts/'],
  program: ['commands/', 'project/', 'errors', 'nearest', 'supervise', 'version'],
  main: ['facts/', 'project/', 'errors', 'program', 'supervise', 'terminal'],
  watched: ['facts/', 'main', 'supervise'],
}

/** Which part may use which package; Node's own modules are everybody's. */
const POSTERN_PACKAGES: Arrows = {
  '@electric-sql/pglite': ['database/'],
  // A database of its own for each test file.
  pg: ['database/', 'testing/'],
  'drizzle-orm': ['database/', 'schema/'],
  jose: ['auth/'],
  // Both when they are asked for first: a backend without jobs loads neither.
  'pg-boss': ['jobs/'],
  'cron-parser': ['jobs/'],
  '@opentelemetry/api': ['opentelemetry/'],
  zod: ['patch-of'],
  '@standard-schema/spec': [
    'action-input/',
    'action',
    'action-slots',
    'ask-schema',
    'database/',
    'form/',
    'jobs/',
    'stages/',
    'env',
    'job',
    'plan',
    'plan-of',
    'slots',
    'webhook-plan',
    'webhook-slots',
  ],
  next: ['next/'],
  hono: ['server/'],
  '@hono/node-server': ['server/'],
  pino: ['server/'],
  'pino-pretty': ['server/'],
}

const CLI_PACKAGES: Arrows = {
  commander: ['program'],
  esbuild: ['project/', 'commands/'],
  'drizzle-kit': ['migrate/'],
  'oxc-parser': ['facts/'],
  'libpg-query': ['facts/'],
  // Its public names only: the command line knows nothing that a user could not know.
  postern: ['commands/', 'project/'],
  'postern/database': ['commands/', 'project/'],
  'postern/schema': ['migrate/'],
  'postern/server': ['commands/', 'project/'],
  'postern/webhooks': ['commands/', 'deliveries/', 'report/'],
}

const PACKAGES = [
  { name: 'postern', arrows: POSTERN, packages: POSTERN_PACKAGES },
  { name: 'cli', arrows: CLI, packages: CLI_PACKAGES },
] as const

/** Imports that go against the diagram, one sentence each. */
function wrongArrows(files: readonly SourceFile[], arrows: Arrows): string[] {
  return files.flatMap(({ path, imports }) => {
    const from = partOf(path)
    const allowed = arrows[from]
    if (allowed === undefined) return [`${path}: the diagram has no part ${from}`]
    const wrong = imports.filter((to) => partOf(to) !== from && !allowed.includes(partOf(to)))
    return wrong.map((to) => `${path} imports ${to}: ${from} may not know ${partOf(to)}`)
  })
}

function wrongPackages(files: readonly SourceFile[], homes: Arrows): string[] {
  return files.flatMap(({ path, packages }) =>
    packages
      .filter((name) => !name.startsWith('node:') && !(homes[name] ?? []).includes(partOf(path)))
      .map((name) => `${path} imports ${name}: it has no business there`),
  )
}

/** One statement that leaves the module half-made: top-level await keeps drizzle-kit from loading a schema. */
const TOP_LEVEL_AWAIT = /^(?:await\b|(?:export\s+)?(?:const|let)\s[^\n]*=\s*await\b|for await\b)/m

/** Names that say nothing, so that everything ends up under them. */
const DRAWERS = /(?:^|\/)(?:utils?|helpers?|common|misc|shared|lib)(?:\/|\.|$)/
const KEBAB_CASE = /^(?:[a-z0-9-]+\/)*[a-z0-9-]+(?:\.d|\.test|\.test-d)?\.ts$/

const LONG = 200
const TOO_LONG = 400

function tooLong(files: readonly SourceFile[]): string[] {
  const counted = files.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
  if (counted.every(({ lines }) => lines <= TOO_LONG)) return []
  return counted.filter(({ lines }) => lines > LONG).map(({ path, lines }) => `${path} has ${lines} lines`)
}

describe.each(PACKAGES)('the sources of $name', ({ name, arrows, packages }) => {
  const files = sourcesOf(name)

  test('are found', () => {
    expect(files.length).toBeGreaterThan(20)
    expect(files.flatMap(({ imports }) => imports).filter((path) => !files.some((file) => file.path === path))).toEqual(
      [],
    )
  })

  test('import in the direction of the diagram only', () => expect(wrongArrows(files, arrows)).toEqual([]))
  test('use packages only where they belong', () => expect(wrongPackages(files, packages)).toEqual([]))
  test('never load each other in a ring', () => expect(cyclesOf(files)).toEqual([]))
  test('nor need each other’s types in one', () => {
    const needed = cyclesOf(files.map((file) => ({ ...file, loads: file.imports })))
    // One recursive type: a table's facts say whose its rows are, and an owner names tables.
    const facts = 'schema/facts.ts → schema/owner.ts → schema/facts.ts'
    expect(needed).toEqual(name === 'postern' ? [facts] : [])
  })
  test('stay short enough to be one thing', () => expect(tooLong(files)).toEqual([]))

  test('are named by what they hold', () => {
    expect(files.map(({ path }) => path).filter((path) => DRAWERS.test(path) || !KEBAB_CASE.test(path))).toEqual([])
  })
})

const importers = (part: string) => Object.keys(POSTERN).filter((from) => POSTERN[from]?.includes(part))

/** Every part that a part can be broken by. */
function reached(from: string, found: Set<string> = new Set()): Set<string> {
  for (const next of POSTERN[from] ?? []) if (!found.has(next)) reached(next, found.add(next))
  return found
}

describe('the diagram', () => {
  test.each(PACKAGES)('of $name names parts that exist and points one way', ({ name, arrows }) => {
    const parts = new Set(sourcesOf(name).map(({ path }) => partOf(path)))
    expect(Object.keys(arrows).filter((part) => !parts.has(part))).toEqual([])
    const mutual = Object.entries(arrows).flatMap(([from, to]) =>
      to.filter((part) => from < part && arrows[part]?.includes(from)).map((part) => `${from} ⇄ ${part}`),
    )
    expect(mutual).toEqual([])
  })

  test('lets nothing import server/, testing/, opentelemetry/ or next/', () => {
    // Next.js is served by itself: of our server only the log is used there.
    expect(importers('server/')).toEqual(['next/', 'testing/'])
    const fromServer = sourcesOf('postern').filter(({ path }) => path.startsWith('next/'))
    expect(fromServer.flatMap(({ imports }) => imports).filter((path) => path.startsWith('server/'))).toEqual([
      'server/logs.ts',
    ])
    expect([...importers('testing/'), ...importers('opentelemetry/'), ...importers('next/')]).toEqual([])
  })

  test('reads a form only where one is declared: all else knows the slot, and no parser', () => {
    const outside = sourcesOf('postern').filter(({ path }) => !path.startsWith('form/') && path !== 'index.ts')
    const known = outside.flatMap(({ imports }) => imports.filter((path) => path.startsWith('form/')))
    expect([...new Set(known)]).toEqual(['form/form-slot.ts'])
    expect(sourcesOf('postern').find(({ path }) => path === 'form/form-slot.ts')?.imports).toEqual([])
  })

  test('judges a delivery without a driver: signers and administration load what binds a statement, and nothing that sends one', () => {
    const files = new Map(sourcesOf('postern').map((file) => [file.path, file]))
    const loaded = new Set(['webhooks/index.ts'])
    for (const path of loaded) for (const next of files.get(path)!.loads) loaded.add(next)
    expect([...loaded].filter((path) => path.startsWith('database/')).sort()).toEqual([
      'database/identity.ts',
      'database/missing-tables.ts',
      'database/paved/prepared.ts',
      'database/paved/row-match.ts',
      'database/paved/shape.ts',
      'database/role-names.ts',
    ])
  })

  test('keeps the database away from requests, and the schema away from everything', () => {
    expect([...reached('schema/')]).toEqual([])
    expect([...reached('database/')].sort()).toEqual([
      'events',
      'job-type',
      'own-directory',
      'principal',
      'problems',
      'schema/',
      'whole-number',
    ])
    expect([...reached('http/')]).toEqual(['problems'])
    expect(reached('stages/')).not.toContain('endpoint')
    expect(reached('server/')).not.toContain('database/')
  })
})

const INDEXES = [
  'index.ts',
  'auth/index.ts',
  'database/index.ts',
  'next/index.ts',
  'opentelemetry/index.ts',
  'schema/index.ts',
  'server/index.ts',
  'testing/index.ts',
  'webhooks/index.ts',
]

/** What a name that users import owes them: a sentence, and for a function an example that they can copy. */
function undocumented(exports: readonly PublicExport[]): string[] {
  return exports.flatMap(({ name, file, isFunction, docstring }) => {
    if (docstring === undefined) return [`${file}: ${name} says nothing of itself`]
    return isFunction && !docstring.includes('@example') ? [`${file}: ${name}() shows no @example`] : []
  })
}

test.each(INDEXES)('every name that postern/src/%s hands out is documented where it is declared', (index) => {
  const exports = publicExports(`packages/postern/src/${index}`)
  expect(exports.length).toBeGreaterThan(0)
  expect(undocumented(exports)).toEqual([])
})

/** The properties of `process.env` that a file of ours reads while `load` runs. */
async function environmentReadBy(load: () => Promise<unknown>, ours: string): Promise<string[]> {
  const read: string[] = []
  const environment = process.env
  process.env = new Proxy(environment, {
    get(target, name) {
      const reader = new Error().stack?.split('\n')[2] ?? ''
      if (reader.includes(ours)) read.push(`${String(name)}, ${reader.trim()}`)
      return Reflect.get(target, name) as unknown
    },
  })
  try {
    await load()
  } finally {
    process.env = environment
  }
  return read
}

describe('importing the package', () => {
  test.each(INDEXES)('reads nothing from the environment: %s', async (index) => {
    const load = () => import(join(ROOT, 'packages/postern/src', index))
    expect(await environmentReadBy(load, 'packages/postern/src')).toEqual([])
  })

  test('would be caught if it did', async () => {
    expect(await environmentReadBy(async () => process.env['DATABASE_URL'], 'layers.test')).toHaveLength(1)
  })

  test('does not wait for anything at the top level, so that drizzle-kit can load a schema', () => {
    const waiting = sourcesOf('postern').filter(({ text }) => TOP_LEVEL_AWAIT.test(text))
    expect(waiting.map(({ path }) => path)).toEqual([])
    expect(TOP_LEVEL_AWAIT.test("const a = 1\nconst { b } = await import('c')")).toBe(true)
  })
})

describe('a law that is broken is found', () => {
  test.each([
    ['without a docstring', 'export function a() {}', ['x.ts: a says nothing of itself']],
    [
      'below the docstring of another',
      '/** B. */\nexport const b = 1\nexport function a() {}',
      ['x.ts: a says nothing of itself'],
    ],
    ['without an example', '/** A. */\nexport async function a() {}', ['x.ts: a() shows no @example']],
    ['with both', '/**\n * A.\n *\n * @example\n * a()\n */\nexport function a() {}', []],
  ])('a public function %s', (_name, source, expected) => {
    expect(undocumented([describeExport('a', 'x.ts', source)])).toEqual(expected)
  })

  test.each([
    ['the database reads a request', 'database/unit.ts', `import { readJson } from '../http/json-body.js'`],
    ['the schema opens a database', 'schema/table.ts', `import type { Unit } from '../database/unit.js'`],
    ['a stage knows the server', 'stages/respond.ts', `export { serve } from '../server/serve.js'`],
    ['over several lines', 'stages/own.ts', `import {\n  type A,\n  b,\n} from '../endpoint.js'`],
    ['only while it runs', 'http/protocol.ts', `const late = () => import('../database/unit.js')`],
    ['in a part that nobody has placed', 'cache/store.ts', `import { Events } from '../events.js'`],
  ])('%s', (_name, path, text) => expect(wrongArrows([sourceFile(path, text)], POSTERN)).toHaveLength(1))

  test.each([
    [
      'the parser goes into production',
      'stages/validate.ts',
      `import { parseSync } from 'oxc-parser'`,
      POSTERN_PACKAGES,
    ],
    ['a framework does', 'endpoint.ts', `import { cookies } from 'next/headers'`, POSTERN_PACKAGES],
    ['a second driver', 'database/unit.ts', `import postgres from 'postgres'`, POSTERN_PACKAGES],
    [
      'the inside of the other package',
      'report/x.ts',
      `import { x } from '../../../postern/src/plan.js'`,
      CLI_PACKAGES,
    ],
    ['by its built files', 'project/x.ts', `import { x } from 'postern/dist/plan.js'`, CLI_PACKAGES],
  ])('%s', (_name, path, text, homes) => expect(wrongPackages([sourceFile(path, text)], homes)).toHaveLength(1))

  test('three files in a ring', () => {
    const ring = ['b', 'c', 'a'].map((next, index) => sourceFile(`x/${'abc'[index]}.ts`, `import './${next}.js'`))
    expect(cyclesOf(ring)).toEqual(['x/a.ts → x/b.ts → x/c.ts → x/a.ts'])
    expect(cyclesOf(ring.slice(0, 2))).toEqual([])
  })

  test('a file of 401 lines, told with every other long one', () => {
    const [short, long, longer] = [150, 300, 401].map((count) => sourceFile(`x/${count}.ts`, 'a\n'.repeat(count)))
    expect(tooLong([short!, long!, longer!])).toEqual(['x/300.ts has 300 lines', 'x/401.ts has 401 lines'])
    expect(tooLong([short!, long!])).toEqual([])
  })

  test('a comment and an example import nothing', () => {
    const text = `/**\n * import { x } from 'oxc-parser'\n */\n// import './y.js'\nexport const a = 1`
    expect(sourceFile('x/a.ts', text)).toMatchObject({ imports: [], packages: [] })
  })
})
