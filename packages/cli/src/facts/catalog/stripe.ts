import type { Library } from './library.js'
import { outside } from './meaning.js'
import { verifies } from './signature.js'

const constructs = verifies('stripe')

export const stripe: Library = {
  packages: ['stripe'],
  calls: {
    '**.webhooks.constructEvent()': constructs,
    '**.webhooks.constructEventAsync()': constructs,
    ...Object.fromEntries(
      ['create', 'update', 'del', 'cancel', 'confirm', 'capture', 'retrieve', 'list'].map((name) => [
        `**.${name}()`,
        outside('stripe'),
      ]),
    ),
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
