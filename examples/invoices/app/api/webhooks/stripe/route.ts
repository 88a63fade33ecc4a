import { PermanentError, stripe } from 'postern/webhooks'
import { z } from 'zod'
import { webhook } from '../../../../backend.ts'
import { sendReceipt } from '../../../../jobs/send-receipt.ts'
import { stripeSecret } from '../../../../stripe/secret.ts'

/** What is used of a checkout; `client_reference_id` is what we gave Stripe when it began: the invoice. */
const Checkout = z.object({
  client_reference_id: z.string().regex(/^[1-9]\d{0,17}$/),
  amount_total: z.int().nonnegative(),
  currency: z.string(),
  payment_status: z.enum(['paid', 'unpaid', 'no_payment_required']),
})

export const POST = webhook({
  name: 'stripe',
  from: stripe({ secrets: [stripeSecret] }),
  on: {
    'checkout.session.completed': {
      data: Checkout,
      handle: async ({ event, db, log }) => {
        const { client_reference_id: id, amount_total: amount, currency, payment_status: status } = event.data
        const invoice = await db.invoices.findOptional(id)
        if (invoice === undefined) throw new PermanentError('A checkout for an invoice that is not there')
        if (invoice.currency.toLowerCase() !== currency)
          throw new PermanentError(`Invoice ${id} was paid in another currency`)
        // A bank may take days: then a later event says that the money is there.
        if (status !== 'paid') return log.info('checkout without a payment yet', { invoice: id })
        const owner = db.as({ id: invoice.ownerId })
        // Stripe counts in cents; a currency without them would need its own line here.
        const paid = { amount: (amount / 100).toFixed(2), paidAt: event.at ?? event.receivedAt, note: 'Stripe' }
        await owner.payments.create({ invoiceId: id, ...paid })
        await owner.invoices.update(id, { status: 'paid' })
        await owner.enqueue(sendReceipt, { invoiceId: id })
      },
    },
  },
})
