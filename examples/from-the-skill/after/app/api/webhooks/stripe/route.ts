import { eq, sql } from 'drizzle-orm'
import { PermanentError, stripe } from 'postern/webhooks'
import type { Stripe } from 'stripe'
import { webhook } from '../../../../backend.ts'
import { wallets } from '../../../../schema.ts'

export const POST = webhook({
  name: 'stripe',
  from: stripe<Stripe.Event>({ secrets: [process.env.STRIPE_WEBHOOK_SECRET!] }),
  on: {
    'checkout.session.completed': async ({ event, db }) => {
      const { client_reference_id: wallet, amount_total: cents } = event.data
      if (wallet === null) throw new PermanentError('A checkout for no wallet')
      const credits = sql`${wallets.credits} + ${cents}`
      await db.update(wallets).set({ credits }).where(eq(wallets.id, wallet))
    },
  },
})
