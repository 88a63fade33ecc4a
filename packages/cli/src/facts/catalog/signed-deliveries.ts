import { callValue, followCallback } from '../trace/call.js'
import type { Value } from '../trace/model.js'
import { either, from, literal, object, originsOf, truthOf, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { goesOn } from './goes-on.js'
import { type Library, type Meaning, propertyOf } from './library.js'
import { type SignedPart, tellsWhetherSigned, verifies } from './signature.js'
import { settleStranger } from './strangers.js'

/** Libraries that say whether a delivery is the provider's. What else they do is work for somebody else. */
export const signedDeliveries: readonly Library[] = [
  {
    packages: ['@octokit/webhooks-methods'],
    calls: {
      '**.verify()': tellsWhetherSigned('github', second),
      '**.verifyWithFallback()': tellsWhetherSigned('github', second),
    },
  },
  {
    packages: ['@octokit/webhooks', '@octokit/app', 'octokit'],
    calls: {
      '**.verify()': tellsWhetherSigned('github'),
      '**.webhooks.verify()': tellsWhetherSigned('github'),
      '**.verifyAndReceive()': verifies('github', named('payload')),
    },
    settles: settleStranger,
  },
  {
    packages: ['@slack/bolt', '@slack/events-api'],
    calls: {
      '**.verifySlackRequest()': verifies('slack', named('body')),
      '**.isValidSlackRequest()': tellsWhetherSigned('slack', named('body')),
      '**.verifyRequestSignature()': tellsWhetherSigned('slack', named('body')),
    },
    settles: settleStranger,
  },
  {
    packages: ['@shopify/shopify-api'],
    calls: { '**.webhooks.validate()': validatesShopify },
    settles: settleStranger,
  },
  {
    packages: ['@paddle/paddle-node-sdk'],
    calls: {
      '**.webhooks.unmarshal()': verifies('paddle'),
      '**.webhooks.isSignatureValid()': tellsWhetherSigned('paddle'),
    },
    settles: settleStranger,
  },
  {
    packages: ['twilio', 'twilio/'],
    calls: {
      // Twilio signs the address and the fields of a form, so a parsed body is what it is about.
      '**.validateRequest()': tellsWhetherSigned('twilio', unread),
      '**.validateRequestWithBody()': tellsWhetherSigned('twilio', ({ args }) => args[3]),
      '**.validateExpressRequest()': tellsWhetherSigned('twilio', unread),
      '**.webhook().()': stands('twilio'),
    },
    settles: settleStranger,
  },
  {
    packages: ['discord-interactions'],
    calls: {
      '**.verifyKey()': tellsWhetherSigned('discord'),
      '**.verifyKeyMiddleware().()': stands('discord'),
      '**.verifyWebhookEventMiddleware().()': stands('discord'),
    },
  },
  {
    packages: ['resend'],
    calls: { '**.webhooks.verify()': verifies('resend', named('payload')) },
    settles: settleStranger,
  },
  {
    packages: ['openai'],
    calls: { '**.webhooks.unwrap()': verifies('openai'), '**.webhooks.verifySignature()': verifies('openai') },
    settles: settleStranger,
  },
  {
    packages: ['@upstash/qstash', '@upstash/qstash/'],
    calls: {
      // Where it does not hold it throws, so that what it answers is true.
      'Receiver().verify()': (call) => {
        verifies('qstash', named('body'))(call)
        return literal(true)
      },
      ...Object.fromEntries(
        ['verifySignature', 'verifySignatureAppRouter', 'verifySignatureEdge'].map((name) => [
          `**.${name}().()`,
          behind('qstash'),
        ]),
      ),
    },
    settles: settleStranger,
  },
  {
    packages: ['@vercel/blob', '@vercel/blob/client'],
    calls: { '**.handleUpload()': handlesUpload },
    settles: settleStranger,
  },
]

function second({ args }: Parameters<SignedPart>[0]) {
  return args[1]
}

/** What it is about it reads itself. */
function unread() {
  return undefined
}

function named(name: string): SignedPart {
  return ({ args }) => propertyOf(args[0], name)
}

/** It answers how it went: `{ valid: true }`. */
function validatesShopify(call: LibraryCall): Value {
  const signed = tellsWhetherSigned('shopify', named('rawBody'))(call)
  const given = signed?.kind === 'truth' ? signed.holds : []
  return either([
    { value: object({ valid: literal(true) }), given },
    { value: object({ valid: literal(false) }), given: [] },
  ])
}

/** It stands before a handler, and answers for it where the signature does not hold; `webhook({ validate: false })` asks nothing. */
function stands(library: string): Meaning {
  return (call) => {
    const asks = propertyOf(call.value.path.at(-2)?.args?.at(-1), 'validate')
    if (asks === undefined || truthOf(asks) !== false) verifies(library, unread)(call)
    return goesOn(call)
  }
}

/** A handler that is called for what is signed only. */
function behind(library: string): Meaning {
  return (call) => {
    const handler = call.value.path.at(-2)?.args?.find(({ kind }) => kind === 'function') ?? UNKNOWN
    verifies(library, unread)(call)
    return callValue(call.walker, handler, call.args, call)
  }
}

/** A token for whoever asks for one, and a call of Vercel's that it has signed: each has a function of its own. */
function handlesUpload(call: LibraryCall): Value {
  const { walker, spot, args } = call
  const body = propertyOf(args[0], 'body') ?? UNKNOWN
  const sent = from(...originsOf(body))
  followCallback(walker, propertyOf(args[0], 'onBeforeGenerateToken') ?? UNKNOWN, [sent, sent], spot)
  const before = walker.state
  walker.state = before.fork()
  const event = verifies('vercel-blob', unread)(call) ?? UNKNOWN
  followCallback(
    walker,
    propertyOf(args[0], 'onUploadCompleted') ?? UNKNOWN,
    [object({ blob: event, tokenPayload: event })],
    spot,
  )
  walker.state = before
  return UNKNOWN
}
