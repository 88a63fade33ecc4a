import { createBackend, env } from 'postern'
import { jwt } from 'postern/auth'
import { database } from 'postern/database'
import { z } from 'zod'
import * as schema from './schema.ts'

/** Where `supabase start` answers; a project's own address is `https://<ref>.supabase.co`. */
const LOCAL = 'http://127.0.0.1:54321'

const { SUPABASE_URL = LOCAL, SUPABASE_JWT_SECRET } = env(
  z.object({ SUPABASE_URL: z.url().optional(), SUPABASE_JWT_SECRET: z.string().min(32).optional() }),
)
const issuer = `${SUPABASE_URL}/auth/v1`
const rules = { issuer, audience: 'authenticated' }

/** Projects sign with keys that they publish; older ones with a secret that is shared. */
const auth =
  SUPABASE_JWT_SECRET === undefined
    ? jwt({ ...rules, jwks: `${issuer}/.well-known/jwks.json` })
    : jwt({ ...rules, secret: SUPABASE_JWT_SECRET })

export const backend = createBackend({ database: database({ schema }), auth })
export const { endpoint } = backend
