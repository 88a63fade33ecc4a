import { createBackend } from 'postern'
import { sessions } from 'postern/auth'
import { next } from 'postern/next'
import { auth } from './auth.ts'
import { db } from './database.ts'

export const backend = createBackend({ database: db, auth: sessions(auth), host: next() })
export const { endpoint, action } = backend
