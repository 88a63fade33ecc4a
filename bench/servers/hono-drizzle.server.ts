import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { jwt, type JwtVariables } from 'hono/jwt'
import { validator } from 'hono/validator'
import { z } from 'zod'
import { AUDIENCE, ISSUER, SECRET } from '../world.js'
import { announce } from './announce.js'
import { drizzlePosts } from './drizzle-posts.js'

const PostInput = z.object({
  authorId: z.coerce.number().int().positive(),
  title: z.string().min(1).max(200),
  body: z.string().min(1).max(10_000),
})
const Id = z.coerce.number().int().positive()

const posts = drizzlePosts(process.env['DATABASE_URL']!)
const app = new Hono<{ Variables: JwtVariables<{ sub: string }> }>()

app.get('/api/health', (c) => c.json({ ok: true }))
app.use('/api/posts/*', jwt({ secret: SECRET, alg: 'HS256', verification: { iss: ISSUER, aud: AUDIENCE } }))

app.get('/api/posts', async (c) => c.json(await posts.list(c.get('jwtPayload').sub)))

app.post('/api/posts', body(PostInput), async (c) =>
  c.json(await posts.create(c.get('jwtPayload').sub, c.req.valid('json')), 201),
)

app.get('/api/posts/:id', async (c) => {
  const id = Id.safeParse(c.req.param('id'))
  const post = id.success ? await posts.read(c.get('jwtPayload').sub, id.data) : undefined
  return post === undefined ? c.json({ code: 'not-found' }, 404) : c.json(post)
})

app.patch('/api/posts/:id', body(PostInput.partial()), async (c) => {
  const id = Id.safeParse(c.req.param('id'))
  const post = id.success ? await posts.update(c.get('jwtPayload').sub, id.data, c.req.valid('json')) : undefined
  return post === undefined ? c.json({ code: 'not-found' }, 404) : c.json(post)
})

serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => announce(port))

/** As Hono's guide on validation writes it with zod. */
function body<Schema extends z.ZodType>(schema: Schema) {
  return validator('json', (value, c) => {
    const read = schema.safeParse(value)
    return read.success ? read.data : c.json({ code: 'invalid', errors: read.error.issues }, 400)
  })
}
