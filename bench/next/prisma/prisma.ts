import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './client/client.ts'

// One client for the process, however often a bundler copies this module.
const kept = globalThis as { prisma?: PrismaClient }
export const prisma = (kept.prisma ??= new PrismaClient({
  adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL']!, max: 10 }),
}))
