import { failure, json } from '../../../../answers.ts'
import { callerOf } from '../../../../caller.ts'
import { PostInput } from '../../../../input.ts'
import { prisma } from '../../../../prisma.ts'

interface Context {
  readonly params: Promise<{ readonly id: string }>
}

const ID = /^[1-9]\d{0,17}$/
const Patch = PostInput.partial()

export async function GET(request: Request, { params }: Context): Promise<Response> {
  try {
    const ownerId = await callerOf(request)
    if (ownerId === null) return json({ code: 'unauthenticated' }, 401)
    const { id } = await params
    const post = ID.test(id) ? await prisma.post.findFirst({ where: { id: BigInt(id), ownerId } }) : null
    return post === null ? json({ code: 'not-found' }, 404) : json(post)
  } catch (error) {
    return failure(error)
  }
}

export async function PATCH(request: Request, { params }: Context): Promise<Response> {
  try {
    const ownerId = await callerOf(request)
    if (ownerId === null) return json({ code: 'unauthenticated' }, 401)
    const { id } = await params
    const input = Patch.safeParse(await request.json().catch(() => null))
    if (!input.success) return json({ code: 'invalid', errors: input.error.issues }, 400)
    if (!ID.test(id)) return json({ code: 'not-found' }, 404)
    const found = await prisma.post.findUnique({ where: { id: BigInt(id) }, select: { ownerId: true } })
    if (found?.ownerId !== ownerId) return json({ code: 'not-found' }, 404)
    const { authorId, title, body } = input.data
    const data = {
      ...(authorId === undefined ? {} : { authorId: BigInt(authorId) }),
      ...(title === undefined ? {} : { title }),
      ...(body === undefined ? {} : { body }),
    }
    return json(await prisma.post.update({ where: { id: BigInt(id) }, data }))
  } catch (error) {
    return failure(error)
  }
}
