import { createBackend } from 'postern'
import { database } from 'postern/database'
import { serve } from 'postern/server'
import { stripe } from 'postern/webhooks'
import { SIGNING_SECRET, WEBHOOK_PATH } from '../webhooks/deliveries.js'
import { orders } from '../webhooks/schema.js'
import { announce } from './announce.js'

/** The webhook as the documentation writes it, with its worker beside it. */
export async function serveWebhook(mode: 'inline' | 'one-commit'): Promise<void> {
  const backend = createBackend({ database: database({ schema: { orders }, poolSize: 10 }), auth: () => null })
  const POST = backend.webhook({
    name: 'stripe',
    mode,
    from: stripe({ secrets: [SIGNING_SECRET] }),
    on: {
      'checkout.session.completed': async ({ event, db }) => {
        await db.orders.update(String(event.data['client_reference_id']), { paidBy: event.id })
      },
    },
  })
  const { port } = await serve({ backend, routes: [{ path: WEBHOOK_PATH, module: { POST } }], port: 0, logs: false })
  announce(port)
}
