import type { Fact } from './model.js'
import { describe, expect, test } from 'vitest'
import { isGuarded } from '../ask/guarded.js'
import { readEntries } from '../read-project.js'
import { treeOf } from '../source/read-tree.js'
import { originsOf } from './value.js'

const ROUTE = 'app/api/posts/[id]/route.ts'
const DB = { 'lib/db.ts': "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()" }

/** What the only entry point of these files does. */
function factsOf(code: string, others: Readonly<Record<string, string>> = DB, file = ROUTE): readonly Fact[] {
  const entries = readEntries(treeOf({ ...others, [file]: code }))
  expect(entries).toHaveLength(1)
  return entries[0]!.facts
}

/** The writes of an entry point, each with whether somebody had been let in by then. */
function writesOf(facts: readonly Fact[]): string[] {
  return facts.flatMap((fact) =>
    fact.fact === 'query' && fact.does !== 'find' && fact.does !== 'list'
      ? [`${fact.does} ${fact.table} ${isGuarded(fact.known) ? 'guarded' : 'open'}`]
      : [],
  )
}

const IMPORTS = "import { db } from '../../../../lib/db'\nimport { auth } from '@clerk/nextjs/server'\n"

describe('what a check has shown is known behind it', () => {
  test.each([
    ['a test for nobody that answers', 'if (!userId) return new Response(null, { status: 401 })'],
    ['a comparison with null', 'if (userId === null) throw new Error()'],
    ['one of two tests in a row', "if (!userId || method === 'x') return new Response(null)"],
    ['the other branch', 'if (userId) {} else { return new Response(null) }'],
    ['a switch that ends everywhere else', 'if (!userId) { switch (method) { default: return new Response(null) } }'],
  ])('%s', (_, check) => {
    const facts = factsOf(
      `${IMPORTS}export async function DELETE(request: Request) {
        const { userId } = await auth()
        const { method } = request
        ${check}
        await db.post.deleteMany({})
        return new Response(null, { status: 204 })
      }`,
    )
    expect(writesOf(facts)).toEqual(['delete post guarded'])
  })

  test.each([
    ['nothing asks', ''],
    ['a test that only logs', "if (!userId) console.warn('nobody')"],
    ['a test of something else', 'if (!method) return new Response(null)'],
    ['both have to fail', 'if (!userId && !method) return new Response(null)'],
    ['a catch goes on', 'try { if (!userId) throw new Error() } catch { console.warn() }'],
  ])('and no more than that: %s', (_, check) => {
    const facts = factsOf(
      `${IMPORTS}export async function DELETE(request: Request) {
        const { userId } = await auth()
        const { method } = request
        ${check}
        await db.post.deleteMany({})
        return new Response(null, { status: 204 })
      }`,
    )
    expect(writesOf(facts)).toEqual(['delete post open'])
  })

  test('a member of nobody throws, and what is behind it knows that', () => {
    const facts = factsOf(
      `${IMPORTS}import { currentUser } from '@clerk/nextjs/server'
      export async function DELETE() {
        const user = await currentUser()
        console.log(user.id)
        await db.post.deleteMany({})
      }`,
    )
    expect(writesOf(facts)).toEqual(['delete post guarded'])
  })

  test('and with a question mark it does not', () => {
    const facts = factsOf(
      `${IMPORTS}import { currentUser } from '@clerk/nextjs/server'
      export async function DELETE() {
        const user = await currentUser()
        console.log(user?.primaryEmail.address)
        await db.post.deleteMany({})
      }`,
    )
    expect(writesOf(facts)).toEqual(['delete post open'])
  })
})

describe('code is followed wherever it is', () => {
  const WORK = 'async (request, context) => { await db.post.deleteMany({}); return new Response(null) }'

  test('through a wrapper of another file, by an alias', () => {
    const facts = factsOf(
      `import { db } from '@/lib/db'\nimport { withUser } from '@/lib/with-user'\nexport const DELETE = withUser(${WORK})`,
      {
        ...DB,
        'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./*"] } } } // and comments',
        'lib/with-user.ts': `import { auth } from '@clerk/nextjs/server'
        export function withUser(handler) {
          return async (request, context) => {
            const { userId } = await auth()
            if (!userId) return new Response(null, { status: 401 })
            return handler(request, context)
          }
        }`,
      },
    )
    expect(writesOf(facts)).toEqual(['delete post guarded'])
  })

  test('names lie: a wrapper is what its body does', () => {
    const facts = factsOf(
      `import { db } from '../../../../lib/db'\nimport { withAuth } from '../../../../lib/with-auth'\nexport const DELETE = withAuth(${WORK})`,
      {
        ...DB,
        'lib/with-auth.ts':
          "export const withAuth = (handler) => async (request, context) => { console.log('called'); return handler(request, context) }",
      },
    )
    expect(writesOf(facts)).toEqual(['delete post open'])
  })

  test('through an answer that says whether it went well', () => {
    const facts = factsOf(
      `${IMPORTS}
      async function allow() {
        const { userId } = await auth()
        return userId ? { ok: true, userId } : { ok: false, response: new Response(null, { status: 401 }) }
      }
      export async function DELETE() {
        const allowed = await allow()
        if (!allowed.ok) return allowed.response
        await db.post.deleteMany({ where: { authorId: allowed.userId } })
      }`,
    )
    expect(writesOf(facts)).toEqual(['delete post guarded'])
  })

  test('through re-exports, packages of the workspace and methods of classes', () => {
    const facts = factsOf("export { remove as DELETE } from '@acme/posts'", {
      ...DB,
      'packages/posts/package.json': '{ "name": "@acme/posts", "exports": { ".": "./dist/index.js" } }',
      'packages/posts/src/index.ts': "export * from './remove'",
      'packages/posts/src/remove.ts': `import { db } from '../../../lib/db'
        import { auth } from '@clerk/nextjs/server'
        class Posts {
          constructor(private readonly client) {}
          async guard() { const { userId } = await auth(); if (!userId) throw new Error('nobody') }
          async clear() { await this.guard(); await this.client.post.deleteMany({}) }
        }
        const posts = new Posts(db)
        export async function remove() { await posts.clear() }`,
    })
    expect(writesOf(facts)).toEqual(['delete post guarded'])
  })

  test('a circle of imports and functions that call each other end', () => {
    const facts = factsOf("import { a } from '../../../../a'\nexport const GET = () => a(1)", {
      'a.ts': "import { b } from './b'\nexport function a(n) { return b(n) }",
      'b.ts': "import { a } from './a'\nexport function b(n) { return a(n - 1) }",
    })
    expect(facts).toEqual([])
  })
})

test('a value knows where it comes from, and which column it names', () => {
  const facts = factsOf(
    `${IMPORTS}export async function PATCH(request: Request, { params }) {
      const { id } = await params
      const { title, ...others } = await request.json()
      await db.post.update({ where: { id, author: { orgId: 1 } }, data: { title: title.trim() } })
    }`,
  )
  const query = facts.find((fact) => fact.fact === 'query')
  expect(query).toMatchObject({ does: 'update', table: 'post', keys: [{ column: 'id' }, { column: 'author.orgId' }] })
  const data = query?.fact === 'query' ? query.data : null
  expect(originsOf(data!)).toMatchObject([{ from: 'input', part: 'body', name: 'title', validated: false }])
})

describe('a client that a module keeps for its next evaluation is found', () => {
  const CLIENT = "import { PrismaClient } from '@prisma/client'\n"
  const keeping = (code: string) => `${CLIENT}${code}\nexport const db = remember('db', () => new PrismaClient())`

  test.each([
    ['by @epic-web/remember', keeping("import { remember } from '@epic-web/remember'")],
    [
      'in a Map on globalThis',
      keeping(`function remember<T>(name: string, make: () => T): T {
        const kept = globalThis as any
        if (!kept.__clients) kept.__clients = new Map()
        if (!kept.__clients.has(name)) kept.__clients.set(name, make())
        return kept.__clients.get(name)
      }`),
    ],
    [
      'in an object on globalThis',
      keeping(`const remember = <T,>(name: string, make: () => T): T => {
        const kept = global as any
        kept.__clients ??= {}
        kept.__clients[name] ??= make()
        return kept.__clients[name]
      }`),
    ],
    [
      'in a name of its own',
      `${CLIENT}const kept = globalThis as unknown as { db?: PrismaClient }
      export const db = kept.db ?? new PrismaClient()
      if (process.env.NODE_ENV !== 'production') kept.db = db`,
    ],
    [
      'behind a Proxy, which makes it when it is first asked',
      `${CLIENT}const kept = globalThis as unknown as { db?: PrismaClient }
      function open(): PrismaClient {
        if (!process.env.DATABASE_URL) throw new Error('DATABASE_URL is not set')
        kept.db ??= new PrismaClient()
        return kept.db
      }
      export const db = new Proxy({} as PrismaClient, { get: (_, name, self) => Reflect.get(open(), name, self) })`,
    ],
    [
      'behind a Proxy, whose methods are bound',
      `${CLIENT}let made: PrismaClient | undefined
      export const db = new Proxy({} as PrismaClient, {
        get(_, name) {
          made ??= new PrismaClient()
          const member = made[name as keyof PrismaClient]
          return typeof member === 'function' ? member.bind(made) : member
        },
      })`,
    ],
    [
      'in front of which a Proxy only listens',
      `${CLIENT}export const db = new Proxy(new PrismaClient(), {
        set() { throw new Error('it is kept as it is') },
      })`,
    ],
  ])('%s', (_, client) => {
    const facts = factsOf(
      `import { db } from '../../../../lib/db'
      export async function DELETE() {
        await db.post.deleteMany({})
        return new Response(null, { status: 204 })
      }`,
      { 'lib/db.ts': client },
    )
    expect(writesOf(facts)).toEqual(['delete post open'])
  })
})

test.each([
  ['of two kinds', 'process.env.CI ? new PrismaClient({ log: [] }) : new PrismaClient()'],
  ['with an extension, or without', 'process.env.CI ? plain : plain.$extends({})'],
])('one client or another, and what is found is one row: %s', (_, client) => {
  const facts = factsOf(
    `import { cookies } from 'next/headers'
    import { db } from '../../../../lib/db'
    export async function DELETE() {
      const sessionId = (await cookies()).get('sid')?.value
      const session = await db.session.findUnique({ where: { id: sessionId } })
      if (!session) return new Response(null, { status: 401 })
      await db.post.deleteMany({ where: { authorId: session.userId } })
      return new Response(null, { status: 204 })
    }`,
    {
      'lib/db.ts': `import { PrismaClient } from '@prisma/client'
      const plain = new PrismaClient()
      export const db = ${client}`,
    },
  )
  expect(writesOf(facts)).toEqual(['delete post guarded'])
})

test.each([
  ['of pino', "import pino from 'pino'\nconst log = pino()", 'log.child({ id: 1 }).error(error)'],
  [
    'by its name',
    "import { makeLogger } from 'a-stranger'\nconst ctx = { logger: makeLogger() }",
    'ctx.logger.warn({ error })',
  ],
  ['that is sent away', "import * as Sentry from '@sentry/nextjs'", 'Sentry.captureException(error)'],
])('an error is written down by a logger %s', (_, imports, said) => {
  const facts = factsOf(
    `import { db } from '../../../../lib/db'
    ${imports}
    export async function GET() {
      try { return Response.json(await db.post.count()) } catch (error) { ${said}; return new Response(null, { status: 500 }) }
    }`,
  )
  expect(facts.filter(({ fact }) => fact === 'log')).toHaveLength(1)
})

test.each(['prisma.blog.error(1)', 'dialog(1)', 'catalog.errors(1)'])(
  'and by nothing that only sounds like one: %s',
  (said) => {
    const facts = factsOf(`import { prisma, dialog, catalog } from 'a-stranger'
    export async function GET() { ${said}; return new Response(null) }`)
    expect(facts.filter(({ fact }) => fact === 'log')).toEqual([])
  },
)
