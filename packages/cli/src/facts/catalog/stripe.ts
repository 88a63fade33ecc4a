import { origin } from '../trace/origin.js'
import { from } from '../trace/value.js'
import type { Library, Meaning } from './library.js'
import { outside } from './meaning.js'
import { verifies } from './signature.js'

const constructs = verifies('stripe')

/** What Stripe keeps under an id is Stripe's word, whoever sent the id. */
const retrieves: Meaning = ({ walker, spot, step, args }) => {
  const source = walker.note(spot, { fact: 'outside', library: 'stripe', name: step.name, args })
  return from(origin({ from: 'answered', name: '', source }))
}

export const stripe: Library = {
  packages: ['stripe'],
  calls: {
    '**.webhooks.constructEvent()': constructs,
    '**.webhooks.constructEventAsync()': constructs,
    ...Object.fromEntries(
      ['create', 'update', 'del', 'cancel', 'confirm', 'capture', 'list'].map((name) => [
        `**.${name}()`,
        outside('stripe'),
      ]),
    ),
    '**.retrieve()': retrieves,
  },
}

export const svix: Library = {
  packages: ['svix', 'standardwebhooks', '@clerk/nextjs/webhooks', '@clerk/backend/webhooks', '@polar-sh/sdk/webhooks'],
  calls: {
    'Webhook().verify()': verifies('svix'),
    'verifyWebhook()': verifies('clerk'),
    'validateEvent()': verifies('polar'),
  },
}
