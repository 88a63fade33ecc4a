import { z } from 'zod'
import { createBackend } from '../../packages/postern/src/backend.js'
import { database } from '../../packages/postern/src/database/index.js'
import { serve } from '../../packages/postern/src/server/index.js'
import { schema } from '../../packages/postern/test/bank-schema.js'

/** What the program is told on its command line, as JSON. */
export interface ServedOrders {
  readonly url: string
  readonly port: number
}

/** Takes orders and does a job for each, both in transactions of which one half would show: a program of its own, to be killed. */
const { url, port } = JSON.parse(process.argv[2]!) as ServedOrders
const own = database({ schema, url })
const backend = createBackend({
  database: own,
  auth: () => ({ id: 'alice', roles: [], claims: {} }),
})
const { endpoint, job } = backend

const Order = z.object({ event: z.string(), fails: z.number() })

const ship = job({ name: 'ship', input: Order, attempts: 100, backoffSeconds: 1 }, async (context) => {
  const { db, input, principal, attempt } = context
  if (principal === null) throw new Error('An order is its principal’s')
  await db.entries.create({ event: `ship:${input.event}`, amount: attempt })
  if (attempt <= input.fails) throw new Error('Not yet')
})

const order = endpoint({ body: Order }, async ({ db, body, defer }) => {
  const made = await db.entries.create({ event: `order:${body.event}`, amount: 1 })
  await defer(ship, body)
  return { id: made.id }
})

await serve({
  backend,
  routes: [{ path: '/order', module: { POST: order } }],
  port,
  logs: false,
})
// Whoever started it hears that it listens; without them there is nobody to end it.
process.once('disconnect', () => process.exit())
process.send?.('listening')
