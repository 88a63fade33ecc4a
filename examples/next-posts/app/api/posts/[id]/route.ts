import { patchOf, remove, row, update } from 'postern'
import { endpoint } from '../../../../backend.ts'
import { PostInput } from '../../../../inputs.ts'
import { posts } from '../../../../schema/index.ts'

export const GET = endpoint({ public: 'posts are published', sees: posts }, row({ with: { author: true } }))
export const PATCH = endpoint({ owns: posts, body: patchOf(PostInput) }, update())
export const DELETE = endpoint({ owns: posts }, remove())
