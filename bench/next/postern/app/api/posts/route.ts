import { create, listQuery, page } from 'postern'
import { posts } from '../../../../../schema.ts'
import { endpoint } from '../../../backend.ts'
import { PostInput } from '../../../input.ts'

export const GET = endpoint({ query: listQuery(posts) }, page(posts, { with: { author: true } }))
export const POST = endpoint({ body: PostInput }, create(posts))
