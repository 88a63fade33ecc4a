import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { type Block, type Document, ROOT } from './markdown.ts'
import { shownFile } from './shown-files.ts'

/**
 * What a block may use without saying where it comes from. A block that is a whole file says so in its first line, by a
 * comment with its path (`// app/api/invoices/route.ts`), and imports what it needs; any other block is a fragment.
 */
const IMPORTS: Readonly<Record<string, readonly string[]>> = {
  './backend.ts': ['endpoint', 'backend', 'webhook'],
  './schema/index.ts': ['customers', 'invoices', 'payments', 'rates'],
  './inputs.ts': ['CustomerInput', 'InvoiceInput', 'PaymentInput'],
  './database.ts': ['db'],
  postern: [
    'columns',
    'create',
    'createBackend',
    'file',
    'files',
    'foreign',
    'form',
    'listQuery',
    'memoryStore',
    'page',
    'patchOf',
    'postgresStore',
    'problem',
    'remove',
    'row',
    'update',
  ],
  'postern/auth': ['authRoutes', 'jwt', 'sessions'],
  'postern/database': ['database'],
  'postern/next': ['currentPrincipal', 'next', 'prepareBackend', 'readEndpoint', 'withPostern'],
  'postern/opentelemetry': ['openTelemetry'],
  'postern/schema': [
    'boolean',
    'id',
    'instant',
    'money',
    'organizationTables',
    'references',
    'secret',
    'table',
    'text',
    'through',
    'timestamps',
    'user',
  ],
  'postern/server': ['serve'],
  'postern/webhooks': ['standardWebhooks', 'stripe'],
  zod: ['z'],
}

/** What a fragment that begins with `// in a handler` has beside: the context of a function, here that of an invoice. */
const HANDLER = `import type { Log, Principal, Scope } from 'postern'; import type * as everything from './schema/index.ts'; \
declare const db: Scope<typeof everything>; declare const log: Log; declare const principal: Principal; \
declare const resource: typeof everything.invoices.$inferSelect; declare const request: Request; declare const signal: AbortSignal;`

/**
 * Type-checks every `ts` block of the documents, in one run of the real compiler, against the sources of this repository.
 * The blocks of a document lie as files in a copy of the example, so their imports resolve as they would for a reader.
 * Answers one line a complaint, with its place in the Markdown.
 */
export function typeCheckBlocks(documents: readonly Document[]): string[] {
  const home = join(ROOT, 'examples/invoices/.postern')
  mkdirSync(home, { recursive: true })
  const directory = mkdtempSync(join(home, 'blocks-'))
  try {
    const places = new Map<string, Place>()
    const withCode = documents.filter(({ blocks }) => blocks.some(({ language }) => language === 'ts'))
    for (const [index, document] of withCode.entries()) writeProject(join(directory, `${index}`), document, places)
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(configuration(withCode.length), null, 2))
    return complaints(directory, places)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

interface Place {
  readonly document: Document
  readonly block: Block
}

function writeProject(project: string, document: Document, places: Map<string, Place>): void {
  const example = join(ROOT, 'examples/invoices')
  for (const name of readdirSync(example)) {
    // Not its routes: nothing imports them, and every document would have them compiled once more.
    const isSource = name.endsWith('.ts') || name === 'schema'
    if (isSource) cpSync(join(example, name), join(project, name), { recursive: true })
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }))
  // What shows a file of an example is compiled there.
  for (const block of document.blocks.filter((one) => one.language === 'ts' && shownFile(one) === undefined)) {
    const named = /^\/\/ ([\w\-./()[\]]+)\.ts\b/.exec(block.text)?.[1]
    const path = join(project, named === undefined ? `fragment-${block.line}.ts` : free(project, named, places))
    mkdirSync(dirname(path), { recursive: true })
    // The first line is ours, so that line n of the block is line n + 1 of the file.
    writeFileSync(path, `${named === undefined ? preludeOf(block.text) : ''}\n${block.text}\nexport {}\n`)
    places.set(path, { document, block })
    if (named?.startsWith('schema/') === true) exportFromSchema(project, named)
  }
}

/** The skill says so in one sentence: tables are exported from `schema/index.ts`, else no scope has them. */
function exportFromSchema(project: string, named: string): void {
  const index = join(project, 'schema/index.ts')
  const line = `export * from './${named.replace('schema/', '')}.ts'\n`
  if (!readFileSync(index, 'utf8').includes(line)) appendFileSync(index, line)
}

/** A document may show one file twice, as it was and as it becomes. */
function free(project: string, name: string, places: ReadonlyMap<string, Place>): string {
  let path = `${name}.ts`
  for (let again = 2; places.has(join(project, path)); again += 1) path = `${name}.${again}.ts`
  return path
}

function preludeOf(text: string): string {
  const code = text.replace(/\/\/.*$|'[^'\n]*'/gm, '')
  const inHandler = /^\/\/ in a handler\b/.test(text)
  const used = (name: string) => new RegExp(`(?<![.\\w])${name}\\b(?!\\s*:)`).test(code) && !declares(code, name)
  const imports = Object.entries(IMPORTS).map(([from, names]) => {
    const needed = names.filter((name) => used(name) && !(inHandler && name === 'db'))
    return needed.length === 0 ? '' : `import { ${needed.join(', ')} } from '${from}';`
  })
  return [...imports, inHandler ? HANDLER : ''].filter((part) => part !== '').join(' ')
}

function declares(code: string, name: string): boolean {
  return new RegExp(
    `(?:const|let|function|class|type)\\s+${name}\\b|(?:const|import)\\s*\\{[^}]*\\b${name}\\b[^}]*\\}|import\\s+${name}\\b`,
  ).test(code)
}

/** The compiler's options are those of the example; names lead to the sources, so that nothing has to be built first. */
function configuration(count: number): object {
  const source = '../../../../packages/postern/src'
  const paths = Object.fromEntries(
    ['auth', 'database', 'next', 'opentelemetry', 'schema', 'server', 'testing', 'webhooks'].map((name) => [
      `postern/${name}`,
      [`${source}/${name}/index.ts`],
    ]),
  )
  return {
    extends: '../../../../tsconfig.base.json',
    compilerOptions: {
      noEmit: true,
      // To name a thing that could be used is what a document is for.
      noUnusedLocals: false,
      noUnusedParameters: false,
      allowImportingTsExtensions: true,
      paths: { ...paths, postern: [`${source}/index.ts`] },
    },
    include: Array.from({ length: count }, (_, index) => `${index}`),
  }
}

function complaints(directory: string, places: ReadonlyMap<string, Place>): string[] {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  const { stdout, error } = spawnSync(process.execPath, [compiler, '-p', directory, '--pretty', 'false'], {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (error !== undefined) throw error
  return stdout.split('\n').flatMap((line) => {
    const [, file, row, message] = /^(\S+?)\((\d+),\d+\): error (.*)$/.exec(line) ?? []
    if (file === undefined) return line.startsWith('error ') ? [line] : []
    const place = places.get(join(directory, file))
    // The repository's own sources and the example are checked elsewhere, and may be in somebody's hands just now.
    if (place === undefined) return []
    const at = place.block.line + Number(row) - 2
    return [`${relative('.', place.document.path)}:${at}: ${message}`]
  })
}
