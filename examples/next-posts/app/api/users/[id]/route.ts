import { patchOf, row, update } from 'postern'
import { endpoint } from '../../../../backend.ts'
import { AuthorInput } from '../../../../inputs.ts'
import { authors } from '../../../../schema/index.ts'

export const GET = endpoint({ public: 'author pages are published', sees: authors }, row())
export const PATCH = endpoint({ owns: authors, body: patchOf(AuthorInput) }, update())
