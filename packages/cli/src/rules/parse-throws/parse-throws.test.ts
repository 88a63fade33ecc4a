import { describe, expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { treeOf } from '../../facts/source/read-tree.js'
import { RULEBOOK } from '../rulebook.js'

const RULE = RULEBOOK.filter(({ id }) => id === 'parse-throws')
const saidOf = async (files: Readonly<Record<string, string>>) =>
  (await audit(treeOf(files), RULE)).findings.map(({ confidence }) => confidence)

const route = (lines: string) => ({
  'app/api/a/route.ts': `import { z } from 'zod'
import { db } from '@/lib/db'
const Post = z.object({ title: z.string() })
export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }) {
  ${lines}
  return new Response(null)
}
`,
})

describe('what the client sent, and nothing catches', () => {
  test.each([
    'Post.parse(await request.json())',
    'await Post.parseAsync(await request.json())',
    'Post.parse(await params)',
    'Post.parse(Object.fromEntries(await request.formData()))',
    'const form = await request.formData()\n  Post.parse({ title: form.get("title"), kind: "post" })',
    'Post.partial().parse(await request.json())',
    'try { await db.a.count() } catch (error) { console.error(error) }\n  Post.parse(await request.json())',
    'try { Post.parse(await request.json()) } catch (error) { throw error }',
    'const body = read()\n  function read() { return Post.parse(request.json()) }',
  ])('%s', async (lines) => expect(await saidOf(route(lines))).toEqual(['high']))
})

describe('what is caught, can’t throw, or is not the client’s', () => {
  test.each([
    'try { Post.parse(await request.json()) } catch { return new Response(null, { status: 400 }) }',
    'Post.safeParse(await request.json())',
    'z.coerce.number().catch(1).parse((await params).page)',
    'Post.parse(await db.post.findFirst({ where: { id: 1 } }))',
    'const { id } = await params\n  Post.parse({ id, row: await db.post.findFirst({ where: { id } }) })',
    'Post.parse({ title: process.env.TITLE })',
    "if (request.headers.get('x-secret') !== process.env.SECRET) return new Response(null, { status: 401 })\n  Post.parse(await request.json())",
  ])('%s', async (lines) => expect(await saidOf(route(lines))).toEqual([]))
})

describe('frameworks that hand every error to somebody', () => {
  test.each([
    ['nobody', '', ['medium']],
    ['a handler of errors', 'app.use((error, request, response, next) => response.status(400).end())\n', []],
    ['one with types', 'app.use((err: Error, _req: Request, res: Response, _next: NextFunction) => res.end())\n', []],
    ['a middleware', 'app.use((request, response, next) => next())\n', ['medium']],
  ])('%s', async (_, more, expected) => expect(await saidOf(app(more))).toEqual(expected))
})

function app(more: string) {
  return {
    'src/app.ts': `import express from 'express'
import { z } from 'zod'
const app = express()
app.post('/posts', (request, response) => {
  response.json(z.object({ title: z.string() }).parse(request.body))
})
${more}`,
  }
}
