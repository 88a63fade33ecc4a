import { describe, expect, test } from 'vitest'
import { surenessOf } from '../../../test/sureness-of.js'

/** How sure the rule is of what a signed-in caller does with a body that a schema has passed. */
function said(body: string): Promise<string[]> {
  return surenessOf('ownership-missing', {
    'lib/db.ts': "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()",
    'lib/entities.ts': `import { DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm'
@Entity() export class Role { @PrimaryGeneratedColumn() id: number }
@Entity() export class Right { @PrimaryGeneratedColumn() id: number }
export const source = new DataSource({ type: 'postgres' })`,
    'app/api/reviews/route.ts': `import { auth } from '@clerk/nextjs/server'
import { Right, Role, source } from '../../../lib/entities'
import { z } from 'zod'
import { db } from '../../../lib/db'
const [roles, rights] = [source.getRepository(Role), source.getRepository(Right)]
const Input = z.object({ id: z.string(), from: z.date(), to: z.date(), stars: z.number() })
export async function POST(request: Request) {
  const { userId } = await auth()
  if (!userId) return new Response(null, { status: 401 })
  const input = Input.parse(await request.json())
  ${body}
}`,
  })
}

const DONE = 'return new Response(null, { status: 204 })'

describe('a row that the client has named', () => {
  test.each([
    [
      'is written with what the client chose',
      'await db.product.update({ where: { id: input.id }, data: { stars: input.stars } })',
    ],
    [
      'is written with what the code chose',
      "await db.product.update({ where: { id: input.id }, data: { state: 'sold' } })",
    ],
    [
      'is written with a copy of one row',
      'const other = await db.product.findFirst({ orderBy: { id: "asc" } }); await db.product.update({ where: { id: input.id }, data: { stars: other!.stars } })',
    ],
    ['is deleted', 'await db.product.delete({ where: { id: input.id } })'],
  ])('%s', async (_, work) => {
    expect(await said(`${work}; ${DONE}`)).toEqual(['high'])
  })
})

describe('nobody is robbed where', () => {
  test.each([
    [
      'a new row refers to one that was found',
      `const right = await rights.findOne({ where: { id: input.id } })
  if (!right) return new Response(null, { status: 404 })
  const { id, ...rest } = input
  const role = roles.create(rest)
  role.rights = [right]
  await roles.save(role)
  ${DONE}`,
    ],
    [
      'a row is made for one that was made before it',
      `const made = { name: input.id }
  const right = await rights.save(made)
  await roles.save(roles.create({ owner: right }))
  ${DONE}`,
    ],
    [
      'what is written was computed of many rows',
      `await db.review.create({ data: { productId: input.id, authorId: userId, stars: input.stars } })
  const all = await db.review.findMany({ where: { productId: input.id } })
  const sum = all.reduce((stars, one) => stars + one.stars, 0)
  await db.product.update({ where: { id: input.id }, data: { stars: sum / all.length, times: await db.review.count({ where: { productId: input.id } }) } })
  ${DONE}`,
    ],
    [
      'rows between two dates are read',
      'return Response.json(await db.order.findMany({ where: { createdAt: { gte: input.from, lte: input.to } }, take: 20 }))',
    ],
  ])('%s', async (_, work) => {
    expect(await said(work)).toEqual([])
  })
})
