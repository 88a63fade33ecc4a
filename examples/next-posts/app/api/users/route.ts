import { create, listQuery, page } from 'postern'
import { endpoint } from '../../../backend.ts'
import { AuthorInput } from '../../../inputs.ts'
import { authors } from '../../../schema/index.ts'

const query = listQuery(authors, { sort: ['name', 'createdAt'], search: ['name'] })

export const GET = endpoint({ public: 'author pages are published', query }, page(authors))
export const POST = endpoint({ body: AuthorInput }, create(authors))
