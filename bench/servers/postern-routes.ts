import { create, type Endpoint, listQuery, page, patchOf, row, update } from 'postern'
import type { ServedRoute } from 'postern/server'
import { z } from 'zod'
import { type authors, posts } from '../schema.js'

const PostInput = z.object({
  authorId: z.string().regex(/^[1-9]\d{0,18}$/),
  title: z.string().min(1).max(200),
  body: z.string().min(1).max(10_000),
})

/** The routes under measurement, as a project of Postern would have them in its files. */
export function posternRoutes(endpoint: Endpoint<{ authors: typeof authors; posts: typeof posts }>): ServedRoute[] {
  return [
    { path: '/api/health', module: { GET: endpoint({ public: 'tells that it runs' }, () => ({ ok: true })) } },
    {
      path: '/api/posts',
      module: {
        GET: endpoint({ query: listQuery(posts) }, page(posts, { with: { author: true } })),
        POST: endpoint({ body: PostInput }, create(posts)),
      },
    },
    {
      path: '/api/posts/[id]',
      module: {
        GET: endpoint({ sees: posts }, row()),
        PATCH: endpoint({ owns: posts, body: patchOf(PostInput) }, update()),
      },
    },
  ]
}
