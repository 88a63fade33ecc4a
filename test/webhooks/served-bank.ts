import { type Backend, createBackend, type BackendOptions } from '../../packages/postern/src/backend.js'
import { database, type DatabaseOptions } from '../../packages/postern/src/database/index.js'
import type { Event } from '../../packages/postern/src/events.js'
import type { Handler } from '../../packages/postern/src/handler.js'
import { serve, type ServeOptions } from '../../packages/postern/src/server/index.js'
import { pay, type PaymentContext, schema } from '../../packages/postern/test/bank-schema.js'

/** A bank in this process, on a socket of its own: a test can reach into its handlers, and a client into nothing else. */
export interface ServedBank {
  readonly url: string
  readonly port: number
  readonly backend: Backend<typeof schema>
  readonly events: readonly Event[]
  close(): Promise<void>
}

interface ServedBankOptions extends Pick<ServeOptions, 'workers' | 'logs' | 'limits'> {
  readonly backend?: Partial<Omit<BackendOptions<never>, 'database'>>
  readonly database?: Partial<Pick<DatabaseOptions<typeof schema>, 'poolSize' | 'poolWaitMs' | 'statementTimeoutMs'>>
}

/** Serves what `routes` makes: by default no worker runs, so that nothing happens but what a test sends. */
export async function servedBank(
  url: string,
  routes: (backend: Backend<typeof schema>) => Readonly<Record<string, Handler>>,
  options: ServedBankOptions = {},
): Promise<ServedBank> {
  const { workers = false, logs = false, limits = {} } = options
  const own = database({ schema, url, poolWaitMs: 2_000, ...options.database })
  const backend = createBackend({ database: own, auth: () => null, ...options.backend })
  const events: Event[] = []
  backend.events.observe((event) => void events.push(event))
  const served = Object.entries(routes(backend)).map(([path, POST]) => ({ path, module: { POST } }))
  const server = await serve({ backend, routes: served, port: 0, workers, logs, limits, graceMs: 5_000 })
  return { url: server.url, port: server.port, backend, events, close: () => server.close() }
}

/** Its effect, and then a failure for as many attempts as the event says. */
export async function payUnlessItFails(context: PaymentContext): Promise<void> {
  await pay(context)
  const { fails = 0 } = context.event.data as { readonly fails?: number }
  if (context.event.attempt <= fails) throw new Error('Not yet')
}

/** Something that a test opens when it has seen what it wanted to see. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open!: () => void
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}
