import { expect, test } from 'vitest'
import { surenessOf } from '../../test/sureness-of.js'

/** What one rule says of a route with this body. */
function saidBy(asked: string, body: string): Promise<string[]> {
  return surenessOf(asked, {
    'lib/db.ts': "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()",
    'app/api/posts/[id]/route.ts': `import { auth } from '@clerk/nextjs/server'
import { db } from '../../../../lib/db'
export async function POST(request: Request, { params }: { params: { id: string } }) {
  const { userId } = await auth()
  if (!userId) return new Response(null, { status: 401 })
  ${body}
}`,
  })
}

/** Of what fails, something is kept for the answer. */
const collecting = (what: string) => `const failed: { id: string; why: string }[] = []
  for (const id of ['a', 'b']) {
    try { await db.post.delete({ where: { id, authorId: userId } }) }
    catch (error) { console.error(error); failed.push({ id, why: ${what} }) }
  }
  return Response.json({ failed })`

test('what is put into a list leaves with it', async () => {
  expect(await saidBy('error-leak', collecting('(error as Error).message'))).toEqual(['high'])
  expect(await saidBy('error-leak', collecting("'not deleted'"))).toEqual([])
})

/** The caller's own posts, and others besides. */
const finding = (others: string) => `const mine: object[] = [{ authorId: userId }]
  const team = await db.team.findFirst({ where: { ownerId: userId } })
  if (team) mine.push(${others})
  const post = await db.post.findFirst({ where: { id: params.id, OR: mine } })
  return Response.json(post)`

test('conditions that are put into a list one by one narrow what is found as those that are written in it', async () => {
  expect(await saidBy('ownership-missing', finding('{ teamId: team.id }'))).toEqual([])
  const asSent = finding("{ teamId: new URL(request.url).searchParams.get('team') }")
  expect(await saidBy('ownership-missing', asSent)).toEqual(['medium'])
})
