import { betterAuth } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { authSecret } from 'postern/auth'
import { db } from './database.ts'
import { environment } from './environment.ts'
import * as schema from './schema/auth.ts'

export const auth = betterAuth({
  appName: 'Invoices',
  secret: authSecret(),
  // On a desk: whichever port answers. In production BETTER_AUTH_URL names the one address that browsers use.
  baseURL: environment.BETTER_AUTH_URL ?? {
    allowedHosts: ['localhost:*', '127.0.0.1:*', '[::1]:*'],
    fallback: 'http://localhost',
  },
  // In one transaction: a user whose password was not stored could neither sign in nor sign up again.
  database: drizzleAdapter(db.service('better-auth'), { provider: 'pg', schema, transaction: true }),
  emailAndPassword: { enabled: true },
  user: {
    // `input: false` keeps it out of every body: nobody signs up as an admin, or makes themselves one.
    additionalFields: { role: { type: 'string', required: false, defaultValue: 'user', input: false } },
  },
  // No query to tell who is calling, and a session that was revoked is believed for up to these 60 seconds.
  session: { cookieCache: { enabled: true, maxAge: 60 } },
  telemetry: { enabled: false },
  // Limits on sign-in are per client; this is the one header about it that a client can't write.
  advanced: { ipAddress: { ipAddressHeaders: ['x-postern-client'] } },
})
