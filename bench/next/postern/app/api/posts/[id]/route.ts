import { patchOf, row, update } from 'postern'
import { posts } from '../../../../../../schema.ts'
import { endpoint } from '../../../../backend.ts'
import { PostInput } from '../../../../input.ts'

export const GET = endpoint({ sees: posts }, row())
export const PATCH = endpoint({ owns: posts, body: patchOf(PostInput) }, update())
