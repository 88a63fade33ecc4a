import { describe, expect, test } from 'vitest'
import { surenessOf } from '../../../test/sureness-of.js'

/** How sure the rule is of a route with this body, which has a client of Prisma and one of Drizzle. */
function said(body: string): Promise<string[]> {
  return surenessOf('pagination-missing', {
    'lib/db.ts': `import { PrismaClient } from '@prisma/client'
import { drizzle } from 'drizzle-orm/node-postgres'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
export const db = new PrismaClient()
export const posts = pgTable('posts', { id: integer('id'), title: text('title'), views: integer('views') })
export const sqlDb = drizzle(process.env.DATABASE_URL!)`,
    'app/api/posts/route.ts': `import { count, sql } from 'drizzle-orm'
import { auth } from '@clerk/nextjs/server'
import mongoose from 'mongoose'
import { groupBy } from '@acme/group'
import { db, posts, sqlDb } from '../../../lib/db'
const Post = mongoose.model('Post', new mongoose.Schema({ views: Number }))
export async function GET() {
  const { userId } = await auth()
  if (!userId) return new Response(null, { status: 401 })
  ${body}
}`,
  })
}

const MINE = 'const all = await db.post.findMany({ where: { authorId: userId } })'

describe('a list leaves as one', () => {
  test.each([
    ['as it is', `${MINE}; return Response.json(all)`],
    ['each of it', `${MINE}; return Response.json({ posts: all.map(({ id, title }) => ({ id, title })) })`],
    ['written by hand', `${MINE}; return new Response(JSON.stringify(all.map(({ title }) => title)))`],
    ['made anew by somebody', `${MINE}; return Response.json(groupBy(all, 'title'))`],
    [
      'to somebody else',
      `${MINE}; await fetch('https://model.example', { method: 'POST', body: JSON.stringify({ all: all.map(({ title }) => title) }) }); return new Response(null)`,
    ],
    [
      'of an aggregation',
      'return Response.json(await Post.aggregate([{ $match: { isOpen: true } }, { $project: { title: 1 } }]))',
    ],
    ['of documents', "return Response.json(await Post.find({ isOpen: true }, '', { sort: { id: 1 } }))"],
    ['of the other client', 'return Response.json(await sqlDb.select().from(posts))'],
  ])('%s', async (_, body) => {
    expect(await said(body)).toEqual(['high'])
  })
})

describe('what leaves is none', () => {
  test.each([
    ['one of it', `${MINE}; return Response.json(all.find(({ isPinned }) => isPinned))`],
    ['a column of one', `${MINE}; return Response.json({ title: all.find(({ isPinned }) => isPinned)?.title })`],
    [
      'the first that fits',
      `${MINE}; for (const one of all) { if (one.isPinned) return Response.json({ id: one.id }) } return new Response(null)`,
    ],
    ['whether there is any', `${MINE}; return Response.json({ isEmpty: all.length === 0 })`],
    [
      'a page of an aggregation',
      'return Response.json(await Post.aggregate([{ $match: { isOpen: true } }, { $limit: 20 }]))',
    ],
    [
      'the sum of an aggregation',
      "const [sum] = await Post.aggregate([{ $group: { _id: null, views: { $sum: '$views' } } }]); return Response.json(sum)",
    ],
    [
      'a page of documents',
      "return Response.json(await Post.find({ isOpen: true }, '', { limit: 20, sort: { id: 1 } }))",
    ],
    ['a page', 'return Response.json(await db.post.findMany({ where: { authorId: userId }, take: 20 }))'],
    ['a count', 'const [row] = await sqlDb.select({ n: count() }).from(posts); return Response.json(row)'],
    [
      'a count in SQL',
      'const [row] = await sqlDb.select({ n: sql<number>`count(*)::int` }).from(posts); return Response.json({ n: row?.n ?? 0 })',
    ],
    [
      'a sum, or nothing',
      'return Response.json(await sqlDb.select({ n: sql`coalesce(sum(${posts.views}), 0)` }).from(posts))',
    ],
  ])('%s', async (_, body) => {
    expect(await said(body)).toEqual([])
  })
})
