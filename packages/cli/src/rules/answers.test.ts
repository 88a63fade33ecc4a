import { describe, expect, test } from 'vitest'
import { audit } from '../audit.js'
import { treeOf } from '../facts/source/read-tree.js'
import { RULEBOOK } from './rulebook.js'

const DB = "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()"

/** What is said of a tree, rule by rule, with its confidence. */
async function said(files: Readonly<Record<string, string>>): Promise<string[]> {
  const { findings, faults } = await audit(treeOf({ 'lib/db.ts': DB, ...files }), RULEBOOK)
  expect(faults).toEqual([])
  return findings.map(({ rule, confidence }) => `${rule} ${confidence}`)
}

const TRPC = `import { initTRPC, TRPCError } from '@trpc/server'
import { getServerSession } from 'next-auth'
import { db } from '../lib/db'
export const createTRPCContext = async () => ({ db, session: await getServerSession() })
const t = initTRPC.context<typeof createTRPCContext>().create()
const timing = t.middleware(async ({ next }) => { const result = await next(); console.log('done'); return result })
export const router = t.router
export const signedIn = t.procedure.use(timing).use(({ ctx, next }) => {
  if (!ctx.session?.user) throw new TRPCError({ code: 'UNAUTHORIZED' })
  return next({ ctx: { user: ctx.session.user } })
})`

const procedure = (handler: string) =>
  said({
    'server/trpc.ts': TRPC,
    'server/posts.ts': `import { router, signedIn } from './trpc'
export const posts = router({ one: signedIn.query(${handler}) })`,
  })

describe('what a procedure returns goes to its client', () => {
  test.each<[string, string, string[]]>([
    [
      'at its end',
      'async ({ ctx }) => { const posts = await ctx.db.post.findMany({ where: { authorId: ctx.user.id } }); return { posts } }',
      ['pagination-missing high'],
    ],
    [
      'as an expression',
      '({ ctx }) => ctx.db.post.findMany({ where: { authorId: ctx.user.id } })',
      ['pagination-missing high'],
    ],
    ['a page of it', '({ ctx }) => ctx.db.post.findMany({ where: { authorId: ctx.user.id }, take: 20 })', []],
    [
      'how many there are',
      'async ({ ctx }) => { const posts = await ctx.db.post.findMany({ where: { authorId: ctx.user.id } }); return posts.length > 0 }',
      [],
    ],
    [
      'why it failed',
      'async ({ ctx }) => { try { return await ctx.db.post.count() } catch (error) { console.error(error); return { error: (error as Error).message } } }',
      ['error-leak high'],
    ],
  ])('%s', async (_, handler, expected) => {
    expect(await procedure(handler)).toEqual(expected)
  })

  test('and what a middleware returns is what it was given', async () => {
    const handler =
      'async ({ ctx }) => { await ctx.db.post.findMany({ where: { authorId: ctx.user.id } }); return null }'
    expect(await procedure(handler)).toEqual([])
  })
})

const route = (answer: string) =>
  said({
    'app/api/users/route.ts': `import { auth } from '@clerk/nextjs/server'
import { db } from '../../../lib/db'
export async function GET(request: Request) {
  try {
    const { userId } = await auth()
    if (!userId) return new Response(null, { status: 401 })
    const email = new URL(request.url).searchParams.get('email')
    if (typeof email !== 'string' || email.length > 100) return new Response(null, { status: 400 })
    const user = await db.user.findUnique({ where: { email } })
    return Response.json(${answer})
  } catch (error) {
    console.error(error)
    return new Response(null, { status: 500 })
  }
}`,
  })

describe('whether there is a row is none of what stands in it', () => {
  test.each(['{ isTaken: !!user }', '{ isTaken: Boolean(user) }', '{ isFree: user === null }', '!user'])(
    '%s',
    async (answer) => {
      expect(await route(answer)).toEqual([])
    },
  )

  test('nor whether one is among them', async () => {
    const mine = 'new Set((await db.save.findMany({ where: { userId } })).map(({ postId }) => postId))'
    expect(await route(`{ isSaved: ${mine}.has(user?.id) }`)).toEqual([])
  })

  test('but the row is', async () => {
    expect(await route('{ user, isTaken: !!user }')).toEqual(['ownership-missing high'])
  })
})

const rpc = (body: string) =>
  said({
    'app/api/rpc/route.ts': `import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { createYoga } from 'graphql-yoga'
import { send } from '@acme/mail'
const yoga = createYoga({})
${body}`,
  })

describe('who is given the request answers it, and what goes wrong there', () => {
  test.each([
    "const handler = (request: Request) => fetchRequestHandler({ endpoint: '/api/rpc', req: request })\nexport { handler as GET }",
    'export const GET = (request: Request) => yoga.handleRequest(request, {})',
    'export async function GET(request: Request) { return await yoga.handleRequest(request, {}) }',
  ])('%s', async (body) => {
    expect(await rpc(body)).toEqual([])
  })

  test.each(['node:fs/promises', 'fs', 'async_hooks', 'fs-extra', 'crypto-js', 'path-to-regexp'])(
    'nor is %s somebody else',
    async (name) => {
      const made = `import { make } from '${name}'\nexport const GET = async () => Response.json(await make('a'))`
      expect(await rpc(made)).toEqual([])
    },
  )

  test('but not who is given anything else', async () => {
    expect(await rpc("export const GET = () => send('to@example.com')")).toEqual(['error-unhandled high'])
  })
})
