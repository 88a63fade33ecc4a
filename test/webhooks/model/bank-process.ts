import { type Backend, createBackend } from '../../../packages/postern/src/backend.js'
import { database } from '../../../packages/postern/src/database/index.js'
import { LEAD_TO, type Leading } from '../../../packages/postern/src/database/lead-to.js'
import type { Share } from '../../../packages/postern/src/database/registry.js'
import type { Handler } from '../../../packages/postern/src/handler.js'
import type { InboxDatabase } from '../../../packages/postern/src/inbox/as-service.js'
import { claim } from '../../../packages/postern/src/inbox/claim.js'
import { PermanentError } from '../../../packages/postern/src/inbox/permanent-error.js'
import { runtimeOf } from '../../../packages/postern/src/runtime.js'
import { processEvent } from '../../../packages/postern/src/webhook-process.js'
import { entries, schema } from '../../../packages/postern/test/bank-schema.js'
import { hmacSigner } from '../../../packages/postern/test/hmac-signer.js'
import { Mortal } from './interleaving.js'

/** What a handler comes to, once it has written. */
export type Outcome = 'succeeds' | 'throws' | 'never can'

/** Told of each call of a handler by a process. Says what comes of it, and is told when it is over. */
export type OnCall = (
  by: Mortal,
  id: string,
  attempt: number,
) => { readonly outcome: Outcome; readonly over: () => void }

/** The webhooks that there are. Two attempts each: what dies, dies soon. */
export const PLACES = ['plain', 'queued', 'unsigned', 'ordered', 'blocking'] as const
export type Place = (typeof PLACES)[number]

/** One process: its endpoints, its worker, and its part in the connections. */
export interface BankProcess {
  readonly mortal: Mortal
  readonly database: InboxDatabase
  readonly handlers: Readonly<Record<Place, Handler>>
  /** Takes up to `limit` events that are due. The answers process one each. */
  takes(limit: number): Promise<readonly (() => Promise<unknown>)[]>
}

/** Longer than any schedule takes. What is killed in one is remembered by a timer for that long. */
const LONG_MS = 60_000

export async function bankProcess(mortal: Mortal, share: Share, onCall: OnCall): Promise<BankProcess> {
  const db = database({ schema, url: 'postgres://nobody@nowhere' })
  await (db as unknown as Leading)[LEAD_TO](() => share)
  const backend = createBackend({ database: db, auth: () => null })
  const runtime = runtimeOf(backend)!
  const { webhooks, events, strict, jobs } = runtime
  const handlers = webhooksOf(backend, (id, attempt) => onCall(mortal, id, attempt))
  const home = db as unknown as InboxDatabase
  return {
    mortal,
    database: home,
    handlers,
    async takes(limit) {
      const known = webhooks.all.flatMap(({ name, leaseMs, handlers: on }) =>
        [...on.keys()].map((eventType) => ({ endpoint: name, eventType, leaseMs })),
      )
      const claimed = await claim(home, known, limit)
      return claimed.map((each) => () => {
        const options = { database: home, events, strict, jobs, requestId: each.id }
        return processEvent(webhooks.get(each.endpoint)!, each, each.event, options)
      })
    },
  }
}

function webhooksOf(
  { webhook }: Backend<typeof schema>,
  onCall: (id: string, attempt: number) => ReturnType<OnCall>,
): Record<Place, Handler> {
  const made = PLACES.map((name) => [
    name,
    webhook({
      name,
      from: hmacSigner(name === 'unsigned' ? { signsId: false, signsTime: false } : {}),
      mode: name === 'queued' ? 'queued' : 'inline',
      attempts: 2,
      // No clock of ours decides anything here.
      answerMs: LONG_MS,
      ...(name === 'ordered' || name === 'blocking' ? { orderBy: () => 'one' } : {}),
      onDead: name === 'blocking' ? 'block' : 'skip',
      on: {
        'payment.made': async ({ event, db, idempotencyKey }) => {
          const { outcome, over } = onCall(idempotencyKey, event.attempt)
          await db.insert(entries).values({ ownerId: 'service', event: idempotencyKey, amount: 1 })
          over()
          if (outcome === 'throws') throw new Error('Not this time')
          if (outcome === 'never can') throw new PermanentError('Never')
        },
      },
    }),
  ])
  return Object.fromEntries(made) as Record<Place, Handler>
}
