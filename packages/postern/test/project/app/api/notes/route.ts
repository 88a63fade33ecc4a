import { z } from 'zod'
import { create, listQuery, page } from '../../../../../src/index.js'
import { endpoint, notes } from '../../../backend.js'

export const GET = endpoint({ query: listQuery(notes) }, page(notes))
export const POST = endpoint({ body: z.object({ text: z.string() }) }, create(notes))
