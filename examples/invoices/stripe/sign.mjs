// Prints the header with which Stripe would send a file: node stripe/sign.mjs checkout.json
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'

const { STRIPE_WEBHOOK_SECRET, POSTERN_AUTH_SECRET, BETTER_AUTH_SECRET } = process.env
const hmac = (secret, ...parts) => parts.reduce((mac, part) => mac.update(part), createHmac('sha256', secret))

/** What stripe/secret.ts makes on a desk, of what the server keeps beside its database. */
const ofThisMachine = () =>
  hmac(POSTERN_AUTH_SECRET || BETTER_AUTH_SECRET || keptSecret(), 'stripe').digest('base64url')

const keptSecret = () => readFileSync(new URL('../.postern/auth-secret', import.meta.url), 'utf8').trim()

const [, , file = ''] = process.argv
const seconds = Math.floor(Date.now() / 1000)
const mac = hmac(STRIPE_WEBHOOK_SECRET ?? ofThisMachine(), `${seconds}.`, readFileSync(file)).digest('hex')
process.stdout.write(`t=${seconds},v1=${mac}\n`)
