import { listQuery, page } from 'postern'
import { endpoint } from '../../../../backend.ts'
import { posts } from '../../../../schema/index.ts'

const query = listQuery(posts, { pages: 'numbered', limit: 10 })

/** The same posts by page number, for readers who jump. */
export const GET = endpoint({ public: 'posts are published', query }, page(posts, { with: { author: true } }))
