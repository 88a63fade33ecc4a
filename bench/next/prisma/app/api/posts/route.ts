import { z } from 'zod'
import { failure, json } from '../../../answers.ts'
import { callerOf } from '../../../caller.ts'
import { PostInput } from '../../../input.ts'
import { prisma } from '../../../prisma.ts'

const Query = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z
    .string()
    .regex(/^[1-9]\d{0,17}$/)
    .optional(),
})

export async function GET(request: Request): Promise<Response> {
  try {
    const ownerId = await callerOf(request)
    if (ownerId === null) return json({ code: 'unauthenticated' }, 401)
    const query = Query.safeParse(Object.fromEntries(new URL(request.url).searchParams))
    if (!query.success) return json({ code: 'invalid', errors: query.error.issues }, 400)
    const { limit, after } = query.data
    const rows = await prisma.post.findMany({
      where: { ownerId },
      orderBy: { id: 'desc' },
      take: limit + 1,
      ...(after === undefined ? {} : { cursor: { id: BigInt(after) }, skip: 1 }),
      include: { author: true },
    })
    const data = rows.slice(0, limit)
    return json({ data, next: rows.length > limit ? data.at(-1)!.id : null })
  } catch (error) {
    return failure(error)
  }
}

export async function POST(request: Request): Promise<Response> {
  try {
    const ownerId = await callerOf(request)
    if (ownerId === null) return json({ code: 'unauthenticated' }, 401)
    const input = PostInput.safeParse(await request.json().catch(() => null))
    if (!input.success) return json({ code: 'invalid', errors: input.error.issues }, 400)
    const data = { ...input.data, authorId: BigInt(input.data.authorId), ownerId }
    return json(await prisma.post.create({ data }), 201)
  } catch (error) {
    return failure(error)
  }
}
