import { describe, expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { treeOf } from '../../facts/source/read-tree.js'
import { RULEBOOK } from '../rulebook.js'

const RULE = RULEBOOK.filter(({ id }) => id === 'patch-default')

async function saidOf(schema: string, zod: string, { method = 'PATCH', from = 'zod' } = {}): Promise<string[]> {
  const text = `import { auth } from '@clerk/nextjs/server'
import { z } from '${from}'
import { db } from '@/lib/db'

const Post = z.object({ title: z.string(), isPublic: z.boolean().default(true) })
const Patch = ${schema}

export async function ${method}(request: Request) {
  const { userId } = await auth()
  const parsed = Patch.safeParse(await request.json())
  if (!parsed.success) return new Response(null, { status: 400 })
  await db.post.update({ where: { authorId: userId }, data: parsed.data })
  return new Response(null, { status: 204 })
}
`
  const files = { 'app/api/a/route.ts': text, 'package.json': JSON.stringify({ dependencies: { zod } }) }
  return (await audit(treeOf(files), RULE)).findings.map(({ confidence }) => confidence)
}

describe('under partial() and optional() zod 4 fills defaults in, and zod 3 does not', () => {
  test.each([
    ['Post.partial()', '^4.1.0', ['high']],
    ['Post.partial()', '4', ['high']],
    ['Post.partial()', '^3.25.0', []],
    ['Post.partial()', 'latest', []],
    ['Post.partial({ title: true })', '^3.25.0', ['high']],
    ['z.object({ title: z.string().optional(), isPublic: z.boolean().default(true).optional() })', '^4', ['high']],
    ['z.object({ title: z.string().optional(), isPublic: z.boolean().default(true).optional() })', '^3', []],
    ['z.object({ title: z.string().optional(), isPublic: z.boolean().optional().default(true) })', '^3', ['high']],
    ['z.object({ ...Post.shape, text: z.string().optional() })', '^3', ['high']],
    ['Post.extend({ text: z.string().optional() })', '^3', ['high']],
    ['Post.omit({ isPublic: true }).partial()', '^4', []],
    ['Post.pick({ title: true }).partial()', '^4', []],
    ['Post.extend({ isPublic: z.boolean() }).partial()', '^4', []],
    // What sends all of it, but for what has a default, may be a form.
    ['Post', '^4', ['medium']],
  ])('%s of zod %s: %j', async (schema, zod, expected) => expect(await saidOf(schema, zod)).toEqual(expected))

  test('which of them is told by the import too', async () => {
    expect(await saidOf('Post.partial()', '^3.25.0', { from: 'zod/v4' })).toEqual(['high'])
    expect(await saidOf('Post.partial()', '^4.0.0', { from: 'zod/v3' })).toEqual([])
  })
})

test('a PUT replaces, and fills in what it was not told', async () => {
  expect(await saidOf('Post.partial()', '^4', { method: 'PUT' })).toEqual([])
})
