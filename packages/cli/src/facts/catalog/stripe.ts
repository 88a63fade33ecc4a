import { origin } from '../trace/origin.js'
import { from, originsOf, UNKNOWN } from '../trace/value.js'
import type { Library, Meaning } from './library.js'
import { outside } from './meaning.js'

/** What a provider has signed. Where it does not hold, what was called throws. */
export const verifies =
  (library: string): Meaning =>
  ({ walker, spot, args: [body = UNKNOWN] }) => {
    const inputs = originsOf(body).filter((one) => one.from === 'input')
    const over = inputs.some(({ name }) => name.endsWith('#json')) ? 'parsed' : inputs.length > 0 ? 'raw' : 'unknown'
    const source = walker.note(spot, { fact: 'verify', library, over })
    walker.learn(spot, [{ is: 'signature-holds', over }])
    return from(origin({ from: 'signed', name: '', source }))
  }

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
