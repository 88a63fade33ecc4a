import { describe, expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { RULEBOOK } from '../../rules/rulebook.js'
import { treeOf } from '../source/read-tree.js'

const ASKED = ['auth-missing', 'webhook-unsigned', 'webhook-parsed-before-verify']

async function said(files: Readonly<Record<string, string>>): Promise<string[]> {
  const { findings, faults } = await audit(treeOf(files), RULEBOOK)
  if (faults.length > 0) throw new Error(JSON.stringify(faults))
  return findings
    .filter(({ rule, confidence }) => ASKED.includes(rule) && confidence === 'high')
    .map(({ rule }) => rule)
    .toSorted()
}

const DB = { 'lib/db.ts': "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()" }
const WORK = 'await db.order.update({ where: { reference: JSON.parse(raw).id }, data: { paid: true } })'

const next = (imports: string, verify: string) => ({
  ...DB,
  'app/api/webhooks/orders/route.ts': `import { db } from '../../../../lib/db'
${imports}
export async function POST(request: Request) {
  const raw = await request.text()
  const header = (name: string) => request.headers.get(name) ?? ''
  ${verify}
  ${WORK}
  return new Response(null, { status: 204 })
}`,
})

const REFUSE = 'return new Response(null, { status: 401 })'
const KEY = 'process.env.SECRET!'
const OCTOKIT =
  "import { Webhooks } from '@octokit/webhooks'\nconst hooks = new Webhooks({ secret: process.env.SECRET! })"
const PADDLE = "import { Paddle } from '@paddle/paddle-node-sdk'\nconst paddle = new Paddle(process.env.KEY!)"
const SHOPIFY = "import { shopifyApi } from '@shopify/shopify-api'\nconst shopify = shopifyApi({})"
const QSTASH =
  "import { Receiver } from '@upstash/qstash'\nconst receiver = new Receiver({ currentSigningKey: 'a', nextSigningKey: 'b' })"

describe('what says whether it holds has to be asked', () => {
  test.each<[string, string, string]>([
    [
      '@octokit/webhooks-methods',
      "import { verify } from '@octokit/webhooks-methods'",
      `await verify(${KEY}, raw, header('x-hub-signature-256'))`,
    ],
    ['@octokit/webhooks', OCTOKIT, "await hooks.verify(raw, header('x-hub-signature-256'))"],
    [
      'Slack',
      "import { isValidSlackRequest } from '@slack/bolt'",
      `isValidSlackRequest({ signingSecret: ${KEY}, body: raw, headers: { 'x-slack-signature': header('x-slack-signature'), 'x-slack-request-timestamp': 1 } })`,
    ],
    ['Paddle', PADDLE, `await paddle.webhooks.isSignatureValid(raw, ${KEY}, header('paddle-signature'))`],
    ['Shopify', SHOPIFY, '(await shopify.webhooks.validate({ rawBody: raw, rawRequest: request })).valid'],
    [
      'Twilio',
      "import twilio from 'twilio'",
      `twilio.validateRequest(${KEY}, header('x-twilio-signature'), request.url, Object.fromEntries(new URLSearchParams(raw)))`,
    ],
    [
      'Discord',
      "import { verifyKey } from 'discord-interactions'",
      `await verifyKey(raw, header('x-signature-ed25519'), header('x-signature-timestamp'), ${KEY})`,
    ],
  ])('%s', async (_, imports, holds) => {
    expect(await said(next(imports, `if (!(${holds})) ${REFUSE}`))).toEqual([])
    expect(await said(next(imports, holds))).toEqual(['webhook-unsigned'])
  })
})

describe('what throws has to be let', () => {
  test.each<[string, string, string]>([
    [
      '@octokit/webhooks',
      OCTOKIT,
      "await hooks.verifyAndReceive({ id: '1', name: 'push', payload: raw, signature: header('x-hub-signature-256') })",
    ],
    [
      'Slack',
      "import { verifySlackRequest } from '@slack/bolt'",
      `verifySlackRequest({ signingSecret: ${KEY}, body: raw, headers: {} })`,
    ],
    ['Paddle', PADDLE, `await paddle.webhooks.unmarshal(raw, ${KEY}, header('paddle-signature'))`],
    [
      'Resend',
      "import { Resend } from 'resend'\nconst resend = new Resend(process.env.KEY)",
      `resend.webhooks.verify({ payload: raw, headers: {}, webhookSecret: ${KEY} })`,
    ],
    [
      'OpenAI',
      "import OpenAI from 'openai'\nconst client = new OpenAI()",
      'await client.webhooks.unwrap(raw, request.headers)',
    ],
    ['QStash', QSTASH, "await receiver.verify({ signature: header('upstash-signature'), body: raw })"],
    ['Standard Webhooks', "import { Webhook } from 'standardwebhooks'", `new Webhook(${KEY}).verify(raw, {})`],
  ])('%s', async (_, imports, verify) => {
    expect(await said(next(imports, `try { ${verify} } catch { ${REFUSE} }`))).toEqual([])
    expect(await said(next(imports, `try { ${verify} } catch (error) { console.error(error) }`))).toEqual([
      'webhook-unsigned',
    ])
    const parsed = verify.replaceAll('raw', 'JSON.stringify(JSON.parse(raw))')
    expect(await said(next(imports, `try { ${parsed} } catch { ${REFUSE} }`))).toEqual(['webhook-parsed-before-verify'])
  })
})

test('a client that a plain function returns is still the client', async () => {
  const made =
    "import { Paddle } from '@paddle/paddle-node-sdk'\nfunction client() { return new Paddle(process.env.KEY!) }"
  const verify = `client().webhooks.unmarshal(raw, ${KEY}, header('paddle-signature'))`
  expect(await said(next(made, `try { ${verify} } catch { ${REFUSE} }`))).toEqual([])
})

const express = (imports: string, before: string) => ({
  ...DB,
  'src/index.ts': `import express from 'express'
import { db } from '../lib/db'
${imports}
const app = express()
app.post('/webhooks/orders', ${before} async (req, res) => { await db.order.update({ where: { reference: req.body.id }, data: { paid: true } }); res.sendStatus(204) })
app.listen(3000)`,
})

test.each<[string, string, string]>([
  ['Twilio', "import twilio from 'twilio'", 'twilio.webhook(),'],
  ['Discord', "import { verifyKeyMiddleware } from 'discord-interactions'", 'verifyKeyMiddleware(process.env.KEY!),'],
])('%s stands before a handler', async (_, imports, before) => {
  expect(await said(express(imports, before))).toEqual([])
  expect(await said(express(imports, ''))).toEqual(['webhook-unsigned'])
})

test('Twilio’s that is told not to look looks at nothing', async () => {
  const files = express("import twilio from 'twilio'", 'twilio.webhook({ validate: false }),')
  expect(await said(files)).toEqual(['webhook-unsigned'])
})

const nightly = (exported: string) => ({
  ...DB,
  'app/api/webhooks/nightly/route.ts': `import { verifySignatureAppRouter } from '@upstash/qstash/nextjs'
import { db } from '../../../../lib/db'
async function handler(request: Request) { await db.session.deleteMany({ where: { expired: true } }); return new Response(null, { status: 204 }) }
export const POST = ${exported}`,
})

test('a handler that QStash calls is called by QStash alone', async () => {
  expect(await said(nightly('verifySignatureAppRouter(handler)'))).toEqual([])
  expect(await said(nightly('handler'))).toEqual(['webhook-unsigned'])
})

const upload = (before: string, after: string) => ({
  ...DB,
  'app/api/avatar/route.ts': `import { handleUpload } from '@vercel/blob/client'
import { db } from '../../../lib/db'
export async function POST(request: Request) {
  const body = await request.json()
  const answer = await handleUpload({
    body,
    request,
    onBeforeGenerateToken: async (pathname) => { ${before}; return {} },
    onUploadCompleted: async ({ blob, tokenPayload }) => { ${after} },
  })
  return Response.json(answer)
}`,
})

test('Vercel Blob calls back with what it has signed; whoever asks for a token is anybody', async () => {
  const write = "await db.avatar.create({ data: { url: 'x' } })"
  expect(await said(upload('', write))).toEqual([])
  expect(await said(upload(write, ''))).toEqual(['auth-missing'])
})

test.each([
  [
    "import { serve } from 'inngest/next'\nimport { Inngest } from 'inngest'\nconst client = new Inngest({ id: 'shop' })\nconst work = client.createFunction({ id: 'paid' }, { event: 'paid' }, async () => { await db.order.updateMany({ data: { paid: true } }) })\nexport const { GET, POST, PUT } = serve({ client, functions: [work] })",
  ],
  [
    "import { createRouteHandler, createUploadthing } from 'uploadthing/next'\nconst f = createUploadthing()\nconst router = { image: f({ image: {} }).onUploadComplete(async () => { await db.image.create({ data: {} }) }) }\nexport const { GET, POST } = createRouteHandler({ router })",
  ],
])('what a library serves it has verified itself', async (served) => {
  expect(await said({ ...DB, 'app/api/hooks/route.ts': `import { db } from '../../../lib/db'\n${served}` })).toEqual([])
  const own =
    'export async function POST() { await db.order.updateMany({ data: { paid: true } }); return new Response() }'
  expect(await said({ ...DB, 'app/api/hooks/route.ts': `import { db } from '../../../lib/db'\n${own}` })).toEqual([
    'auth-missing',
  ])
})
