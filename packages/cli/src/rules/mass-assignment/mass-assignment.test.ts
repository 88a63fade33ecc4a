import { describe, expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { treeOf } from '../../facts/source/read-tree.js'
import { RULEBOOK } from '../rulebook.js'

const RULE = RULEBOOK.filter(({ id }) => id === 'mass-assignment')

/** What is said of a route that reads its body, and of one write in it. */
async function saidOf(write: string, before = 'const body = await request.json()'): Promise<string[]> {
  const text = `import { auth } from '@clerk/nextjs/server'
import { z } from 'zod'
import { db } from '@/lib/db'

export async function POST(request: Request) {
  const { userId } = await auth()
  if (!userId) return new Response(null, { status: 401 })
  ${before}
  ${write}
  return new Response(null, { status: 204 })
}
`
  return (await audit(treeOf({ 'app/api/a/route.ts': text }), RULE)).findings.map(({ confidence }) => confidence)
}

describe('the whole of what came', () => {
  test.each([
    'await db.post.create({ data: body })',
    'await db.post.create({ data: body.post })',
    'await db.post.createMany({ data: body })',
    'await db.post.update({ where: { id: 1, authorId: userId }, data: { ...body, updatedAt: new Date() } })',
    'await db.post.upsert({ where: { authorId: userId }, create: { authorId: userId }, update: body })',
    'const { id, ...values } = body\n  await db.post.update({ where: { id, authorId: userId }, data: values })',
    'const values = body.isNew ? body : { ...body, isNew: false }\n  await db.post.create({ data: values })',
    'await db.user.update({ where: { id: userId }, data: { profile: { update: body.profile } } })',
  ])('%s', async (write) => expect(await saidOf(write)).toEqual(['high']))

  test.each([
    'const form = await request.formData()\n  const body = Object.fromEntries(form)',
    'const body = JSON.parse(await request.text())',
    'const body = z.any().parse(await request.json())',
    'const body = z.looseObject({ title: z.string() }).parse(await request.json())',
    'const body = z.record(z.string(), z.unknown()).parse(await request.json())',
    'const body = z.object({ title: z.string() }).catchall(z.string()).parse(await request.json())',
  ])('read so: %s', async (before) =>
    expect(await saidOf('await db.post.create({ data: body })', before)).toEqual(['high']),
  )
})

describe('what was picked', () => {
  test.each([
    'await db.post.create({ data: { title: body.title, text: body.text } })',
    'await db.post.create({ data: { settings: body } })',
    'const { title, text } = body\n  await db.post.create({ data: { title, text } })',
    "const data = {}\n  for (const key of ['title', 'text']) if (key in body) data[key] = body[key]\n  await db.post.create({ data })",
    "const data = Object.fromEntries(Object.entries(body).filter(([key]) => ['title'].includes(key)))\n  await db.post.create({ data })",
    'await db.post.create({ data: { ...(body.title ? { title: body.title } : {}) } })',
    'await db.tag.createMany({ data: body.tags.map((name) => ({ name })) })',
    'await db.post.findMany({ where: body, take: 10 })',
  ])('%s', async (write) => expect(await saidOf(write)).toEqual([]))

  test.each([
    'const body = z.object({ title: z.string() }).parse(await request.json())',
    'const body = z.object({ title: z.string() }).passthrough().strict().parse(await request.json())',
    'const Base = z.object({ title: z.string() })\n  const body = Base.extend({ text: z.string() }).parse(await request.json())',
    'const body = z.object({ title: z.string() }).transform((one) => one).parse(await request.json())',
    'const parsed = z.object({ title: z.string() }).safeParse(await request.json())\n  if (!parsed.success) return new Response(null, { status: 400 })\n  const body = parsed.data',
  ])('read so: %s', async (before) =>
    expect(await saidOf('await db.post.create({ data: { ...body, authorId: userId } })', before)).toEqual([]),
  )
})

test('a provider that has signed what it sends is no client', async () => {
  const text = `import Stripe from 'stripe'
import { db } from '@/lib/db'
const stripe = new Stripe(process.env.STRIPE_SECRET_KEY!)
export async function POST(request: Request) {
  const event = stripe.webhooks.constructEvent(await request.text(), request.headers.get('stripe-signature')!, process.env.SECRET!)
  await db.event.create({ data: event.data.object })
  return new Response(null)
}
`
  expect((await audit(treeOf({ 'app/api/stripe/route.ts': text }), RULE)).findings).toEqual([])
})

test('an argument of an action is the client’s, whatever its type says', async () => {
  const text = `'use server'
import { auth } from '@clerk/nextjs/server'
import { db } from '@/lib/db'
export async function rename(values: { title: string }) {
  const { userId } = await auth()
  if (!userId) return { error: 'Sign in first' }
  await db.board.updateMany({ where: { ownerId: userId }, data: values })
}
`
  expect((await audit(treeOf({ 'app/actions.ts': text }), RULE)).findings).toMatchObject([
    { line: 7, symbol: 'rename' },
  ])
})

describe('in other frameworks and libraries', () => {
  test.each([
    [
      'Hono and Drizzle',
      `import { Hono } from 'hono'
import { drizzle } from 'drizzle-orm/node-postgres'
import { posts } from './schema'
const db = drizzle('')
const app = new Hono()
app.post('/posts', async (c) => {
  const body = await c.req.json()
  await db.insert(posts).values({ ...body, createdAt: new Date() })
  return c.json({})
})
`,
      8,
    ],
    [
      'Fastify and Prisma',
      `import Fastify from 'fastify'
import { PrismaClient } from '@prisma/client'
const db = new PrismaClient()
const app = Fastify()
app.patch('/posts/:id', async (request) => {
  return db.post.update({ where: { id: request.params.id }, data: request.body })
})
`,
      6,
    ],
    [
      'Express and Mongoose',
      `import express from 'express'
import mongoose from 'mongoose'
const Post = mongoose.model('Post', new mongoose.Schema({ title: String }))
const app = express()
app.put('/posts/:id', async (req, res) => {
  res.json(await Post.findByIdAndUpdate(req.params.id, { $set: req.body }))
})
`,
      6,
    ],
    [
      'Supabase, many rows',
      `import { createClient } from '@supabase/supabase-js'
Deno.serve(async (request) => {
  const supabase = createClient('', '')
  const { rows } = await request.json()
  await supabase.from('notes').upsert([...rows])
  return new Response(null)
})
`,
      5,
    ],
  ])('%s', async (_, text, line) => {
    const { findings } = await audit(treeOf({ 'src/app.ts': text }), RULE)
    expect(findings.map((one) => `${one.line} ${one.confidence}`)).toEqual([`${line} high`])
  })
})
