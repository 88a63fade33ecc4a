import { createBackend } from 'postern'
import { database } from 'postern/database'
import * as schema from './schema.ts'

export const backend = createBackend({ database: database({ schema }), auth: () => null })
export const { webhook } = backend
