import { z } from 'zod'
import { auth, db, report } from '../../../services.ts'

const PostSchema = z.object({ title: z.string().min(1).max(200), slug: z.string().min(1) })

export async function GET(request: Request) {
  const { searchParams } = new URL(request.url)
  const page = Number(searchParams.get('page') ?? 1)
  const limit = Number(searchParams.get('limit') ?? 20)
  const posts = await db.post.findMany({
    include: { author: true },
    skip: (page - 1) * limit,
    take: limit,
    orderBy: { createdAt: 'desc' },
  })
  return Response.json(posts)
}

export async function POST(request: Request) {
  const { userId } = await auth()
  if (!userId) return Response.json({ error: 'Unauthorized' }, { status: 401 })

  const body = await request.json()
  const result = PostSchema.safeParse(body)
  if (!result.success) {
    return Response.json({ error: 'Invalid', details: z.flattenError(result.error) }, { status: 400 })
  }

  try {
    const post = await db.post.create({ data: { ...result.data, authorId: userId } })
    return Response.json(post, { status: 201 })
  } catch (error) {
    report(error)
    return Response.json({ error: 'Failed' }, { status: 500 })
  }
}
