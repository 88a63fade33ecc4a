import { describe, expect, test } from 'vitest'
import { audit } from '../audit.js'
import { treeOf } from '../facts/source/read-tree.js'
import { RULEBOOK } from './rulebook.js'
import { saidOf } from './said-of.js'

const checked = async (files: Readonly<Record<string, string>>) => saidOf(await audit(treeOf(files), RULEBOOK))

const DB = { 'lib/db.ts': "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()" }

const hono = (before: string, handler: string, rest: Readonly<Record<string, string>> = {}) => ({
  ...DB,
  ...rest,
  'src/index.ts': `import { Hono } from 'hono'
import { db } from '../lib/db'
${before}
app.delete('/posts/:id', async (c) => { ${handler} })
export default app`,
})

const express = (before: string, row: string, rest: Readonly<Record<string, string>> = {}) => ({
  ...DB,
  ...rest,
  'src/index.ts': `import express from 'express'
import { db } from '../lib/db'
${before}
${row}
app.listen(3000)`,
})

const DELETE = 'const { id } = c.req.param(); await db.post.delete({ where: { id, userId } }); return c.body(null, 204)'
const REMOVE =
  'async (req, res) => { await db.post.delete({ where: { id: req.params.id, userId: req.user.id } }); res.sendStatus(204) }'

describe('guards of Hono', () => {
  test.each<[string, string, string, Readonly<Record<string, string>>?]>([
    [
      'sets the user',
      "import { verify } from 'hono/jwt'\nconst app = new Hono()\napp.use('*', async (c, next) => { const payload = await verify(c.req.header('authorization') ?? '', process.env.SECRET!); c.set('user', payload); await next() })",
      `const userId = c.get('user').sub; ${DELETE}`,
    ],
    [
      'sets the user of better-auth, or nobody',
      "import { betterAuth } from 'better-auth'\nconst auth = betterAuth({})\nconst app = new Hono()\napp.use('*', async (c, next) => { const session = await auth.api.getSession({ headers: c.req.raw.headers }); c.set('user', session ? session.user : null); await next() })",
      `const user = c.get('user'); if (!user) return c.json({ error: 'Unauthorized' }, 401); const userId = user.id; ${DELETE}`,
    ],
    [
      'throws',
      "import { HTTPException } from 'hono/http-exception'\nimport { getAuth } from '@hono/clerk-auth'\nconst app = new Hono()\nconst guard = async (c, next) => { const auth = getAuth(c); if (!auth?.userId) throw new HTTPException(401); c.set('userId', auth.userId); await next() }\napp.use('/posts/*', guard)",
      `const userId = c.get('userId'); ${DELETE}`,
    ],
    [
      'a package that nobody knows',
      "import { sessions } from '@acme/hono-sessions'\nconst app = new Hono()\napp.use(sessions())",
      `const userId = c.get('userId'); if (!userId) return c.json({}, 401); ${DELETE}`,
    ],
  ])('%s', async (_, before, handler, rest) => {
    expect(await checked(hono(before, handler, rest))).toEqual([])
  })

  test('and none', async () => {
    const said = await checked(
      hono(
        'const app = new Hono()',
        "await db.post.delete({ where: { id: c.req.param('id') } }); return c.body(null, 204)",
      ),
    )
    expect(said).toEqual(['auth-missing', 'ownership-missing'])
  })
})

describe('guards of Express', () => {
  test.each<[string, string, string, Readonly<Record<string, string>>?]>([
    [
      'a middleware of their own',
      "import jwt from 'jsonwebtoken'\nconst app = express()\nfunction guard(req, res, next) { try { req.user = jwt.verify(req.headers.authorization, process.env.SECRET); next() } catch { res.sendStatus(401) } }",
      `app.delete('/posts/:id', guard, ${REMOVE})`,
    ],
    [
      'passport',
      "import passport from 'passport'\nconst app = express()",
      `app.delete('/posts/:id', passport.authenticate('jwt', { session: false }), ${REMOVE})`,
    ],
    [
      'passport with a function of its own, in a promise',
      `import passport from 'passport'
const app = express()
const rights = new Map(Object.entries({ user: [], admin: ['remove'] }))
const told = (req, resolve, reject, required) => async (err, user, info) => {
  if (err || info || !user) return reject(new Error('Unauthorized'))
  req.user = user
  const has = required.every((right) => rights.get(user.role).includes(right))
  if (!has && req.params.id !== user.id) return reject(new Error('Forbidden'))
  resolve()
}
const guard = (...required) => async (req, res, next) =>
  new Promise((resolve, reject) => { passport.authenticate('jwt', { session: false }, told(req, resolve, reject, required))(req, res, next) })
    .then(() => next())
    .catch((error) => next(error))`,
      "app.delete('/users/:id', guard('remove'), async (req, res) => { await db.user.delete({ where: { id: req.params.id } }); res.sendStatus(204) })",
    ],
    [
      'a token that is told to a callback',
      "import jwt from 'jsonwebtoken'\nconst app = express()\nconst guard = (req, res, next) => jwt.verify(req.headers.authorization, process.env.SECRET, (err, user) => { if (err) return res.sendStatus(401); req.user = user; next() })",
      `app.delete('/posts/:id', guard, ${REMOVE})`,
    ],
    [
      'a promise of a token',
      "import jwt from 'jsonwebtoken'\nimport { promisify } from 'node:util'\nconst app = express()\nconst guard = async (req, res, next) => { try { req.user = await promisify(jwt.verify)(req.headers.authorization, process.env.SECRET) } catch { return res.sendStatus(401) } next() }",
      `app.delete('/posts/:id', guard, ${REMOVE})`,
    ],
    [
      'in a wrapper of a package that nobody knows',
      "import asyncHandler from 'express-async-handler'\nconst app = express()\nconst guard = asyncHandler(async (req, res, next) => { if (!req.user) return res.sendStatus(401); next() })",
      `app.delete('/posts/:id', guard, asyncHandler(${REMOVE}))`,
    ],
    [
      'the owner, or who may do more',
      "import { expressjwt } from 'express-jwt'\nconst app = express()\napp.use(expressjwt({ secret: process.env.SECRET, algorithms: ['HS256'] }))",
      "app.delete('/posts/:id', async (req, res) => { const post = await db.post.findUnique({ where: { id: req.params.id } }); if (post.authorId !== req.auth.sub && req.auth.role !== 'admin') return res.sendStatus(403); await db.post.delete({ where: { id: req.params.id } }); res.sendStatus(204) })",
    ],
    [
      'a check inside',
      'const app = express()',
      `app.delete('/posts/:id', async (req, res) => { if (!req.user) return res.sendStatus(401); await db.post.delete({ where: { id: req.params.id, userId: req.user.id } }); res.sendStatus(204) })`,
    ],
    [
      'a check in a helper',
      "import { userOf } from './user.js'\nconst app = express()",
      `app.delete('/posts/:id', async (req, res) => { const user = userOf(req); await db.post.delete({ where: { id: req.params.id, userId: user.id } }); res.sendStatus(204) })`,
      {
        'src/user.ts':
          "export function userOf(req) { if (!req.user) throw new Error('Unauthorized'); return req.user }",
      },
    ],
    [
      'in front of a router',
      "import { guard } from './guard.js'\nconst app = express()\nconst posts = express.Router()\napp.use('/posts', guard, posts)",
      `posts.delete('/:id', ${REMOVE})`,
      {
        'src/guard.ts':
          'export const guard = (req, res, next) => { if (!req.session.userId) return res.status(401).end(); req.user = { id: req.session.userId }; next() }',
      },
    ],
    [
      'a package that nobody knows',
      "import { requireAuth } from '@acme/auth'\nconst app = express()\napp.use(requireAuth())",
      `app.delete('/posts/:id', ${REMOVE})`,
    ],
    [
      'isAuthenticated()',
      'const app = express()',
      `app.delete('/posts/:id', async (req, res) => { if (!req.isAuthenticated()) return res.redirect('/login'); await db.post.delete({ where: { id: req.params.id, userId: req.user.id } }); res.sendStatus(204) })`,
    ],
  ])('%s', async (_, before, row, rest) => {
    expect(await checked(express(before, row, rest))).toEqual([])
  })

  test.each<[string, string, string]>([
    [
      'none',
      'const app = express()',
      "app.delete('/posts/:id', async (req, res) => { await db.post.delete({ where: { id: req.params.id } }); res.sendStatus(204) })",
    ],
    [
      'a token that is told to a callback which goes on whatever it is told',
      "import jwt from 'jsonwebtoken'\nconst app = express()\napp.use((req, res, next) => jwt.verify(req.headers.authorization, process.env.SECRET, (err, user) => { req.user = user; next() }))",
      "app.delete('/posts/:id', async (req, res) => { await db.post.delete({ where: { id: req.params.id } }); res.sendStatus(204) })",
    ],
    [
      'passport with a function of its own that refuses nobody',
      "import passport from 'passport'\nconst app = express()\napp.use((req, res, next) => new Promise((resolve) => { passport.authenticate('jwt', (err, user) => { req.user = user; resolve() })(req, res, next) }).then(() => next()))",
      "app.delete('/posts/:id', async (req, res) => { await db.post.delete({ where: { id: req.params.id } }); res.sendStatus(204) })",
    ],
    [
      'one that stands behind',
      'const app = express()\nfunction guard(req, res, next) { if (!req.user) return res.sendStatus(401); next() }',
      "app.delete('/posts/:id', async (req, res) => { await db.post.delete({ where: { id: req.params.id } }); res.sendStatus(204) })\napp.use(guard)",
    ],
    [
      'none, in a wrapper of a package that nobody knows',
      "import asyncHandler from 'express-async-handler'\nconst app = express()",
      "app.delete('/posts/:id', asyncHandler(async (req, res) => { await db.post.delete({ where: { id: req.params.id } }); res.sendStatus(204) }))",
    ],
    [
      'one that lets everybody through',
      'const app = express()\nfunction requireAuth(req, res, next) { console.log(req.user); next() }',
      "app.delete('/posts/:id', requireAuth, async (req, res) => { await db.post.delete({ where: { id: req.params.id } }); res.sendStatus(204) })",
    ],
  ])('%s', async (_, before, row) => {
    expect(await checked(express(before, row))).toEqual(['auth-missing', 'ownership-missing'])
  })
})

const wrapped = (wrapper: string) => ({
  ...DB,
  'lib/with-auth.ts': wrapper,
  'app/api/posts/[id]/route.ts': `import { db } from '../../../../lib/db'
import { withAuth } from '../../../../lib/with-auth'
export const DELETE = withAuth(async (req, { user, params }) => {
  try {
    const { id } = await params
    await db.post.delete({ where: { id, userId: user.id } })
    return new Response(null, { status: 204 })
  } catch (error) {
    console.error(error)
    return Response.json({ error: 'Something went wrong' }, { status: 500 })
  }
})`,
})

describe('wrappers are what their bodies do', () => {
  test.each<[string, string, string[]]>([
    [
      'one that asks',
      "import { getServerSession } from 'next-auth'\nexport const withAuth = (handler) => async (req, ctx) => { const session = await getServerSession(); if (!session?.user) return new Response(null, { status: 401 }); return handler(req, { ...ctx, user: session.user }) }",
      [],
    ],
    [
      'one that asks in a class',
      "import { getServerSession } from 'next-auth'\nclass Guard { async user() { const session = await getServerSession(); if (!session?.user) throw new Error('Unauthorized'); return session.user } }\nexport function withAuth(handler) { return async (req, ctx) => handler(req, { ...ctx, user: await new Guard().user() }) }",
      [],
    ],
    [
      'one that only looks',
      "import { getServerSession } from 'next-auth'\nexport const withAuth = (handler) => async (req, ctx) => { const session = await getServerSession(); return handler(req, { ...ctx, user: session?.user ?? { id: req.headers.get('x-user') } }) }",
      ['auth-missing', 'ownership-missing'],
    ],
  ])('%s', async (_, wrapper, said) => {
    expect(await checked(wrapped(wrapper))).toEqual(said)
  })
})

const action = (before: string, work: string) => ({
  ...DB,
  'lib/supabase.ts': `import { createServerClient } from '@supabase/ssr'
import { createClient } from '@supabase/supabase-js'
export const userClient = () => createServerClient(process.env.SUPABASE_URL!, process.env.SUPABASE_ANON_KEY!, {})
export const adminClient = () => createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_SERVICE_ROLE_KEY!)`,
  'app/actions.ts': `'use server'
import { revalidatePath } from 'next/cache'
import { adminClient, userClient } from '../lib/supabase'
export async function rename(id: string, title: string) {
  ${before}
  ${work}
  revalidatePath('/notes')
}`,
})

const SIGNED_IN =
  "const { data: { user } } = await userClient().auth.getUser(); if (!user) throw new Error('Unauthorized')"

describe('Supabase', () => {
  test.each<[string, string, string, string[]]>([
    [
      'policies guard what the caller does with their own key',
      SIGNED_IN,
      "await userClient().from('notes').update({ title }).eq('id', id)",
      [],
    ],
    [
      'the owner is in the condition',
      SIGNED_IN,
      "await adminClient().from('notes').update({ title }).eq('id', id).eq('user_id', user.id)",
      [],
    ],
    [
      'the owner was compared',
      SIGNED_IN,
      "const admin = adminClient(); const { data: note } = await admin.from('notes').select('*').eq('id', id).single(); if (note?.user_id !== user.id) throw new Error('Not found'); await admin.from('notes').update({ title }).eq('id', id)",
      [],
    ],
    [
      'with the key of the service no policy is asked',
      SIGNED_IN,
      "await adminClient().from('notes').update({ title }).eq('id', id)",
      ['ownership-missing'],
    ],
    [
      'and nobody was',
      '',
      "await adminClient().from('notes').update({ title }).eq('id', id)",
      ['action-unauthenticated', 'ownership-missing'],
    ],
  ])('%s', async (_, before, work, said) => {
    expect(await checked(action(before, work))).toEqual(said)
  })

  test.each<[string, string, string[]]>([
    ['asks for a token unless it is told not to', '', []],
    ['and then nobody does', '[functions.notes]\nverify_jwt = false\n', ['auth-missing']],
    ['which is said of another', '[functions.others]\nverify_jwt = false\n', []],
  ])('a function: the platform %s', async (_, config, said) => {
    const files = {
      'supabase/config.toml': `project_id = "x"\n${config}`,
      'supabase/functions/notes/index.ts': `import { createClient } from 'npm:@supabase/supabase-js@2'
Deno.serve(async (req) => {
  const supabase = createClient(Deno.env.get('SUPABASE_URL')!, Deno.env.get('SUPABASE_SERVICE_ROLE_KEY')!)
  await supabase.from('notes').insert({ text: 'x' })
  return new Response('ok')
})`,
    }
    expect(await checked(files)).toEqual(said)
  })
})
