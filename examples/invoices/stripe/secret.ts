import { createHmac } from 'node:crypto'
import { authSecret } from 'postern/auth'
import { environment } from '../environment.ts'

/**
 * On a desk there is no Stripe, and stripe/sign.mjs signs with a secret that is made of this machine's own: one that stood
 * here would be everybody's, and a server that was put up in a hurry would believe them. In production an empty one ends the start.
 */
export const stripeSecret =
  environment.STRIPE_WEBHOOK_SECRET ?? (process.env.NODE_ENV === 'production' ? '' : ofThisMachine())

function ofThisMachine(): string {
  return createHmac('sha256', authSecret()).update('stripe').digest('base64url')
}
