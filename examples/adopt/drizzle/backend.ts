import { drizzle } from 'drizzle-orm/node-postgres'
import { Pool } from 'pg'
import { createBackend } from 'postern'
import { auth } from '../auth.ts'
import * as schema from './schema.ts'

export const pool = new Pool({ connectionString: process.env.DATABASE_URL })
// A connection that PostgreSQL ends while nobody uses it is replaced, and no reason to end the process.
pool.on('error', () => {})
const db = drizzle(pool, { schema })

export const backend = createBackend({ database: db, auth })
export const { endpoint } = backend
