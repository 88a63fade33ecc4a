import { createHmac } from 'node:crypto'
import { createBackend } from 'postern'
import { authSecret, sessions } from 'postern/auth'
import { database } from 'postern/database'
import { serve } from 'postern/server'
import { auth } from '../../examples/invoices/auth.ts'
import { authors, posts } from '../schema.js'
import { sessionToken } from '../world.js'
import { announce } from './announce.js'
import { posternRoutes } from './postern-routes.js'

const backend = createBackend({
  database: database({ schema: { authors, posts }, poolSize: 10 }),
  auth: sessions(auth),
})
const { port } = await serve({ backend, routes: posternRoutes(backend.endpoint), port: 0, logs: false })
announce(port, credentialsOf)

/** The cookies of the nth user's browser, session cache included, as better-auth sets them; good for a minute. */
async function credentialsOf(n: number): Promise<Record<string, string>> {
  const token = sessionToken(n)
  const signature = createHmac('sha256', authSecret()).update(token).digest('base64')
  const session = `better-auth.session_token=${encodeURIComponent(`${token}.${signature}`)}`
  const { headers } = await auth.api.getSession({ headers: new Headers({ cookie: session }), returnHeaders: true })
  const cached = headers.getSetCookie().map((line) => line.split(';')[0])
  if (!cached.some((cookie) => cookie?.includes('session_data'))) throw new Error(`User ${n} has no session`)
  // A write with a cookie must say where it comes from, as browsers do.
  return { cookie: [session, ...cached].join('; '), 'sec-fetch-site': 'same-origin' }
}
