import { describe, expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { RULEBOOK } from '../../rules/rulebook.js'
import { isGuarded } from '../ask/guarded.js'
import { readEntries } from '../read-project.js'
import { treeOf } from '../source/read-tree.js'
import type { TracedEntry } from '../trace/traced-entry.js'

const DB = `import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()`

/** How each entry point stands that deletes something: guarded, open, or open as far as can be shown. */
function standing(files: Readonly<Record<string, string>>): Record<string, string> {
  const entries = readEntries(treeOf({ 'server/db.ts': DB, ...files }))
  return Object.fromEntries(entries.map((one) => [one.entry.symbol, standingOf(one)]))
}

function standingOf({ facts, isWhole }: TracedEntry): string {
  const work = facts.find(({ fact }) => fact === 'query')
  if (work === undefined) return 'nothing'
  return isGuarded(work.known) ? 'guarded' : isWhole ? 'open' : 'unsure'
}

const TRPC = `import { initTRPC, TRPCError } from '@trpc/server'
import { getServerSession } from 'next-auth'
import { db } from './db'
export const createTRPCContext = async (opts) => {
  const session = await getServerSession()
  return { db, session, ...opts }
}
const t = initTRPC.context().create({ errorFormatter({ shape }) { return shape } })
export const router = t.router
const timing = t.middleware(async ({ next, path }) => {
  const result = await next()
  console.log(path)
  return result
})
const isSignedIn = t.middleware(({ ctx, next }) => {
  if (!ctx.session?.user) throw new TRPCError({ code: 'UNAUTHORIZED' })
  return next({ ctx: { session: { ...ctx.session, user: ctx.session.user } } })
})
export const publicProcedure = t.procedure.use(timing)
export const protectedProcedure = t.procedure.use(timing).use(isSignedIn)
export const inlineProcedure = publicProcedure.use(async ({ ctx, next }) => {
  if (!ctx.session) throw new TRPCError({ code: 'UNAUTHORIZED' })
  return next()
})
export const forgetfulProcedure = t.procedure.use(({ ctx, next }) => { if (!ctx.session) console.warn('nobody'); return next() })
`

const ROUTER = `import { z } from 'zod'
import { router, publicProcedure, protectedProcedure, inlineProcedure, forgetfulProcedure } from '../trpc'
export const posts = router({
  open: publicProcedure.mutation(({ ctx }) => ctx.db.post.deleteMany({})),
  closed: protectedProcedure.input(z.object({ id: z.string() })).mutation(async ({ ctx, input }) => {
    await ctx.db.post.delete({ where: { id: input.id } })
  }),
  inline: inlineProcedure.mutation(({ ctx }) => ctx.db.post.deleteMany({})),
  forgetful: forgetfulProcedure.query(({ ctx }) => ctx.db.post.findMany({ take: 10 })),
})
`

describe('tRPC', () => {
  const files = { 'server/trpc.ts': TRPC, 'server/routers/posts.ts': ROUTER }

  test('a procedure stands behind what its builder uses, whatever that is called', () => {
    expect(standing(files)).toEqual({ open: 'open', closed: 'guarded', inline: 'guarded', forgetful: 'open' })
  })

  test('it has a method, and the place where it has its handler', () => {
    const entries = readEntries(treeOf({ 'server/db.ts': DB, ...files }))
    expect(entries.map(({ entry }) => [entry.framework, entry.symbol, entry.method, entry.spot.file.path])).toEqual([
      ['trpc', 'open', 'POST', 'server/routers/posts.ts'],
      ['trpc', 'closed', 'POST', 'server/routers/posts.ts'],
      ['trpc', 'inline', 'POST', 'server/routers/posts.ts'],
      ['trpc', 'forgetful', 'GET', 'server/routers/posts.ts'],
    ])
  })

  test('what its schema has passed is validated, and what none has is not there', () => {
    const [closed] = readEntries(treeOf({ 'server/db.ts': DB, ...files })).filter(
      ({ entry }) => entry.symbol === 'closed',
    )
    const inputs = closed!.facts.flatMap((fact) => (fact.fact === 'input' ? [fact.origin] : []))
    expect(inputs).toMatchObject([{ from: 'input', part: 'body' }])
  })

  test('where nobody finds what makes its context, a session in it may be one, and all of it is less sure', () => {
    const elsewhere = TRPC.replace('createTRPCContext', 'makeContext')
    const work = ROUTER.replaceAll('ctx.db', 'db').replace("from 'zod'", "from 'zod'\nimport { db } from '../db'")
    expect(standing({ 'server/trpc.ts': elsewhere, 'server/routers/posts.ts': work })).toEqual({
      open: 'unsure',
      closed: 'guarded',
      inline: 'guarded',
      forgetful: 'unsure',
    })
  })
})

test('a procedure that is named after webhooks is for those who want one, and no provider calls it', async () => {
  const router = `import { router, protectedProcedure } from '../trpc'
  export const webhooks = router({ deleteWebhooks: protectedProcedure.mutation(({ ctx }) => ctx.db.webhook.deleteMany({ where: { userId: ctx.session.user.id } })) })`
  const tree = treeOf({ 'server/db.ts': DB, 'server/trpc.ts': TRPC, 'server/routers/webhook.ts': router })
  const { findings } = await audit(tree, RULEBOOK)
  expect(findings.map(({ rule }) => rule)).not.toContain('webhook-unsigned')
})

test('oRPC hands on a context by another name', () => {
  const base = `import { ORPCError, os } from '@orpc/server'
  import { getServerSession } from 'next-auth'
  export const pub = os
  export const authed = os.use(async ({ context, next }) => {
    const session = await getServerSession()
    if (!session) throw new ORPCError('UNAUTHORIZED')
    return next({ context: { session } })
  })`
  const router = `import { db } from './db'
  import { authed, pub } from './orpc'
  export const open = pub.handler(async () => db.post.deleteMany({}))
  export const closed = authed.handler(async ({ context }) => db.post.deleteMany({ where: { authorId: context.session.user.id } }))`
  expect(standing({ 'server/orpc.ts': base, 'server/router.ts': router })).toEqual({ open: 'open', closed: 'guarded' })
})

test('an action of next-safe-action stands behind its client', () => {
  const client = `import { createSafeActionClient } from 'next-safe-action'
  import { getServerSession } from 'next-auth'
  export const actionClient = createSafeActionClient({ handleServerError: () => 'Something went wrong' })
  export const authClient = actionClient.use(async ({ next }) => {
    const session = await getServerSession()
    if (!session?.user) throw new Error('Not signed in')
    return next({ ctx: { userId: session.user.id } })
  })`
  const actions = `'use server'
  import { z } from 'zod'
  import { db } from '../server/db'
  import { actionClient, authClient } from '../server/safe-action'
  export const open = actionClient.inputSchema(z.object({ id: z.string() })).action(async ({ parsedInput }) => {
    await db.post.delete({ where: { id: parsedInput.id } })
  })
  export const closed = authClient.schema(z.object({ id: z.string() })).action(async ({ parsedInput: { id }, ctx: { userId } }) => {
    await db.post.delete({ where: { id, authorId: userId } })
  })`
  const files = { 'server/safe-action.ts': client, 'app/actions.ts': actions }
  expect(standing(files)).toEqual({ open: 'open', closed: 'guarded' })
})
