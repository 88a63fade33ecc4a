import { z } from 'zod'
import { auth, db, report } from '../../../../services.ts'

const PatchSchema = z.object({ title: z.string().min(1).max(200) })

export async function PATCH(request: Request, { params }: { params: Promise<{ id: string }> }) {
  const { userId } = await auth()
  if (!userId) return Response.json({ error: 'Unauthorized' }, { status: 401 })

  const result = PatchSchema.safeParse(await request.json())
  if (!result.success) {
    return Response.json({ error: 'Invalid', details: z.flattenError(result.error) }, { status: 400 })
  }

  const { id } = await params
  const post = await db.post.findUnique({ where: { id } })
  if (post?.authorId !== userId) return Response.json({ error: 'Not found' }, { status: 404 })

  try {
    return Response.json(await db.post.update({ where: { id }, data: result.data }))
  } catch (error) {
    report(error)
    return Response.json({ error: 'Failed' }, { status: 500 })
  }
}
