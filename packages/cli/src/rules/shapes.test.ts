import { describe, expect, test } from 'vitest'
import { audit } from '../audit.js'
import { treeOf } from '../facts/source/read-tree.js'
import { RULEBOOK } from './rulebook.js'
import { saidOf } from './said-of.js'

const checked = async (files: Readonly<Record<string, string>>) => saidOf(await audit(treeOf(files), RULEBOOK))

const DB = { 'lib/db.ts': "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()" }

/** A route that changes a post, with what stands before and how the post is named. */
const route = (imports: string, before: string, where = '{ id }', rest: Readonly<Record<string, string>> = {}) => ({
  ...DB,
  ...rest,
  'app/api/posts/[id]/route.ts': `import { db } from '../../../../lib/db'
import { NextResponse, type NextRequest } from 'next/server'
${imports}
export async function DELETE(req: NextRequest, { params }: { params: Promise<{ id: string }> }) {
  try {
    const { id } = await params
    ${before}
    await db.post.delete({ where: ${where} })
    return new Response(null, { status: 204 })
  } catch (error) {
    console.error(error)
    return Response.json({ error: 'Something went wrong' }, { status: 500 })
  }
}`,
})

const REFUSE = "return NextResponse.json({ error: 'Unauthorized' }, { status: 401 })"

describe('whoever asks for the session, in whichever way, is not told that nobody has asked', () => {
  test.each<[string, string, string, string, Readonly<Record<string, string>>?]>([
    [
      'Auth.js 4',
      "import { getServerSession } from 'next-auth'",
      `const session = await getServerSession({}); if (!session?.user?.id) ${REFUSE}`,
      '{ id, userId: session.user.id }',
    ],
    [
      'Auth.js 5',
      "import { auth } from '../../../../auth'",
      `const session = await auth(); if (!session) ${REFUSE}`,
      '{ id, userId: session.user.id }',
      {
        'auth.ts':
          "import NextAuth from 'next-auth'\nexport const { handlers, auth, signIn } = NextAuth({ providers: [] })",
      },
    ],
    [
      'Clerk, and what it redirects',
      "import { auth } from '@clerk/nextjs/server'",
      'const { userId } = await auth.protect()',
      '{ id, userId }',
    ],
    [
      'Clerk, and what it tells',
      "import { auth } from '@clerk/nextjs/server'",
      `const { userId } = await auth(); if (!userId) ${REFUSE}`,
      '{ id, userId }',
    ],
    [
      'Supabase on a server',
      "import { createServerClient } from '@supabase/ssr'",
      `const supabase = createServerClient('', '', {}); const { data: { user }, error } = await supabase.auth.getUser(); if (error || !user) ${REFUSE}`,
      '{ id, userId: user.id }',
    ],
    [
      'Lucia',
      "import { Lucia } from 'lucia'\nimport { cookies } from 'next/headers'\nconst lucia = new Lucia(null, {})",
      `const sessionId = (await cookies()).get(lucia.sessionCookieName)?.value ?? null; if (!sessionId) ${REFUSE}
       const { user } = await lucia.validateSession(sessionId); if (!user) ${REFUSE}`,
      '{ id, userId: user.id }',
    ],
    [
      'iron-session',
      "import { getIronSession } from 'iron-session'\nimport { cookies } from 'next/headers'",
      `const session = await getIronSession(await cookies(), { password: process.env.SESSION_SECRET!, cookieName: 's' }); if (!session.userId) ${REFUSE}`,
      '{ id, userId: session.userId }',
    ],
    [
      'jose',
      "import { jwtVerify } from 'jose'\nimport { cookies } from 'next/headers'",
      `const token = (await cookies()).get('token')?.value; if (!token) ${REFUSE}
       const { payload } = await jwtVerify(token, new TextEncoder().encode(process.env.JWT_SECRET!))`,
      '{ id, userId: payload.sub }',
    ],
    [
      'jsonwebtoken in a helper',
      "import { userFrom } from '../../../../lib/token'",
      `const user = userFrom(req); if (!user) ${REFUSE}`,
      '{ id, userId: user.id }',
      {
        'lib/token.ts': `import jwt from 'jsonwebtoken'
export function userFrom(req: Request) {
  const header = req.headers.get('authorization')
  if (!header?.startsWith('Bearer ')) return null
  try { return jwt.verify(header.slice(7), process.env.JWT_SECRET!) as { id: string } } catch { return null }
}`,
      },
    ],
    [
      'Auth0',
      "import { Auth0Client } from '@auth0/nextjs-auth0/server'\nconst auth0 = new Auth0Client()",
      `const session = await auth0.getSession(); if (!session) ${REFUSE}`,
      '{ id, userId: session.user.sub }',
    ],
    [
      'WorkOS',
      "import { withAuth } from '@workos-inc/authkit-nextjs'",
      'const { user } = await withAuth({ ensureSignedIn: true })',
      '{ id, userId: user.id }',
    ],
    [
      'Kinde',
      "import { getKindeServerSession } from '@kinde-oss/kinde-auth-nextjs/server'",
      `const { getUser } = getKindeServerSession(); const user = await getUser(); if (!user) ${REFUSE}`,
      '{ id, userId: user.id }',
    ],
    [
      'Firebase',
      "import { getAuth } from 'firebase-admin/auth'",
      "const decoded = await getAuth().verifyIdToken(req.headers.get('authorization') ?? '')",
      '{ id, userId: decoded.uid }',
    ],
    [
      'better-auth',
      "import { auth } from '../../../../lib/auth'\nimport { headers } from 'next/headers'",
      `const session = await auth.api.getSession({ headers: await headers() }); if (!session) ${REFUSE}`,
      '{ id, userId: session.user.id }',
      { 'lib/auth.ts': "import { betterAuth } from 'better-auth'\nexport const auth = betterAuth({})" },
    ],
    [
      'a package that nobody knows',
      "import { whoami } from 'acme-identity'",
      `const person = await whoami(req); if (!person) ${REFUSE}`,
      '{ id, userId: person.id }',
    ],
    [
      'a module that is not there',
      "import { requireUser } from '@/generated/session'",
      'const user = await requireUser()',
      '{ id, userId: user.id }',
    ],
    [
      'a helper that throws',
      "import { requireUser } from '../../../../lib/session'",
      'const user = await requireUser()',
      '{ id, userId: user.id }',
      {
        'lib/session.ts': `import { getServerSession } from 'next-auth'
export async function requireUser() {
  const session = await getServerSession()
  if (!session?.user) throw new Error('Unauthorized')
  return session.user as { id: string }
}`,
      },
    ],
    [
      'a helper that redirects',
      "import { requireUser } from '../../../../lib/session'",
      'const user = await requireUser()',
      '{ id, userId: user.id }',
      {
        'lib/session.ts': `import { getServerSession } from 'next-auth'
import { redirect } from 'next/navigation'
export const requireUser = async () => (await getServerSession())?.user ?? redirect('/login')`,
      },
    ],
    [
      'a session of their own in the database',
      "import { cookies } from 'next/headers'",
      `const token = (await cookies()).get('session')?.value; if (!token) ${REFUSE}
       const session = await db.session.findUnique({ where: { token } }); if (!session || session.expiresAt < new Date()) ${REFUSE}`,
      '{ id, userId: session.userId }',
    ],
    [
      'a signed cookie of their own',
      "import { createHmac, timingSafeEqual } from 'node:crypto'\nimport { cookies } from 'next/headers'",
      `const [userId = '', mac = ''] = ((await cookies()).get('session')?.value ?? '').split('.')
       const expected = createHmac('sha256', process.env.SECRET!).update(userId).digest('hex')
       if (!timingSafeEqual(Buffer.from(mac), Buffer.from(expected))) ${REFUSE}`,
      '{ id }',
    ],
    [
      'a secret of a job',
      '',
      `if (req.headers.get('authorization') !== \`Bearer \${process.env.CRON_SECRET}\`) ${REFUSE}`,
      '{ id }',
    ],
  ])('%s', async (_, imports, before, where, rest) => {
    const said = await checked(route(imports, before, where, rest))
    // By the id alone is somebody else's row; that is told, and rightly.
    const isScoped = where !== '{ id }'
    expect(said.filter((rule) => isScoped || rule !== 'ownership-missing')).toEqual([])
  })
})

describe('what only looks like it is told', () => {
  test.each<[string, string, string, Readonly<Record<string, string>>?]>([
    ['nothing asks', '', ''],
    ['a header that anybody sets', '', `if (!req.headers.get('x-user-id')) ${REFUSE}`],
    [
      'a cookie that nobody checks',
      "import { cookies } from 'next/headers'",
      `if (!(await cookies()).get('session')) ${REFUSE}`,
    ],
    [
      'a session that is read and not asked',
      "import { getServerSession } from 'next-auth'",
      'const session = await getServerSession(); console.log(session?.user?.id)',
    ],
    [
      'a token that is decoded and not verified',
      "import jwt from 'jsonwebtoken'",
      `const user = jwt.decode(req.headers.get('authorization') ?? ''); if (!user) ${REFUSE}`,
    ],
    [
      'a helper of that name that asks nobody',
      "import { requireUser } from '../../../../lib/session'",
      'const user = await requireUser(); console.log(user)',
      { 'lib/session.ts': "export async function requireUser() { return { id: 'demo' } }" },
    ],
  ])('%s', async (_, imports, before, rest) => {
    expect(await checked(route(imports, before, '{ id }', rest))).toContain('auth-missing')
  })
})

const SIGNED_IN = `const { userId } = await auth(); if (!userId) ${REFUSE}`
const CLERK = "import { auth } from '@clerk/nextjs/server'"

describe('whoever has shown whose row it is, in whichever way, is not told that nobody has', () => {
  test.each<[string, string, string?, Readonly<Record<string, string>>?]>([
    ['in the condition', '', '{ id, userId }'],
    ['in a relation', '', '{ id, blog: { ownerId: userId } }'],
    ['through members', '', '{ id, team: { members: { some: { userId } } } }'],
    [
      'loaded and compared',
      `const post = await db.post.findUnique({ where: { id } }); if (post?.authorId !== userId) ${REFUSE}`,
    ],
    [
      'loaded and compared, and thrown',
      "const post = await db.post.findUniqueOrThrow({ where: { id } }); if (post.authorId !== userId) throw new Error('Forbidden')",
    ],
    [
      'found as theirs first',
      `const post = await db.post.findFirst({ where: { id, authorId: userId } }); if (!post) ${REFUSE}`,
    ],
    [
      'counted as theirs first',
      `const count = await db.post.count({ where: { id, authorId: userId } }); if (count === 0) ${REFUSE}`,
    ],
    [
      'counted, the other way round',
      `const count = await db.post.count({ where: { id, authorId: userId } }); if (!(count > 0)) ${REFUSE}`,
    ],
    [
      'one of its members',
      `const post = await db.post.findUnique({ where: { id }, include: { members: true } }); if (!post?.members.some((one) => one.userId === userId)) ${REFUSE}`,
    ],
    [
      'found among its members',
      `const post = await db.post.findUnique({ where: { id }, include: { members: true } }); const me = post?.members.find((one) => one.userId === userId); if (!me) ${REFUSE}`,
    ],
    [
      'in a list of its editors',
      `const post = await db.post.findUnique({ where: { id } }); if (!post?.editorIds.includes(userId)) ${REFUSE}`,
    ],
    [
      'a member of its team',
      `const post = await db.post.findUnique({ where: { id } }); if (!post) ${REFUSE}
      const member = await db.member.findFirst({ where: { teamId: post.teamId, userId } }); if (!member) ${REFUSE}`,
    ],
    [
      'a helper that throws',
      'await assertMember(userId, id)',
      '{ id }',
      {
        helper: `export async function assertMember(userId: string, postId: string) {
      const post = await db.post.findUnique({ where: { id: postId } })
      if (!post) throw new Error('Not found')
      const member = await db.member.findUnique({ where: { userId_teamId: { userId, teamId: post.teamId } } })
      if (!member) throw new Error('Forbidden')
    }`,
      },
    ],
    [
      'a helper that tells',
      `if (!(await canEdit(userId, id))) ${REFUSE}`,
      '{ id }',
      {
        helper: `export async function canEdit(userId: string, postId: string) {
      const post = await db.post.findUnique({ where: { id: postId } })
      return post?.authorId === userId
    }`,
      },
    ],
    [
      'a package that nobody knows',
      `if (!(await can(userId, 'delete', id))) ${REFUSE}`,
      '{ id }',
      { imports: "import { can } from 'acme-permissions'" },
    ],
    [
      'a package that throws',
      "await ability.authorize(userId, 'delete', id)",
      '{ id }',
      { imports: "import { ability } from '@acme/authz'" },
    ],
    ['an administrator', `const { sessionClaims } = await auth(); if (sessionClaims?.role !== 'admin') ${REFUSE}`],
    [
      'the role of their row',
      `const me = await db.user.findUnique({ where: { id: userId } }); if (me?.role !== 'ADMIN') ${REFUSE}`,
    ],
    [
      'the role of their row, by a list',
      `const me = await db.user.findUnique({ where: { id: userId } }); if (!me || !['ADMIN', 'EDITOR'].includes(me.role)) ${REFUSE}`,
    ],
    [
      'a flag of their row',
      `const me = await db.user.findUnique({ where: { id: userId } }); if (!me?.isAdmin) ${REFUSE}`,
    ],
    ['their id in a list of the environment', `if (!(process.env.ADMINS ?? '').split(',').includes(userId)) ${REFUSE}`],
    ['their own key', '', '{ id_userId: { id, userId } }'],
  ])('%s', async (_, before, where = '{ id }', { helper, imports = '' } = {}) => {
    const rest = helper === undefined ? {} : { 'lib/helper.ts': `import { db } from './db'\n${helper}` }
    const names = /function (\w+)/.exec(helper ?? '')?.[1]
    const own = names === undefined ? '' : `import { ${names} } from '../../../../lib/helper'\n`
    expect(await checked(route(`${CLERK}\n${own}${imports}`, `${SIGNED_IN}\n${before}`, where, rest))).toEqual([])
  })
})

test('a row that was there by a condition which could not be followed may be the proof', async () => {
  const unsure = `const post = await db.post.findUnique({ where: { id } })
    const team = await db.team.findFirst({ where: whereFor(post.teamId, userId) })
    if (!post || !team) ${REFUSE}`
  const from = `${CLERK}\nimport { whereFor } from 'where-for'`
  expect(await checked(route(from, `${SIGNED_IN}\n${unsure}`))).toEqual([])
})

describe('what only looks like an owner is told', () => {
  test.each<[string, string, string?]>([
    ['nothing asks', ''],
    ['it is there, whosever it is', `const post = await db.post.findUnique({ where: { id } }); if (!post) ${REFUSE}`],
    ['the owner is the client’s word', 'const { ownerId } = await req.json()', '{ id, ownerId }'],
    [
      'another row is theirs',
      `const mine = await db.post.findFirst({ where: { authorId: userId } }); if (!mine) ${REFUSE}`,
    ],
    [
      'compared and gone on',
      "const post = await db.post.findUnique({ where: { id } }); if (post?.authorId !== userId) console.warn('not theirs')",
    ],
    [
      'a member of some other team',
      `const { teamId } = await req.json(); const member = await db.member.findFirst({ where: { teamId, userId } }); if (!member) ${REFUSE}`,
    ],
  ])('%s', async (_, before, where = '{ id }') => {
    expect(await checked(route(CLERK, `${SIGNED_IN}\n${before}`, where))).toEqual(['ownership-missing'])
  })
})

/** A session of one's own: a secret in a cookie, of which the hash is a row's id. */
const OWN_SESSION = `export async function currentUser(c) {
  const token = await getSignedCookie(c, process.env.SECRET!, 'session')
  if (!token) return { session: null, user: null }
  const id = encodeHexLowerCase(sha256(new TextEncoder().encode(token)))
  const found = await db.session.findUnique({ where: { id }, include: { user: true } })
  if (!found?.user) return { session: null, user: null }
  const { user, ...session } = found
  if (Date.now() >= session.expiresAt.getTime()) {
    await db.session.delete({ where: { id } })
    return { session: null, user: null }
  }
  return { session, user }
}
`

/** An app of Hono's whose sessions are its own. */
const own = (handler: string) => ({
  ...DB,
  'src/index.ts': `import { Hono } from 'hono'
import { getSignedCookie } from 'hono/cookie'
import { sha256 } from '@oslojs/crypto/sha2'
import { encodeHexLowerCase } from '@oslojs/encoding'
import { Role } from '@prisma/client'
import { db } from '../lib/db'
${OWN_SESSION}
const isAdmin = (user) => user.roles.includes(Role.ADMIN)
const app = new Hono()
app.delete('/posts/:id', async (c) => {
  const { session, user } = await currentUser(c)
  const id = c.req.param('id')
  ${handler}
  return c.body(null, 204)
})
export default app`,
})

describe('a session that an app keeps itself', () => {
  test.each<[string, string, string[]]>([
    [
      'is asked, and an expired one is cleared away',
      'if (!session || !user) return c.json({}, 401)\n  await db.post.delete({ where: { id, authorId: user.id } })',
      [],
    ],
    [
      'says who is an admin',
      'if (!session || !user || !isAdmin(user)) return c.json({}, 403)\n  await db.post.delete({ where: { id } })',
      [],
    ],
    ['has to be asked', 'await db.post.delete({ where: { id } })', ['auth-missing', 'ownership-missing']],
    [
      'does not say whose a row is',
      'if (!session || !user) return c.json({}, 401)\n  await db.post.delete({ where: { id } })',
      ['ownership-missing'],
    ],
  ])('%s', async (_, handler, said) => {
    expect(await checked(own(handler))).toEqual(said)
  })
})
