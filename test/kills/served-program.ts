import { createBackend } from '../../packages/postern/src/backend.js'
import { applyMigrations, database } from '../../packages/postern/src/database/index.js'
import { create } from '../../packages/postern/src/operations.js'
import { serve } from '../../packages/postern/src/server/index.js'
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import * as schema from './schema.js'

/** What the program is told on its command line, as JSON. */
export interface Served {
  readonly port: number
  readonly url?: string
  /** Of the embedded database, which only this program can migrate. */
  readonly directory?: string
  readonly migrations?: string
}

/** The backend that is killed: a program of its own, so that nothing of it outlives the signal. */
const { port, url, directory, migrations } = JSON.parse(process.argv[2]!) as Served
const own = database({ schema, ...(url === undefined ? { directory: directory! } : { url }) })
const backend = createBackend({
  database: own,
  auth: (request) => ({ id: request.headers.get('x-writer')!, roles: [], claims: {} }),
})
const { endpoint } = backend
const EntryInput = z.object({ note: z.string(), made: z.enum(['paved', 'counted']) })

const paved = { POST: endpoint({ body: EntryInput, idempotent: true }, create(schema.entries)) }
const counted = {
  POST: endpoint({ body: EntryInput, idempotent: true }, async ({ db, body }) => {
    const [counter] = await db
      .update(schema.counters)
      .set({ count: sql`${schema.counters.count} + 1` })
      .returning()
    if (counter === undefined) await db.counters.create({ count: 1 })
    return db.entries.create(body)
  }),
}

if (migrations !== undefined) await applyMigrations(own, migrations)
await serve({
  backend,
  routes: [
    { path: '/api/paved', module: paved },
    { path: '/api/counted', module: counted },
  ],
  port,
  logs: false,
})
// Whoever started it hears that it listens; without them there is nobody to end it.
process.once('disconnect', () => process.exit())
process.send?.('listening')
