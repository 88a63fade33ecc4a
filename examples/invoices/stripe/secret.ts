import { environment } from '../environment.ts'

/** On a desk there is no Stripe, and stripe/sign.mjs signs with this. In production an empty secret ends the start. */
const DESK_SECRET = 'whsec_of_a_desk_and_of_nobody_else'

export const stripeSecret =
  environment.STRIPE_WEBHOOK_SECRET ?? (process.env.NODE_ENV === 'production' ? '' : DESK_SECRET)
