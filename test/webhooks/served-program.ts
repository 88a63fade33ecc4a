import { createBackend } from '../../packages/postern/src/backend.js'
import { connectionsFor } from '../../packages/postern/src/database/place.js'
import { database } from '../../packages/postern/src/database/index.js'
import { LEAD_TO, type Leading } from '../../packages/postern/src/database/lead-to.js'
import { sql } from 'drizzle-orm'
import { serve } from '../../packages/postern/src/server/index.js'
import { pay, type PaymentContext, schema } from '../../packages/postern/test/bank-schema.js'
import { hmacSigner } from '../../packages/postern/test/hmac-signer.js'
import { type Death, dying } from './dying.js'

/** What the program is told on its command line, as JSON. */
export interface Served {
  readonly url: string
  readonly port: number
  /** Where it kills itself; absent: it lives. */
  readonly death?: Death
  readonly workers?: boolean
  readonly poolSize?: number
}

/** A bank that a provider calls: a program of its own, so that nothing of it outlives the signal. */
const { url, port, death, workers = true, poolSize = 10 } = JSON.parse(process.argv[2]!) as Served
const own = database({ schema, url, poolSize })
if (death !== undefined) {
  const share = connectionsFor({ url, poolSize })
  await (own as unknown as Leading)[LEAD_TO](() => dying(share, death))
}
const backend = createBackend({ database: own, auth: () => null })
const { endpoint, webhook } = backend
const from = hmacSigner()

/** Its first attempts fail, as many as the event says, or each of them ends the process. */
async function payInTime(context: PaymentContext): Promise<void> {
  const { event } = context
  const {
    sleepMs = 0,
    fails = 0,
    kills = 0,
  } = event.data as { readonly [said in 'sleepMs' | 'fails' | 'kills']?: number }
  await pay(context)
  if (kills > 0) process.kill(process.pid, 'SIGKILL')
  if (sleepMs > 0) await new Promise((resolve) => setTimeout(resolve, sleepMs))
  if (event.attempt <= fails) throw new Error('Not yet')
}
const on = { 'payment.made': payInTime }

await serve({
  backend,
  routes: [
    { path: '/pay', module: { POST: webhook({ name: 'acme', from, deadlineMs: 5_000, attempts: 20, on }) } },
    { path: '/slow', module: { POST: webhook({ name: 'slow', from, on }) } },
    { path: '/queued', module: { POST: webhook({ name: 'queued', mode: 'queued', from, deadlineMs: 5_000, on }) } },
    { path: '/quick', module: { POST: webhook({ name: 'quick', from, deadlineMs: 1, answerMs: 100, on }) } },
    { path: '/poison', module: { POST: webhook({ name: 'poison', from, attempts: 2, on }) } },
    { path: '/once', module: { POST: webhook({ name: 'once', mode: 'one-commit', from, deadlineMs: 5_000, on }) } },
    {
      path: '/other',
      module: {
        GET: endpoint(
          { public: 'shows that the pool is not starved' },
          async ({ db }) => (await db.execute(sql`select 1 as one`)).rows,
        ),
      },
    },
  ],
  port,
  workers,
  logs: false,
})
// Whoever started it hears that it listens; without them there is nobody to end it.
process.once('disconnect', () => process.exit())
process.send?.('listening')
