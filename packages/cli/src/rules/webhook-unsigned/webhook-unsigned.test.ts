import { expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { treeOf } from '../../facts/source/read-tree.js'
import { RULEBOOK } from '../rulebook.js'

/** How sure it is that this webhook of Hono's believes anybody. */
async function saidOf(before: string, handler: string): Promise<string[]> {
  const code = `import { Hono } from 'hono'
import { PrismaClient } from '@prisma/client'
import { validateEvent } from '@polar-sh/sdk/webhooks'
import { getConnInfo } from 'hono/bun'
import { lookUp, isGenuine } from 'a-stranger'
const db = new PrismaClient()
const app = new Hono()
${before}
app.post('/webhooks/polar', async (c) => {
  const raw = await c.req.text()
  ${handler}
  await db.order.updateMany({ where: { paid: false }, data: { paid: true } })
  return c.json({ received: true })
})
export default app`
  const { findings } = await audit(treeOf({ 'src/index.ts': code }), RULEBOOK)
  return findings.flatMap(({ rule, confidence }) => (rule === 'webhook-unsigned' ? [confidence] : []))
}

const VERIFIED = "validateEvent(raw, c.req.header(), process.env.POLAR_SECRET ?? '')"

test.each([
  ['is asked for its address', "app.use('*', async (c, next) => { getConnInfo(c); await next() })"],
  ['is looked up by nothing that was sent', "app.use('*', async (c, next) => { await lookUp('eu'); await next() })"],
])('whoever calls %s before the signature is verified', async (_, before) => {
  expect(await saidOf(before, VERIFIED)).toEqual([])
  expect(await saidOf(before, '')).toEqual(['high'])
})

test('what was sent goes to a stranger before', async () => {
  expect(await saidOf('', `await lookUp(raw)\n${VERIFIED}`)).toEqual(['high'])
})

test('a stranger may have verified it', async () => {
  expect(await saidOf('', "if (!(await isGenuine(raw))) return c.json({ error: 'Forbidden' }, 403)")).toEqual([
    'medium',
  ])
})

test.each([
  ['on a desk nobody verifies it', "if (process.env.NODE_ENV === 'development') return", 'medium'],
  ['without the header nobody verifies it', "if (c.req.header('webhook-id') === undefined) return", 'high'],
])('%s', async (_, unless, confidence) => {
  const verify = `const verify = async (c, raw) => { ${unless}; validateEvent(raw, c.req.header(), process.env.POLAR_SECRET ?? '') }`
  expect(await saidOf(verify, 'await verify(c, raw)')).toEqual([confidence])
})

test.each([
  [
    'whether it is on',
    "const flag = await db.feature.findUnique({ where: { name: 'payments' } })\nif (!flag) return c.notFound()",
    [],
  ],
  [
    'what its body names',
    'const order = await db.order.findFirst({ where: { reference: JSON.parse(raw).id } })',
    ['high'],
  ],
])('what was sent is believed where it is looked up, and not where anything else is: %s', async (_, look, said) => {
  expect(await saidOf('', `${look}\n${VERIFIED}`)).toEqual(said)
})

/** What is said of a function of Supabase that comes by its event like this. */
async function saidOfFunction(event: string): Promise<string[]> {
  const tree = treeOf({
    'supabase/config.toml': '[functions.stripe-webhook]\nverify_jwt = false\n',
    'supabase/functions/stripe-webhook/index.ts': `import { serve } from 'https://deno.land/std@0.190.0/http/server.ts'
import Stripe from 'https://esm.sh/stripe@18.5.0?target=deno'
import { createClient } from 'https://esm.sh/@supabase/supabase-js@2.57.2'
const stripe = new Stripe(Deno.env.get('STRIPE_SECRET_KEY') ?? '')
serve(async (request) => {
  const db = createClient(Deno.env.get('SUPABASE_URL')!, Deno.env.get('SUPABASE_SERVICE_ROLE_KEY')!)
  const raw = await request.text()
  let event
  try {
    event = ${event}
  } catch (error) {
    console.error(error)
    return new Response(null, { status: 400 })
  }
  await db.from('orders').update({ paid: true }).eq('reference', event.data.object.id)
  return new Response(null, { status: 204 })
})`,
  })
  const { findings } = await audit(tree, RULEBOOK)
  return findings.flatMap(({ rule }) => (rule.startsWith('webhook-') ? [rule] : []))
}

test('in a function of Supabase, which imports its packages by their addresses', async () => {
  const verified =
    "await stripe.webhooks.constructEventAsync(raw, request.headers.get('stripe-signature')!, Deno.env.get('SIGNING')!)"
  expect(await saidOfFunction(verified)).toEqual([])
  expect(await saidOfFunction('JSON.parse(raw)')).toContain('webhook-unsigned')
})
