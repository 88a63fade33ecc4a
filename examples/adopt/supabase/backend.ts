import { createClient } from '@supabase/supabase-js'
import { createBackend, env } from 'postern'
import { z } from 'zod'
import { auth } from '../auth.ts'
import type { Database } from './types.ts'

const { SUPABASE_URL, SUPABASE_ANON_KEY } = env(z.object({ SUPABASE_URL: z.url(), SUPABASE_ANON_KEY: z.string() }))

/**
 * A client for one request, with the caller's own token: row-level security asks who they are. One client for all, with the service's
 * key, would go round every policy.
 */
const clientFor = (request: Request) =>
  createClient<Database>(SUPABASE_URL, SUPABASE_ANON_KEY, {
    auth: { persistSession: false, autoRefreshToken: false },
    // Made along with the client, it wants a WebSocket, which Node.js 20 has not; a request listens to nothing.
    realtime: { transport: class extends EventTarget {} as never },
    accessToken: async () => request.headers.get('authorization')?.replace(/^Bearer /i, '') ?? null,
  })

export const backend = createBackend({ database: clientFor, auth })
export const { endpoint } = backend
