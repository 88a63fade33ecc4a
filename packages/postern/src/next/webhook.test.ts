import { AsyncLocalStorage } from 'node:async_hooks'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type BankPlace, bankPlace } from '../../../../test/webhooks/bank-place.js'
import { pay, schema } from '../../test/bank-schema.js'
import { delivery, hmacSigner } from '../../test/hmac-signer.js'
import { type Backend, createBackend } from '../backend.js'
import { database } from '../database/index.js'
import type { Event } from '../events.js'
import type { Handler } from '../handler.js'
import type { RunningWorker } from '../workers/worker.js'
import { prepareBackend } from './prepare-backend.js'

// As Next.js does before it loads anything of itself: so nothing of it is imported above.
Object.assign(globalThis, { AsyncLocalStorage })

let place: BankPlace
const opened: Backend<typeof schema>[] = []
beforeAll(async () => {
  place = await bankPlace()
})
afterEach(async () => {
  const home = globalThis as { [key: symbol]: RunningWorker | null | undefined }
  const key = Symbol.for('postern.next-workers')
  await home[key]?.stop(0)
  home[key] = null
  for (const { database: own } of opened.splice(0)) await own.close()
})
afterAll(() => place.drop())

/** A copy of `backend.ts` and its routes, as Next.js bundles one for the routes and another for `instrumentation.ts`. */
function copy(mode: 'inline' | 'queued'): { backend: Backend<typeof schema>; POST: Handler; events: Event[] } {
  const backend = createBackend({
    database: database({ schema, url: place.url, migrationUrl: place.migrationUrl }),
    auth: () => null,
  })
  opened.push(backend)
  const events: Event[] = []
  backend.events.observe((event) => void events.push(event))
  return {
    backend,
    events,
    POST: backend.webhook({ name: mode, mode, from: hmacSigner(), on: { 'payment.made': pay } }),
  }
}
/** What a route handler of Next.js gets. */
async function requested(id: string): Promise<Request> {
  const { NextRequest } = await import('next/server.js')
  const { headers, body } = delivery('/api/webhooks/acme', {
    id,
    type: 'payment.made',
    data: { account: id, amount: 1 },
  })
  const bytes = await new Response(body).arrayBuffer()
  return new NextRequest('http://localhost/api/webhooks/acme', { method: 'POST', headers, body: bytes })
}
async function expectOnce(id: string): Promise<void> {
  await expect.poll(async () => (await place.effects()).get(id), { timeout: 60_000 }).toBe(1)
}

describe('a webhook as a route of Next.js', () => {
  test('verifies the bytes of a NextRequest, and a copy of it is a duplicate', async () => {
    const { POST } = copy('inline')
    expect(await (await POST(await requested('next'))).json()).toEqual({ status: 'processed' })
    expect(await (await POST(await requested('next'))).json()).toEqual({ status: 'duplicate' })
    await expectOnce('next')
  })

  test('whose body a wrapper around it has read is 500, and the log says what to do', async () => {
    const { POST, events } = copy('inline')
    const request = await requested('read before')
    await request.json()
    expect((await POST(request)).status).toBe(500)
    expect(events.flatMap((event) => (event.type === 'request.failed' ? [String(event.error)] : []))).toEqual([
      expect.stringContaining('take the body parser or middleware in front of this path away'),
    ])
    expect((await place.effects()).has('read before')).toBe(false)
  })

  test('that only stores is worked off by the copy that instrumentation.ts prepared', async () => {
    const routes = copy('queued')
    // Nobody works yet: the provider is to come again.
    expect((await routes.POST(await requested('early'))).status).toBe(503)
    await prepareBackend(
      async () => {
        const { backend } = copy('queued')
        return { backend }
      },
      { logs: false, migrations: 'nowhere', workers: async () => {} },
    )
    await expectOnce('early')
    expect(await (await routes.POST(await requested('queued'))).json()).toEqual({ status: 'stored' })
    await expectOnce('queued')
  })
})
