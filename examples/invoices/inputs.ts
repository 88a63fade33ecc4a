import { z } from 'zod'
import { invoiceStatuses } from './schema/invoices.ts'

/** An amount is text: a JSON number is a float, and a float can't hold 0.1. */
const Amount = z.string().regex(/^\d{1,15}(\.\d{1,4})?$/, 'Write an amount as text, like "120.50"')
const Instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'Give a day or an instant: 2026-12-31, 2026-12-31T12:00:00Z',
  })
  .transform((text) => new Date(text))
const Key = z.string().regex(/^[1-9]\d{0,18}$/, 'Give the id of a row, as text')

export const CustomerInput = z.object({
  name: z.string().trim().min(1).max(200),
  email: z.email().max(320),
})

export const InvoiceInput = z.object({
  customerId: Key,
  number: z.string().trim().min(1).max(50),
  total: Amount,
  currency: z.string().regex(/^[A-Z]{3}$/, 'Give a currency by its three letters, like EUR'),
  dueAt: Instant,
  status: z.enum(invoiceStatuses).optional(),
})

export const PaymentInput = z.object({
  amount: Amount,
  paidAt: Instant,
  note: z.string().trim().max(1000).optional(),
})
