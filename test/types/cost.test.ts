import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FIXTURES, runCompiler } from './compile-fixtures.js'

const TABLES = 30
const ENDPOINTS = 100

/**
 * How often the compiler fills in a type: unlike time, the same on every machine. Measured: 4 200 a table of a dozen
 * columns, 1 290 an endpoint, 360 000 in all, Postern's own source included.
 */
const MOST = { table: 5_500, endpoint: 1_600, all: 450_000 }

describe('what the types cost the compiler', () => {
  let directory: string
  beforeAll(() => {
    const parent = join(FIXTURES, '../.postern')
    mkdirSync(parent, { recursive: true })
    directory = mkdtempSync(join(parent, 'cost-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it(`${TABLES} tables and ${ENDPOINTS} endpoints`, async () => {
    const first = await instantiations(directory, 2, 0)
    const tables = await instantiations(directory, TABLES, 0)
    const all = await instantiations(directory, TABLES, ENDPOINTS)
    const each = { table: (tables - first) / (TABLES - 2), endpoint: (all - tables) / ENDPOINTS, all }
    expect(each.table, JSON.stringify(each)).toBeGreaterThan(0)
    expect(each.endpoint, JSON.stringify(each)).toBeGreaterThan(0)
    expect(each.table, JSON.stringify(each)).toBeLessThan(MOST.table)
    expect(each.endpoint, JSON.stringify(each)).toBeLessThan(MOST.endpoint)
    expect(all).toBeLessThan(MOST.all)
  }, 120_000)
})

async function instantiations(directory: string, tables: number, endpoints: number): Promise<number> {
  writeProject(directory, tables, endpoints)
  // On one thread: several share the work out anew each time, and count what they do twice.
  const output = await runCompiler(directory, '--extendedDiagnostics', '--singleThreaded')
  expect(output).not.toContain('error TS')
  return Number(/^Instantiations:\s+(\d+)$/m.exec(output)?.[1])
}

function writeProject(directory: string, tables: number, endpoints: number): void {
  const write = (file: string, lines: string[]) => writeFileSync(join(directory, file), lines.join('\n'))
  write('tsconfig.json', [JSON.stringify({ extends: join(FIXTURES, 'tsconfig.json'), include: ['.', PG_INTERNALS] })])
  write('schema.ts', [SCHEMA_IMPORT, ...Array.from({ length: tables }, (_, index) => tableText(index))])
  write('backend.ts', BACKEND)
  write('routes.ts', [ROUTES_IMPORT, ...Array.from({ length: endpoints }, (_, index) => endpointText(index, tables))])
}

const PG_INTERNALS = join(FIXTURES, '../../../packages/postern/src/database/pg-internals.d.ts')
const SCHEMA_IMPORT = `import { boolean, id, instant, integer, money, references, secret, table, text, timestamps, user } from 'postern/schema'`
const BACKEND = [
  `import { createBackend } from 'postern'`,
  `import { database } from 'postern/database'`,
  `import * as schema from './schema.js'`,
  `export const { endpoint } = createBackend({ database: database({ schema }), auth: () => null })`,
]
const ROUTES_IMPORT = [
  `import { columns, create, listQuery, page, patchOf, remove, row, update } from 'postern'`,
  `import { z } from 'zod'`,
  `import { endpoint } from './backend.js'`,
  `import * as t from './schema.js'`,
  `const Input = z.object({ title: z.string(), price: z.string().optional(), dueAt: z.coerce.date() })`,
].join('\n')

function tableText(index: number): string {
  const parent = index === 0 ? '' : `parentId: references(t${index - 1}, { optional: true }), `
  return `export const t${index} = table('t${index}', { id: id(), ${parent}title: text().notNull(), price: money(), note: text(),
    pin: secret(text()), count: integer().notNull().default(0), open: boolean().notNull().default(true), dueAt: instant().notNull(),
    ...timestamps() }, { owner: user() })`
}

function endpointText(index: number, tables: number): string {
  const t = `t.t${1 + (index % (tables - 1))}`
  const texts = [
    `endpoint({ query: listQuery(${t}, { sort: ['dueAt'], filter: ['open'] }) }, page(${t}, { with: { parent: true } }))`,
    `endpoint({ body: Input }, create(${t}))`,
    `endpoint({ sees: ${t}, response: columns(${t}, ['id', 'title']) }, row())`,
    `endpoint({ owns: ${t}, body: patchOf(Input) }, update())`,
    `endpoint({ owns: ${t} }, remove())`,
    `endpoint({ owns: ${t}, body: Input }, async ({ db, resource, body }) => db.${t.slice(2)}.update(resource.id, { title: body.title }))`,
  ]
  return `export const e${index} = ${texts[index % texts.length]}`
}
