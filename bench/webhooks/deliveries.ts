import { createHmac } from 'node:crypto'

export const SIGNING_SECRET = 'whsec_a_secret_of_the_benchmark_and_of_nothing_else'
export const WEBHOOK_PATH = '/api/webhooks/stripe'

/** More than are paid in a measurement, so that each event has an effect of its own and can be counted. */
export const ORDERS = 100_000

/** What is signed, and how it is sent. */
export interface SignedDelivery {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** The order that the nth event is about. */
export function orderOf(n: number): string {
  return String(1 + (n % ORDERS))
}

/** The nth event, as Stripe sends it: indented JSON of 3 kB, signed as of now. */
export function deliveryOf(n: number, now: number): SignedDelivery {
  return signed(EVENT.replaceAll('$EVENT', `evt_1QmBench${n}`).replaceAll('$ORDER', orderOf(n)), now)
}

export function signed(body: string, now: number, secret: string = SIGNING_SECRET): SignedDelivery {
  const time = Math.floor(now / 1000)
  const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
  return {
    body,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      'stripe-signature': `t=${time},v1=${signature},v0=${signature}`,
    },
  }
}

const SESSION = {
  id: 'cs_live_a1QzTsb7Z0mFhRrYV2mXqC0yUuXoJqkC2gTq0Zr1n8vW5nGmJt3f6bQw',
  object: 'checkout.session',
  adaptive_pricing: { enabled: true },
  after_expiration: null,
  allow_promotion_codes: null,
  amount_subtotal: 4900,
  amount_total: 5831,
  automatic_tax: { enabled: true, liability: { type: 'self' }, provider: 'stripe', status: 'complete' },
  billing_address_collection: 'required',
  cancel_url: 'https://shop.example/orders/$ORDER/cancelled',
  client_reference_id: '$ORDER',
  client_secret: null,
  collected_information: { business_name: null, individual_name: null, shipping_details: null },
  consent: null,
  consent_collection: null,
  created: 1795417200,
  currency: 'eur',
  currency_conversion: null,
  custom_fields: [],
  custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
  customer: 'cus_RzN3mQeT8vLk2w',
  customer_creation: 'if_required',
  customer_details: {
    address: {
      city: 'Zürich',
      country: 'CH',
      line1: 'Langstrasse 1',
      line2: null,
      postal_code: '8004',
      state: null,
    },
    email: 'jenny.rosen@example.com',
    name: 'Jenny Rosen',
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  },
  discounts: [],
  expires_at: 1795503600,
  invoice: null,
  invoice_creation: {
    enabled: false,
    invoice_data: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: null,
      metadata: {},
      rendering_options: null,
    },
  },
  livemode: true,
  locale: 'de',
  metadata: { order: '$ORDER', shop: 'zurich' },
  mode: 'payment',
  payment_intent: 'pi_3QmXw2LkdIwHu7ix0a1bZcDe',
  payment_link: null,
  payment_method_collection: 'if_required',
  payment_method_options: { card: { request_three_d_secure: 'automatic' } },
  payment_method_types: ['card', 'twint'],
  payment_status: 'paid',
  permissions: null,
  phone_number_collection: { enabled: false },
  recovered_from: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  status: 'complete',
  submit_type: null,
  subscription: null,
  success_url: 'https://shop.example/orders/$ORDER/thanks?session={CHECKOUT_SESSION_ID}',
  total_details: { amount_discount: 0, amount_shipping: 490, amount_tax: 441 },
  ui_mode: 'hosted',
  url: null,
}

const EVENT = JSON.stringify(
  {
    id: '$EVENT',
    object: 'event',
    api_version: '2025-09-30.clover',
    created: 1795417320,
    data: { object: SESSION },
    livemode: true,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type: 'checkout.session.completed',
  },
  null,
  2,
)
