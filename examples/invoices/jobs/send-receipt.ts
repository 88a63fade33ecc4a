import { z } from 'zod'
import { job } from '../backend.ts'
import { sendMail } from '../mail.ts'

/** Thanks a customer for a payment, in the name of whose invoice it is. */
export const sendReceipt = job(
  { name: 'send-receipt', input: z.object({ invoiceId: z.string() }) },
  async ({ input, db, idempotencyKey }) => {
    const invoice = await db.invoices.find(input.invoiceId)
    const customer = await db.customers.find(invoice.customerId)
    await sendMail({
      to: customer.email,
      subject: `Receipt for invoice ${invoice.number}`,
      text: `Thank you, ${customer.name}: invoice ${invoice.number} is paid.\n`,
      idempotencyKey,
    })
  },
)
