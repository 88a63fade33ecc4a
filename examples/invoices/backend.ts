import { createBackend } from 'postern'
import { sessions } from 'postern/auth'
import { auth } from './auth.ts'
import { db } from './database.ts'

export const backend = createBackend({ database: db, auth: sessions(auth) })
export const { endpoint, job, webhook } = backend
