// Prints the header with which Stripe would send a file: node stripe/sign.mjs checkout.json
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'

const [, , file = ''] = process.argv
const secret = process.env.STRIPE_WEBHOOK_SECRET ?? 'whsec_of_a_desk_and_of_nobody_else'
const seconds = Math.floor(Date.now() / 1000)
const mac = createHmac('sha256', secret).update(`${seconds}.`).update(readFileSync(file)).digest('hex')
process.stdout.write(`t=${seconds},v1=${mac}\n`)
