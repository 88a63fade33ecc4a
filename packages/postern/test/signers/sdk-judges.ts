import { verify as verifyGitHub } from '@octokit/webhooks-methods'
import { Environment, Paddle } from '@paddle/paddle-node-sdk'
import { validateEvent, WebhookVerificationError } from '@polar-sh/sdk/webhooks'
import { ApiVersion, LogSeverity, shopifyApi } from '@shopify/shopify-api'
import { isValidSlackRequest } from '@slack/bolt/dist/receivers/verify-request.js'
import { verifyKey } from 'discord-interactions'
import { OpenAI } from 'openai'
import { Webhook } from 'standardwebhooks'
import { Stripe } from 'stripe'
import { Webhook as Svix } from 'svix'
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import type { Delivery } from '../../src/signers/signer.js'

/** What a provider's own library says of a delivery, at the time that Date says. */
export type SdkJudge = (delivery: Delivery, secret: string) => boolean | Promise<boolean>

const client = new Stripe('sk_test_1')
const paddle = new Paddle('key', { environment: Environment.sandbox })
const openai = new OpenAI({ apiKey: 'key' })

/** As their pages say it: the text of the body where they take text. */
const text = ({ body }: Delivery) => Buffer.from(body).toString()
const header = ({ headers }: Delivery, name: string) => headers.get(name) ?? ''

const byStandard: SdkJudge = (delivery, secret) =>
  holds(() => new Webhook(secret).verify(text(delivery), Object.fromEntries(delivery.headers), { jsonParse: false }))
const bySvix: SdkJudge = (delivery, secret) =>
  holds(() => new Svix(secret).verify(text(delivery), Object.fromEntries(delivery.headers)))

/** By the name of the signer. */
export const SDK_JUDGES: Readonly<Record<string, SdkJudge>> = {
  stripe: ({ headers, body }, secret) =>
    holds(() => client.webhooks.constructEvent(Buffer.from(body), headers.get('stripe-signature') ?? '', secret)),
  'standard-webhooks': byStandard,
  svix: bySvix,
  clerk: bySvix,
  resend: bySvix,
  // It throws at the secret as Supabase shows it.
  supabase: (delivery, secret) => byStandard(delivery, secret.replace(/^v1,/, '')),
  openai: (delivery, secret) => holds(() => openai.webhooks.verifySignature(text(delivery), delivery.headers, secret)),
  polar: (delivery, secret) =>
    holds(
      () => validateEvent(text(delivery), Object.fromEntries(delivery.headers), secret),
      (error) => !(error instanceof WebhookVerificationError),
    ),
  github: (delivery, secret) =>
    holds(() => verifyGitHub(secret, text(delivery), header(delivery, 'x-hub-signature-256'))),
  slack: (delivery, signingSecret) =>
    isValidSlackRequest({
      signingSecret,
      body: text(delivery),
      headers: {
        'x-slack-signature': header(delivery, 'x-slack-signature'),
        'x-slack-request-timestamp': Number.parseInt(header(delivery, 'x-slack-request-timestamp'), 10),
      },
    }),
  shopify: async (delivery, apiSecretKey) => {
    await import('@shopify/shopify-api/adapters/node')
    const shopify = shopifyApi({
      apiKey: 'key',
      apiSecretKey,
      hostName: 'app.example',
      apiVersion: ApiVersion.July25,
      isEmbeddedApp: false,
      logger: { level: LogSeverity.Error },
    })
    const rawRequest = { method: 'POST', url: '/', headers: Object.fromEntries(delivery.headers) }
    return (await shopify.webhooks.validate({ rawBody: text(delivery), rawRequest, rawResponse: {} } as never)).valid
  },
  paddle: (delivery, secret) =>
    holds(() => paddle.webhooks.isSignatureValid(text(delivery), secret, header(delivery, 'paddle-signature'))),
  twilio: (delivery, token) => {
    const fields: Record<string, string> = Object.fromEntries(new URLSearchParams(text(delivery)))
    return validateRequest(token, header(delivery, 'x-twilio-signature'), delivery.url, fields)
  },
  discord: ({ headers, body }, key) =>
    verifyKey(body, headers.get('x-signature-ed25519') ?? '', headers.get('x-signature-timestamp') ?? '', key),
}

/** What a library answers, or that it threw: that it can't parse what it has believed is nothing against it. */
async function holds(
  verify: () => unknown,
  isBelieved: (error: unknown) => boolean = (error) => error instanceof SyntaxError,
): Promise<boolean> {
  try {
    return (await verify()) !== false
  } catch (error) {
    return isBelieved(error)
  }
}
