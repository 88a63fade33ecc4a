import Fastify, { type FastifyRequest } from 'fastify'
import { jwtVerify } from 'jose'
import type { AddressInfo } from 'node:net'
import { AUDIENCE, ISSUER, SECRET } from '../world.js'
import { announce } from './announce.js'
import { drizzlePosts } from './drizzle-posts.js'

interface Body {
  readonly authorId?: string
  readonly title?: string
  readonly body?: string
}

const properties = {
  authorId: { type: 'string', pattern: '^[1-9][0-9]{0,14}$' },
  title: { type: 'string', minLength: 1, maxLength: 200 },
  body: { type: 'string', minLength: 1, maxLength: 10_000 },
}
const newPost = { type: 'object', required: ['authorId', 'title', 'body'], properties }
const patch = { type: 'object', minProperties: 1, properties }
const params = { type: 'object', properties: { id: { type: 'integer', minimum: 1 } } }

// What leaves is described too: Fastify then writes JSON by a function made for it.
const times = { createdAt: { type: 'string', format: 'date-time' }, updatedAt: { type: 'string', format: 'date-time' } }
const author = {
  type: 'object',
  properties: { id: { type: 'integer' }, name: { type: 'string' }, ...times, ownerId: { type: 'string' } },
}
const post = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    authorId: { type: 'integer' },
    title: { type: 'string' },
    body: { type: 'string' },
    ...times,
    ownerId: { type: 'string' },
  },
}
const page = {
  type: 'object',
  properties: {
    data: { type: 'array', items: { ...post, properties: { ...post.properties, author } } },
    next: { type: ['integer', 'null'] },
  },
}

const posts = drizzlePosts(process.env['DATABASE_URL']!)
const key = new TextEncoder().encode(SECRET)
const callers = new WeakMap<FastifyRequest, string>()
const callerOf = (request: FastifyRequest) => callers.get(request)!

const app = Fastify()
app.get('/api/health', () => ({ ok: true }))

app.register(async (guarded) => {
  guarded.addHook('onRequest', async (request, reply) => {
    try {
      const token = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
      const rules = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['HS256'] }
      callers.set(request, (await jwtVerify(token, key, rules)).payload.sub!)
    } catch {
      return reply.code(401).send({ code: 'unauthenticated' })
    }
  })

  guarded.get('/api/posts', { schema: { response: { 200: page } } }, (request) => posts.list(callerOf(request)))

  guarded.post<{ Body: Required<Body> }>(
    '/api/posts',
    { schema: { body: newPost, response: { 201: post } } },
    async (request, reply) => {
      reply.code(201)
      return posts.create(callerOf(request), { ...request.body, authorId: Number(request.body.authorId) })
    },
  )

  guarded.get<{ Params: { id: number } }>(
    '/api/posts/:id',
    { schema: { params, response: { 200: post } } },
    async (request, reply) =>
      (await posts.read(callerOf(request), request.params.id)) ?? reply.code(404).send({ code: 'not-found' }),
  )

  guarded.patch<{ Params: { id: number }; Body: Body }>(
    '/api/posts/:id',
    { schema: { params, body: patch, response: { 200: post } } },
    async (request, reply) => {
      const { authorId, title, body } = request.body
      const values = { title, body, ...(authorId === undefined ? {} : { authorId: Number(authorId) }) }
      const row = await posts.update(callerOf(request), request.params.id, values)
      return row ?? reply.code(404).send({ code: 'not-found' })
    },
  )
})

await app.listen({ port: 0, host: '127.0.0.1' })
announce((app.server.address() as AddressInfo).port)
