import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FIXTURES } from './compile-fixtures.js'
import { type LanguageServer, startLanguageServer } from './language-server.js'

const ROUTES = join(FIXTURES, 'shop/routes.ts')
const ACTIONS = join(FIXTURES, 'actions.ts')
const LITERAL = join(FIXTURES, 'shop/literal.ts')

describe('hovering over a backend of five tables with a dozen columns each', () => {
  let server: LanguageServer
  beforeAll(async () => {
    server = await startLanguageServer(FIXTURES)
  })
  afterAll(() => server.close())

  it.each(['list', 'make', 'read', 'change', 'drop', 'pay', 'send', 'search', 'keep'])(
    'the handler %s says that it is one',
    async (name) => {
      expect(await server.hover(ROUTES, 'export const ', name)).toBe(`const ${name}: Handler`)
    },
  )

  it.each([
    ['principal', 'async ({ ', 'Principal'],
    ['params', 'async ({ principal, ', 'id: string'],
    ['body', 'async ({ principal, params, ', 'to: string'],
    ['resource', 'params, body, ', 'RowNamed<"invoices", typeof import("./schema.js")>'],
    ['db', 'body, resource, ', 'Scope<typeof import("./schema.js")>'],
    ['log', 'resource, db, ', 'Record<LogLevel, (message: string'],
    ['request', 'db, log, ', 'Request'],
    ['signal', 'log, request, ', 'AbortSignal'],
  ])('%s of the context is read at a glance', async (name, before, shows) => {
    const hover = await server.hover(ROUTES, before, name)
    expect(hover).toContain(`(parameter) ${name}: `)
    expect(hover).toContain(shows)
    expect(hover).not.toContain('PgColumn')
    expect(hover.length, hover).toBeLessThanOrEqual(300)
  })

  it.each([
    ['make', 'Action<{'],
    ['edit', 'Action<{'],
    ['drop', 'BoundAction<[string], '],
    ['pay', 'BoundAction<[string], '],
    ['send', 'Action<{'],
    ['leave', 'PlainAction<null>'],
  ])('the action %s says what it takes and what it answers', async (name, shows) => {
    const hover = await server.hover(ACTIONS, 'export const ', name)
    expect(hover).toContain(`const ${name}: ${shows}`)
    expect(hover).not.toContain('PgColumn')
    expect(hover.length, hover).toBeLessThanOrEqual(600)
  })

  it.each([
    ['resource', 'async ({ db, ', 'RowNamed<"invoices", typeof import("./shop/schema.js")>'],
    ['input', 'async ({ db, resource, ', 'id: string'],
    ['principal', 'async ({ db, resource, input, ', 'Principal'],
    ['revalidate', 'async ({ db, resource, input, principal, ', 'Revalidate'],
  ])('%s of an action’s context is read at a glance', async (name, before, shows) => {
    const hover = await server.hover(ACTIONS, before, name)
    expect(hover).toContain(`(parameter) ${name}: `)
    expect(hover).toContain(shows)
    expect(hover.length, hover).toBeLessThanOrEqual(300)
  })

  it('the body of a form shows what it holds', async () => {
    const hover = await server.hover(ROUTES, 'body: Scan }, async ({ ', 'body')
    expect(hover).toContain('(parameter) body: ')
    expect(hover).toContain('scan: File')
    expect(hover.length, hover).toBeLessThanOrEqual(300)
  })

  it('nobody is seen where an endpoint is public, and the query that its schema gives', async () => {
    expect(await server.hover(ROUTES, 'query: Id }, ({ ', 'principal')).toBe('(parameter) principal: Principal | null')
    expect(await server.hover(ROUTES, 'query: Id }, ({ principal, ', 'query')).toContain('id: string')
  })

  it('a table of the scope says which it is', async () => {
    expect(await server.hover(ROUTES, 'db.', 'customers')).toBe(
      '(property) customers: TableScope<"customers", typeof import("./schema.js")>',
    )
  })

  it.each(['list', 'make', 'read', 'change', 'drop', 'pay', 'send', 'search', 'welcome', 'keep'])(
    'endpoint() of %s says what its slots gave, in 400 characters',
    async (name) => {
      const hover = await server.hover(ROUTES, `${name} = `, 'endpoint')
      expect(hover).toContain('slots: EndpointSlots, does: ')
      expect(hover).not.toContain('PgColumn')
      expect(hover.length, hover).toBeLessThanOrEqual(400)
    },
  )

  // A function's context names the body once more: six fields are read twice.
  it('endpoint() of a function with a wide body stays under 650', async () => {
    const hover = await server.hover(ROUTES, 'reorder = ', 'endpoint')
    expect(hover).not.toContain('PgColumn')
    expect(hover.length, hover).toBeLessThanOrEqual(650)
  })

  // Only a module's namespace has a name to print. A literal shows its tables, cut short by the editor.
  it('a schema that is written out as a literal shows its tables, and never a PgColumn', async () => {
    const db = await server.hover(LITERAL, '({ ', 'db')
    expect(db).toContain('(parameter) db: Scope<{')
    for (const hover of [db, await server.hover(LITERAL, '({ db, ', 'resource')]) {
      expect(hover).not.toContain('PgColumn')
      expect(hover.length, hover).toBeLessThanOrEqual(700)
    }
  })
})
