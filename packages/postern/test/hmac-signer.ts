import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ProviderEvent, Signer, Verdict } from '../src/signers/signer.js'

/** One event of the provider that exists in tests only. */
export interface Sent {
  readonly id?: string | null
  readonly type?: string
  readonly data?: unknown
}

export const SECRET = 'a-secret-of-tests-that-is-long-enough'

/** A signer of few lines: HMAC over the body, time and id in it. `{ events: [...] }` is a batch. */
export function hmacSigner(said: Partial<Signer<Events>> = {}): Signer<Events> {
  return {
    provider: 'acme',
    keeps: ['x-acme-id'],
    signsId: true,
    signsTime: true,
    patienceMs: 10_000,
    resendsForMs: 3 * 24 * 3_600_000,
    verify({ headers, body }): Verdict {
      const given = headers.get('x-acme-signature')
      if (given === null) return { kind: 'refused', reason: 'signature-missing' }
      const expected = createHmac('sha256', SECRET).update(body).digest()
      const got = Buffer.from(given, 'hex')
      if (got.length !== 32 || !timingSafeEqual(got, expected)) return { kind: 'refused', reason: 'signature-mismatch' }
      let payload: Sent & { readonly events?: readonly Sent[]; readonly challenge?: string }
      try {
        payload = JSON.parse(Buffer.from(body).toString()) as typeof payload
      } catch {
        return { kind: 'unreadable', reason: 'not JSON' }
      }
      if (payload.challenge !== undefined) return { kind: 'handshake', response: new Response(payload.challenge) }
      const id = headers.get('x-acme-id')
      return { kind: 'events', events: (payload.events ?? [payload]).map((each) => eventOf(each, id)) }
    },
    ...said,
  }
}

/** What the provider's events are about. */
export interface Events {
  readonly 'payment.made': { readonly account: string; readonly amount: number }
  readonly [type: string]: unknown
}

function eventOf(sent: Sent & { readonly at?: string }, unsignedId: string | null): ProviderEvent {
  return {
    id: unsignedId ?? sent.id ?? null,
    type: sent.type ?? 'payment.made',
    at: sent.at === undefined ? null : new Date(sent.at),
    data: sent.data,
    payload: sent,
  }
}

/** A delivery as the provider would send it. */
export function delivery(
  path: string,
  body: object | string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Request {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const signature = createHmac('sha256', SECRET).update(bytes).digest('hex')
  return new Request(new URL(path, 'http://localhost'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-acme-signature': signature, ...headers },
    body: new Uint8Array(bytes),
  })
}
