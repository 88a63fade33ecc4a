import { PrismaPg } from '@prisma/adapter-pg'
import { createBackend } from 'postern'
import { next } from 'postern/next'
import { auth } from '../auth.ts'
import { PrismaClient } from './client/client.ts'

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL })
export const prisma = new PrismaClient({ adapter })

export const backend = createBackend({ database: prisma, auth, host: next() })
export const { endpoint, action } = backend
