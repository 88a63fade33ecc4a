import { z } from 'zod'
import { invoiceStatuses } from './schema/invoices.ts'
import { invitedRoles, members } from './schema/organizations.ts'

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

export const LineInput = z.object({
  productId: Key.optional(),
  description: z.string().trim().min(1).max(200),
  quantity: z.int().min(1).max(1_000_000),
  price: Amount,
})

export const ProductInput = z.object({
  sku: z.string().trim().min(1).max(50),
  name: z.string().trim().min(1).max(200),
  price: Amount,
})

export const OrganizationInput = z.object({ name: z.string().trim().min(1).max(200) })

export const RoleInput = z.object({ role: z.enum(members.role.enumValues) })

export const InvitationInput = z.object({
  // better-auth keeps addresses in small letters, so that the two compare.
  email: z
    .email()
    .max(320)
    .transform((text) => text.toLowerCase()),
  role: z.enum(invitedRoles),
})

export const AcceptInput = z.object({ token: z.string().min(1).max(200) })
