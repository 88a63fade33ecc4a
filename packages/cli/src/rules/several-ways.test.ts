import { describe, expect, test } from 'vitest'
import { audit } from '../audit.js'
import { treeOf } from '../facts/source/read-tree.js'
import { RULEBOOK } from './rulebook.js'

// What lets a caller in may be one thing for some and another for others: a key or a session, the owner or a member.

const ASKED = ['auth-missing', 'ownership-missing']

/** What is said of a route with this body, of which the caller, and whose row it is, is asked. */
async function saidOf(body: string): Promise<string[]> {
  const { findings, faults } = await audit(
    treeOf({
      'lib/db.ts': "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()",
      'app/api/events/[id]/route.ts': `import { getServerSession } from 'next-auth'
import { getToken } from 'next-auth/jwt'
import { db } from '../../../../lib/db'
${body}`,
    }),
    RULEBOOK,
  )
  expect(faults).toEqual([])
  return findings.flatMap(({ rule, confidence }) => (ASKED.includes(rule) ? [`${rule} ${confidence}`] : []))
}

const REFUSE = 'return new Response(null, { status: 401 })'
const CLEAR = 'await db.event.deleteMany({ where: { isOver: true } }); return new Response(null, { status: 204 })'
const CRON = "const isCron = request.headers.get('authorization') === `Bearer ${process.env.CRON_SECRET!}`"

describe('whoever came in one way or the other is let in', () => {
  test.each([
    [
      'a secret, or else a session',
      `${CRON}; if (!isCron) { const who = await getServerSession(); if (!who) ${REFUSE} }`,
    ],
    ['neither of two is refused', `const who = await getServerSession(); ${CRON}; if (!who && !isCron) ${REFUSE}`],
    [
      'each way in its branch',
      `const key = request.headers.get('x-api-key')
       if (key) { if (!(await db.apiKey.findUnique({ where: { key } }))) ${REFUSE} }
       else if (!(await getServerSession())) ${REFUSE}`,
    ],
    [
      'a variable that one of two look-ups fills',
      `let user = null
       if (request.headers.has('authorization')) user = await getToken({ req: request })
       else { const session = await getServerSession(); user = session?.user }
       if (!user) ${REFUSE}`,
    ],
    ['a helper with several ends', `if (!(await callerOf(request))) ${REFUSE}`],
  ])('%s', async (_, check) => {
    const said = await saidOf(`async function callerOf(request: Request) {
  const key = request.headers.get('x-api-key')
  if (key) {
    const row = await db.apiKey.findUnique({ where: { key } })
    return row ? row.userId : null
  }
  const token = await getToken({ req: request })
  if (token?.sub) return token.sub
  return (await getServerSession())?.user?.id ?? null
}
export async function DELETE(request: Request) { ${check}; ${CLEAR} }`)
    expect(said).toEqual([])
  })

  test.each([
    ['one way is open', `${CRON}; if (!isCron) console.log(await getServerSession())`],
    ['one of two is not asked', `const who = await getServerSession(); ${CRON}; if (!who && isCron) ${REFUSE}`],
    [
      'a row that anybody names lets nobody in',
      `if (!(await getServerSession())) { if (!(await db.event.findUnique({ where: { id: new URL(request.url).searchParams.get('id')! } }))) ${REFUSE} }`,
    ],
  ])('but %s', async (_, check) => {
    expect(await saidOf(`export async function DELETE(request: Request) { ${check}; ${CLEAR} }`)).toEqual([
      'auth-missing high',
    ])
  })
})

describe('a row is theirs who own it, or who have a seat in it', () => {
  const remove = (
    check: string,
  ) => `export async function DELETE(request: Request, { params }: { params: { id: string } }) {
  const session = await getServerSession()
  if (!session) ${REFUSE}
  const event = await db.event.findUnique({ where: { id: params.id } })
  if (!event) return new Response(null, { status: 404 })
  ${check}
  await db.event.delete({ where: { id: params.id } })
  return new Response(null, { status: 204 })
}`
  const SEAT = 'const seat = await db.seat.findFirst({ where: { eventId: event.id, userId: session.user.id } })'

  test.each([
    ['asked one after the other', `if (event.ownerId !== session.user.id) { ${SEAT}; if (!seat) ${REFUSE} }`],
    ['asked together', `${SEAT}; if (event.ownerId !== session.user.id && !seat) ${REFUSE}`],
  ])('%s', async (_, check) => {
    expect(await saidOf(remove(check))).toEqual([])
  })

  test.each([
    ['nothing is asked of those who do not own it', 'if (event.ownerId !== session.user.id) console.warn(event.id)'],
    [
      'it is a seat anywhere',
      `if (event.ownerId !== session.user.id) { const seat = await db.seat.findFirst({ where: { kind: 'guest' } }); if (!seat) ${REFUSE} }`,
    ],
  ])('but not where %s', async (_, check) => {
    expect(await saidOf(remove(check))).toEqual(['ownership-missing high'])
  })
})

describe('somebody else keeps the members', () => {
  const CLIENT = "import { teams } from '@acme/teams'"
  const AUTH = "import { betterAuth } from 'better-auth'\nconst auth = betterAuth({})"
  const change = (asked: string, how: string) => `${CLIENT}
${AUTH}
export async function DELETE(request: Request, { params }: { params: { id: string } }) {
  const session = await getServerSession()
  if (!session) ${REFUSE}
  const event = await db.event.findUnique({ where: { id: params.id } })
  if (!event) ${REFUSE}
  const answer = await ${asked}
  ${how}
  await db.event.delete({ where: { id: params.id } })
  return new Response(null, { status: 204 })
}`
  const SOME = `if (!answer.members.some((one) => one.userId === session.user.id)) ${REFUSE}`

  test.each([
    [
      'of the row, by a package that is known',
      'auth.api.listMembers({ query: { organizationId: event.teamId } })',
      SOME,
    ],
    ['of the row, by one that nobody knows', 'teams.members(event.teamId)', SOME],
    ['of the id', 'teams.members({ event: params.id })', SOME],
    [
      'the one that is theirs has the right',
      'auth.api.listMembers({ query: { organizationId: params.id } })',
      `const mine = answer.members?.find((one) => one.userId === session.user.id); if (mine?.role !== 'owner') ${REFUSE}`,
    ],
  ])('%s: %s', async (_, asked, how) => {
    expect(await saidOf(change(asked, how))).toEqual([])
  })

  test('but of another team it says nothing', async () => {
    expect(await saidOf(change('teams.members(process.env.TEAM)', SOME))).toEqual(['ownership-missing medium'])
  })
})

const form = (verify: string) => `async function isHuman(token: string) {
  const secret = process.env.CAPTCHA_SECRET
  if (!secret) return process.env.NODE_ENV !== 'production'
  ${verify}
}
export async function POST(request: Request) {
  const body = await request.json()
  if (!(await isHuman(String(body.token)))) ${REFUSE}
  await db.enquiry.create({ data: { text: String(body.text) } })
  return new Response(null, { status: 201 })
}`

test("whose word it may have been is doubted where it was nobody's on another way", async () => {
  const asked =
    "const said = await (await fetch('https://captcha.example/verify', { method: 'POST', body: token })).json()"
  expect(await saidOf(form(`${asked}\n  return said.success === true`))).toEqual(['auth-missing medium'])
  expect(await saidOf(form('return token.length > 0'))).toEqual(['auth-missing high'])
})
