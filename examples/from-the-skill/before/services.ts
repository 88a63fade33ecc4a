import { AsyncLocalStorage } from 'node:async_hooks'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../adopt/prisma/client/client.ts'

/** Prisma, as the pattern has it. */
export const db = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) })

/** Stands for `auth()` of Clerk, Auth.js and others; the test says who is signed in. */
export const signedIn = new AsyncLocalStorage<string>()
export async function auth(): Promise<{ userId: string | null }> {
  return { userId: signedIn.getStore() ?? null }
}

/** Stands for `console.error`. */
export const logged: unknown[] = []
export function report(error: unknown): void {
  logged.push(error)
}
