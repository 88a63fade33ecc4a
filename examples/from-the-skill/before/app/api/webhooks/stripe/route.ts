import { eq, sql } from 'drizzle-orm'
import { Stripe } from 'stripe'
import { report } from '../../../../services.ts'
import { db, wallets, webhookEvents } from '../../../../wallets.ts'

const stripe = new Stripe(process.env.STRIPE_SECRET_KEY!)

export async function POST(request: Request) {
  let event: Stripe.Event
  try {
    const signature = request.headers.get('stripe-signature') ?? ''
    event = stripe.webhooks.constructEvent(await request.text(), signature, process.env.STRIPE_WEBHOOK_SECRET!)
  } catch (error) {
    report(error)
    return Response.json({ error: 'Invalid signature' }, { status: 400 })
  }

  const [seen] = await db.select().from(webhookEvents).where(eq(webhookEvents.id, event.id))
  if (seen) return Response.json({ received: true })

  if (event.type === 'checkout.session.completed') {
    const { client_reference_id: wallet, amount_total: cents } = event.data.object
    const credits = sql`${wallets.credits} + ${cents}`
    await db
      .update(wallets)
      .set({ credits })
      .where(eq(wallets.id, BigInt(wallet!)))
  }

  await db.insert(webhookEvents).values({ id: event.id })
  return Response.json({ received: true })
}
