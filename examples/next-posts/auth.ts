import { betterAuth } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { nextCookies } from 'better-auth/next-js'
import { authSecret } from 'postern/auth'
import { db } from './database.ts'
import { environment } from './environment.ts'
import * as schema from './schema/auth.ts'
import { authors } from './schema/authors.ts'

export const auth = betterAuth({
  appName: 'Posts',
  secret: authSecret(),
  // On a desk: whichever port answers. In production BETTER_AUTH_URL names the one address that browsers use.
  baseURL: environment.BETTER_AUTH_URL ?? {
    allowedHosts: ['localhost:*', '127.0.0.1:*', '[::1]:*'],
    fallback: 'http://localhost',
  },
  // In one transaction: a user whose password was not stored could neither sign in nor sign up again.
  database: drizzleAdapter(db.service('better-auth'), { provider: 'pg', schema, transaction: true }),
  emailAndPassword: { enabled: true },
  databaseHooks: {
    // After the transaction of the sign-up. Whoever lost theirs to a fault makes one by POST /api/users, or on /account.
    user: { create: { after: ({ id, name }) => makeAuthor(id, name) } },
  },
  // No query to tell who is calling, and a session that was revoked is believed for up to these 60 seconds.
  session: { cookieCache: { enabled: true, maxAge: 60 } },
  telemetry: { enabled: false },
  // A page can't set a cookie: a session is prolonged by routes and actions, and not by pages that would lose it.
  plugins: [nextCookies()],
  // Limits on sign-in are per client. Under `postern start` the server itself says who that is; under Next.js the proxy in front
  // must, in a header that it overwrites.
  advanced: {
    ipAddress: {
      ipAddressHeaders: [process.env['NEXT_RUNTIME'] === undefined ? 'x-postern-client' : 'x-forwarded-for'],
    },
  },
})

async function makeAuthor(ownerId: string, name: string): Promise<void> {
  await db
    .service('sign-up')
    .insert(authors)
    .values({ ownerId, name: name.slice(0, 100) })
}
