import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { EndpointFacts } from './handler.js'
import type { ProviderEvent, Signer } from './signers/signer.js'
import type { WebhookOptions } from './webhook-slots.js'
import { LONGEST_MS, wholeNumber } from './whole-number.js'

/** A webhook, read and checked when it is defined. */
export interface WebhookPlan {
  readonly name: string
  readonly signer: Signer
  readonly mode: NonNullable<WebhookOptions['mode']>
  readonly handlers: ReadonlyMap<string, EventHandler>
  readonly prepare: ((context: never) => unknown) | null
  readonly attempts: number
  readonly deadlineMs: number
  /** How long an attempt is believed to run, without a word of it. */
  readonly leaseMs: number
  readonly answerMs: number
  readonly orderBy: ((event: ProviderEvent) => string | null) | null
  readonly onDead: 'skip' | 'block'
  readonly maxBodyBytes: number
  readonly url: URL | null
  readonly maxEventAge: { readonly ms: number; readonly of: (event: ProviderEvent) => Date | null } | null
  /** How long an event’s identity is kept, in milliseconds; `null` is for good. */
  readonly keepMs: number | null
}

export interface EventHandler {
  readonly schema: StandardSchemaV1 | null
  readonly run: (context: never) => unknown
}

interface Said extends WebhookOptions {
  readonly from: Signer
  readonly on: Readonly<Record<string, unknown>>
  readonly prepare?: (context: never) => unknown
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** Reads what a webhook says. Throws a `TypeError`, one sentence, for what can't be meant. */
export function webhookPlanOf(said: Said): WebhookPlan {
  const { name, from: signer, mode = 'inline', orderBy = null, onDead = 'skip' } = said
  assertName(name)
  if (typeof signer?.verify !== 'function') throw new TypeError(`The webhook ${name} needs a signer in from`)
  if (mode === 'one-commit' && orderBy !== null)
    throw new TypeError(
      `The webhook ${name}: orderBy needs stored events, and one-commit stores none before its effect`,
    )
  const patience = Math.max(1_000, signer.patienceMs)
  const deadlineMs = wholeNumber('deadlineMs', said.deadlineMs ?? MINUTE_MS, 1, LONGEST_MS - MINUTE_MS)
  return {
    name,
    signer,
    mode,
    handlers: handlersOf(name, said.on),
    prepare: said.prepare ?? null,
    attempts: wholeNumber('attempts', said.attempts ?? 12, 1, 100),
    deadlineMs,
    leaseMs: deadlineMs + 5_000,
    answerMs: wholeNumber('answerMs', said.answerMs ?? Math.floor(patience * 0.8), 1, LONGEST_MS),
    orderBy,
    onDead,
    maxBodyBytes: wholeNumber('maxBodyBytes', said.maxBodyBytes ?? signer.maxBodyBytes ?? 1_000_000),
    url: said.url === undefined ? null : addressOf(said.url),
    maxEventAge: ageOf(said.maxEventAge),
    keepMs: signer.signsTime ? Math.max(90 * DAY_MS, 2 * signer.resendsForMs) : null,
  }
}

/** **Security:** an address may change with a deploy, and under another name everything that was done could be done once more. */
function assertName(name: unknown): void {
  if (typeof name === 'string' && /^[a-z0-9][a-z0-9._:-]{0,99}$/i.test(name) && !/^https?:/i.test(name)) return
  throw new TypeError(
    "A webhook needs a name of letters, digits and . _ : -, as in 'stripe' or 'stripe:eu', and no URL",
  )
}

function handlersOf(webhook: string, on: Said['on']): ReadonlyMap<string, EventHandler> {
  const handlers = new Map<string, EventHandler>()
  for (const [type, does] of Object.entries(on ?? {})) {
    if (does === undefined) continue
    const { data = null, handle } = (typeof does === 'function' ? { handle: does } : does) as {
      readonly data?: StandardSchemaV1 | null
      readonly handle?: unknown
    }
    if (typeof handle !== 'function')
      throw new TypeError(`The webhook ${webhook} says for ${type} neither a function nor { data, handle }`)
    handlers.set(type, { schema: data, run: handle as EventHandler['run'] })
  }
  if (handlers.size === 0) throw new TypeError(`The webhook ${webhook} handles no event: say at least one in on`)
  return handlers
}

function ageOf(said: WebhookOptions['maxEventAge']): WebhookPlan['maxEventAge'] {
  if (said === undefined) return null
  return { ms: wholeNumber('maxEventAge.ms', said.ms, 1, Number.MAX_SAFE_INTEGER), of: said.of ?? (({ at }) => at) }
}

function addressOf(url: string): URL {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url)
  throw new TypeError('url takes the whole address as the provider knows it: https://app.example/api/webhooks/twilio')
}

/** What the inventory says of it. */
export function factsOfWebhook({ name, signer, handlers }: WebhookPlan): EndpointFacts {
  return {
    kind: 'webhook',
    name,
    auth: 'public',
    publicReason: `signed by ${signer.provider}`,
    params: false,
    query: false,
    body: [...handlers.values()].every(({ schema }) => schema !== null),
    owns: null,
    sees: null,
    unowned: null,
    paginated: false,
    response: false,
    rateLimit: null,
    idempotent: true,
    provider: signer.provider,
  }
}
