import { describe, expect, test } from 'vitest'
import { audit } from '../audit.js'
import { treeOf } from '../facts/source/read-tree.js'
import { RULEBOOK } from './rulebook.js'
import { saidOf } from './said-of.js'

const checked = async (files: Readonly<Record<string, string>>) => saidOf(await audit(treeOf(files), RULEBOOK))

const DB = { 'lib/db.ts': "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()" }

/** A route of Next.js, by its path and method, with what it does. */
const route = (place: string, body: string, imports = '') => {
  const [method = 'POST', path = ''] = place.split(' ')
  return {
    ...DB,
    [`app${path}/route.ts`]: `import { db } from '@/lib/db'
${imports}
export async function ${method}(req: Request, { params }: { params: Promise<Record<string, string>> }) {
  try {
    ${body}
  } catch (error) {
    console.error(error)
    return Response.json({ error: 'Something went wrong' }, { status: 500 })
  }
}`,
  }
}

const BODY = 'const body = await req.json()'
const DONE = 'return Response.json({ ok: true })'

describe('what strangers are meant to call is not told with certainty', () => {
  test.each<[string, string, string, string?]>([
    [
      'signing in',
      'POST /api/login',
      `${BODY}; const user = await db.user.findUnique({ where: { email: body.email } }); await db.session.create({ data: { userId: user.id } }); ${DONE}`,
    ],
    [
      'signing in, by another name',
      'POST /api/session',
      `${BODY}; const user = await db.user.findUnique({ where: { email: body.email } }); if (!user || !(await bcrypt.compare(body.password, user.password))) return Response.json({}, { status: 401 }); await db.session.create({ data: { userId: user.id } }); ${DONE}`,
      "import bcrypt from 'bcryptjs'",
    ],
    [
      'signing up, by another name',
      'POST /api/users',
      `${BODY}; await db.user.create({ data: { email: body.email, passwordHash: await bcrypt.hash(body.password, 10) } }); ${DONE}`,
      "import bcrypt from 'bcryptjs'",
    ],
    [
      'signing in, and told who it is',
      'POST /api/session',
      `${BODY}; const user = await db.user.findUnique({ where: { email: body.email } }); if (!user || !(await bcrypt.compare(body.password, user.password))) return Response.json({}, { status: 401 }); return Response.json(user)`,
      "import bcrypt from 'bcryptjs'",
    ],
    [
      'signing in, with a library that nobody knows',
      'POST /api/session',
      `${BODY}; const user = await db.user.findUnique({ where: { email: body.email } }); if (!user || !(await hashing.matches(user.password_hash, body.password))) return Response.json({}, { status: 401 }); return Response.json(user)`,
      "import { hashing } from 'acme-hashing'",
    ],
    [
      'a message to the device of somebody else',
      'POST /api/messages',
      `${BODY}; const { userId } = await auth(); if (!userId) return Response.json({}, { status: 401 }); const to = await db.user.findUniqueOrThrow({ where: { id: body.to } }); await push.send({ to: to.push_token }); ${DONE}`,
      "import { auth } from '@clerk/nextjs/server'\nimport { push } from 'acme-push'",
    ],
    [
      'a form of a public page',
      'POST /api/contact',
      `${BODY}; await db.contactMessage.create({ data: { email: body.email, text: body.text } }); ${DONE}`,
    ],
    [
      'a newsletter',
      'POST /api/newsletter',
      `${BODY}; await db.subscriber.create({ data: { email: body.email } }); ${DONE}`,
    ],
    [
      'a counter of views',
      'POST /api/posts/[id]/views',
      `const { id } = await params; await db.post.update({ where: { id }, data: { views: { increment: 1 } } }); ${DONE}`,
    ],
    [
      'a link out of a mail',
      'POST /api/account/activate',
      `${BODY}; const user = await db.user.findFirst({ where: { verificationToken: body.token } }); if (!user) return Response.json({}, { status: 400 }); await db.user.update({ where: { id: user.id }, data: { isVerified: true } }); ${DONE}`,
    ],
    [
      'a new password by a token',
      'POST /api/password',
      `${BODY}; const found = await db.passwordResetToken.findUnique({ where: { token: body.token } }); if (!found || found.expires < new Date()) return Response.json({}, { status: 400 }); await db.user.update({ where: { email: found.email }, data: { password: body.password } }); ${DONE}`,
    ],
    [
      'an invitation by its token',
      'POST /api/invitations/[token]',
      `const { token } = await params; const invite = await db.invitation.findUnique({ where: { token } }); if (!invite) return Response.json({}, { status: 404 }); await db.invitation.update({ where: { id: invite.id }, data: { acceptedAt: new Date() } }); ${DONE}`,
    ],
    [
      'a refresh token',
      'POST /api/token/refresh',
      `${BODY}; const found = await db.refreshToken.findUnique({ where: { token: body.refreshToken } }); if (!found) return Response.json({}, { status: 401 }); await db.refreshToken.delete({ where: { id: found.id } }); ${DONE}`,
    ],
    [
      'a key of an API',
      'POST /api/v1/events',
      `${BODY}; const key = req.headers.get('x-api-key') ?? ''; const project = await db.project.findUnique({ where: { apiKey: key } }); if (!project) return Response.json({}, { status: 401 }); await db.event.create({ data: { projectId: project.id, name: body.name } }); ${DONE}`,
    ],
    [
      'a hashed key of an API',
      'POST /api/v1/events',
      `${BODY}; const hash = createHash('sha256').update(req.headers.get('x-api-key') ?? '').digest('hex'); const key = await db.apiKey.findUnique({ where: { hash } }); if (!key) return Response.json({}, { status: 401 }); await db.event.create({ data: { projectId: key.projectId, name: body.name } }); ${DONE}`,
      "import { createHash } from 'node:crypto'",
    ],
    [
      'a password of the environment',
      'POST /api/admin/import',
      `${BODY}; if (body.password !== process.env.ADMIN_PASSWORD) return Response.json({}, { status: 401 }); await db.post.deleteMany({}); ${DONE}`,
    ],
    [
      'Basic, compared with the environment',
      'POST /api/admin/import',
      `const [user, password] = atob((req.headers.get('authorization') ?? '').slice(6)).split(':'); if (user !== process.env.ADMIN_USER || password !== process.env.ADMIN_PASSWORD) return new Response('', { status: 401 }); await db.post.deleteMany({}); ${DONE}`,
    ],
    [
      'a limit for each address',
      'POST /api/ideas',
      `${BODY}; const { success } = await limiter.limit(req.headers.get('x-forwarded-for') ?? ''); if (!success) return Response.json({}, { status: 429 }); await db.idea.create({ data: { text: body.text } }); ${DONE}`,
      "import { Ratelimit } from '@upstash/ratelimit'\nconst limiter = new Ratelimit({ redis: null, limiter: null })",
    ],
    [
      'a captcha',
      'POST /api/ideas',
      `${BODY}; const outcome = await fetch('https://challenges.cloudflare.com/turnstile/v0/siteverify', { method: 'POST', body: JSON.stringify({ secret: process.env.TURNSTILE_SECRET, response: body.token }) }).then((one) => one.json()); if (!outcome.success) return Response.json({}, { status: 403 }); await db.idea.create({ data: { text: body.text } }); ${DONE}`,
    ],
    [
      'a read of what is for sale',
      'GET /api/products',
      'return Response.json(await db.product.findMany({ take: 20 }))',
    ],
    [
      'a read of posts of somebody',
      'GET /api/authors/[id]/posts',
      'const { id } = await params; return Response.json(await db.post.findMany({ where: { authorId: id }, take: 20 }))',
    ],
    [
      'a public profile',
      'GET /api/users/[name]',
      'const { name } = await params; return Response.json(await db.user.findUnique({ where: { name }, select: { name: true, bio: true } }))',
    ],
    [
      'a public profile that is put together',
      'GET /api/users/[name]',
      'const { name } = await params; const user = await db.user.findUnique({ where: { name } }); return Response.json({ name: user?.name, bio: user?.bio })',
    ],
    [
      'a public profile without its password',
      'GET /api/users/[name]',
      'const { name } = await params; const user = await db.user.findUniqueOrThrow({ where: { name } }); const { password, email, ...shown } = user; return Response.json(shown)',
    ],
    [
      'a public profile out of a function',
      'GET /api/users/[name]',
      'const { name } = await params; const user = await db.user.findUniqueOrThrow({ where: { name } }); return Response.json(toPublic(user))',
      "import { toPublic } from 'acme-dto'",
    ],
    ['how many there are', 'GET /api/users', 'return Response.json({ count: await db.user.count() })'],
    [
      'an order by its token',
      'GET /api/orders/[token]',
      'const { token } = await params; return Response.json(await db.order.findUnique({ where: { token } }))',
    ],
    [
      'a signed link',
      'GET /api/optout',
      "const url = new URL(req.url); const id = url.searchParams.get('id') ?? ''; const mac = createHmac('sha256', process.env.SECRET!).update(id).digest('hex'); if (mac !== url.searchParams.get('sig')) return new Response('', { status: 400 }); await db.user.update({ where: { id }, data: { mails: false } }); return new Response('')",
      "import { createHmac } from 'node:crypto'",
    ],
  ])('%s', async (_, place, body, imports) => {
    expect(await checked(route(place, body, imports))).toEqual([])
  })
})

describe('what strangers must not call is', () => {
  test.each<[string, string, string, string[]]>([
    ['all accounts', 'GET /api/users', 'return Response.json(await db.user.findMany({ take: 100 }))', ['auth-missing']],
    [
      'one account by its id',
      'GET /api/users/[id]',
      'const { id } = await params; return Response.json(await db.user.findUnique({ where: { id } }))',
      ['auth-missing', 'ownership-missing'],
    ],
    [
      'the hashes that were asked for',
      'GET /api/staff',
      'return Response.json(await db.employee.findMany({ take: 9, select: { name: true, passwordHash: true } }))',
      ['auth-missing'],
    ],
    ['all orders', 'GET /api/orders', 'return Response.json(await db.order.findMany({ take: 100 }))', ['auth-missing']],
    [
      "somebody's notifications",
      'GET /api/notifications',
      "const userId = new URL(req.url).searchParams.get('userId') ?? ''; return Response.json(await db.notification.findMany({ where: { userId }, take: 9 }))",
      ['auth-missing', 'ownership-missing'],
    ],
    [
      'the status of an order',
      'POST /api/orders/[id]/status',
      `${BODY}; const { id } = await params; await db.order.update({ where: { id }, data: { state: body.state } }); ${DONE}`,
      ['auth-missing', 'ownership-missing'],
    ],
    [
      'a row that is made for anybody',
      'POST /api/reservations',
      `${BODY}; await db.reservation.create({ data: { userId: body.userId, day: body.day } }); ${DONE}`,
      ['auth-missing', 'ownership-missing'],
    ],
    [
      'a chain of rows',
      'DELETE /api/devices/[id]',
      `const { id } = await params; const device = await db.device.findUnique({ where: { id } }); if (!device) return Response.json({}, { status: 404 }); await db.owner.delete({ where: { id: device.ownerId } }); ${DONE}`,
      ['auth-missing', 'ownership-missing'],
    ],
    [
      'a key of somebody that is used for anybody',
      'POST /api/complete',
      `${BODY}; const model = await db.model.findUniqueOrThrow({ where: { id: body.modelId } }); const ai = new OpenAI({ apiKey: model.apiKey }); const done = await ai.chat.completions.create({ messages: body.messages }); return Response.json(done.choices)`,
      ['auth-missing', 'ownership-missing'],
    ],
  ])('%s', async (_, place, body, said) => {
    expect(await checked(route(place, body, "import OpenAI from 'openai'"))).toEqual(said)
  })
})
