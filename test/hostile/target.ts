import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { jwt } from '../../packages/postern/src/auth/index.js'
import { createBackend } from '../../packages/postern/src/backend.js'
import { database } from '../../packages/postern/src/database/database.js'
import type { Endpoint } from '../../packages/postern/src/endpoint.js'
import { requestIdOf } from '../../packages/postern/src/http/request-id.js'
import type { Limits } from '../../packages/postern/src/limits.js'
import { create, listQuery, page, patchOf, remove, row, update } from '../../packages/postern/src/index.js'
import { id, instant, integer, table, text, timestamps, user } from '../../packages/postern/src/schema/index.js'
import { createApp, serve } from '../../packages/postern/src/server/index.js'
import { migrated } from '../isolation/migrated.js'
import { fitsParams, fitsStrict, isHarmless } from './fits.js'
import { Watch } from './watch.js'

const things = table(
  'things',
  { id: id(), title: text().notNull(), rank: integer(), dueAt: instant(), ...timestamps() },
  { owner: user() },
)
const schema = { things }

/** The largest body of the target: a thousand fields and ten thousand items fit, and the rest is quick to send. */
export const MOST_BYTES = 30_000

/** More than the kernel takes for a client that reads nothing. */
export const LARGE_BYTES = 8_000_000

export interface Place {
  readonly url: string
  readonly migrationUrl: string
}

/** A backend with every kind of slot, served in process and on a socket, and watched. */
export interface Target {
  readonly send: (request: Request) => Promise<Response>
  readonly port: number
  readonly watch: Watch
  close(): Promise<void>
}

/** Makes the tables, once for all targets on this database. */
export async function prepare(place: Place): Promise<void> {
  const db = database({ schema, ...place })
  await migrated(db, schema)
  const unit = db.unit({ mode: 'request' })
  await unit.run({ role: 'service_role', claims: '{}', sub: '' }, SEED_ROWS)
  await unit.commit()
  await unit.close()
  await db.close()
}

/** Row 1 is Carol’s, whom the random requests never are: it stays. */
const SEED_ROWS = {
  text: "insert into things (owner_id, title, rank) select case when n = 0 then 'carol' when n % 2 = 0 then 'alice' else 'bob' end, 'thing ' || n, n from generate_series(0, 40) n",
  values: [],
}

export async function hostileTarget(place: Place, limits: Partial<Limits> = {}): Promise<Target> {
  const db = database({ schema, ...place, poolWaitMs: 20_000 })
  const tokens = jwt({ secret: 's'.repeat(32), issuer: 'https://issuer.example', audience: 'things' })
  const backend = createBackend({
    database: db,
    auth: (request) => named(request) ?? tokens(request),
    maxBodyBytes: MOST_BYTES,
    limits,
  })
  const watch = new Watch()
  backend.events.observe((event) => watch.hear(event))
  const routes = routesOf(backend.endpoint, watch)
  const server = await serve({ backend, routes, port: 0, logs: false, graceMs: 2_000 })
  const app = createApp({ backend, routes })
  return { send: async (request) => app.fetch(request), port: server.port, watch, close: () => server.close() }
}

/** By header or by cookie, as nothing checks it here. */
function named(request: Request) {
  const caller =
    request.headers.get('x-test-user') ?? /(?:^|; )user=(alice|bob)/.exec(request.headers.get('cookie') ?? '')?.[1]
  return caller === undefined || caller === '' ? null : { id: caller, roles: [], claims: {} }
}

const ThingInput = z.object({
  title: z.string().min(1).max(40),
  rank: z.number().int().min(0).max(1000).optional(),
  dueAt: z.iso
    .datetime()
    .transform((at) => new Date(at))
    .optional(),
})
const StrictInput = z.strictObject({
  title: z.string().max(40),
  count: z.number().int().min(0).max(1000).optional(),
  tags: z.array(z.string().max(10)).max(5).optional(),
})
const Params = z.object({ kind: z.enum(['day', 'week']), number: z.string().regex(/^\d{1,3}$/) })

type ThingsEndpoint = Endpoint<typeof schema>

const any = () => true
// Counted as zod counts: in code points, of which some are two units of a JavaScript string.
const fitsFind = (value: unknown) => [...String((value as { q: unknown }).q)].length <= 20

function routesOf(endpoint: ThingsEndpoint, watch: Watch) {
  const look = (fits: (value: unknown) => boolean, part: 'body' | 'query' | 'params') => (context: object) => {
    const given = context as { request: Request } & Record<string, unknown>
    watch.reached(requestIdOf(given.request), fits(given[part]) && isHarmless(given[part]))
  }
  const list = listQuery(things, {
    sort: ['createdAt', 'title'],
    filter: { title: ['eq', 'in'], rank: ['eq', 'gte', 'lt'], dueAt: ['gte'] },
    search: ['title'],
  })
  const find = z.strictObject({ q: z.string().max(20), n: z.coerce.number().int().max(9).optional() })
  return [
    {
      path: '/things',
      module: { GET: endpoint({ query: list }, page(things)), POST: endpoint({ body: ThingInput }, create(things)) },
    },
    {
      path: '/things/[id]',
      module: {
        GET: endpoint({ sees: things }, row()),
        PATCH: endpoint({ owns: things, body: patchOf(ThingInput) }, update()),
        DELETE: endpoint({ owns: things }, remove()),
        POST: endpoint({ owns: things, body: StrictInput }, look(fitsStrict, 'body')),
      },
    },
    { path: '/strict', module: { POST: endpoint({ body: StrictInput }, look(fitsStrict, 'body')) } },
    {
      path: '/loose',
      module: { POST: endpoint({ body: z.looseObject({ a: z.number().optional() }) }, look(any, 'body')) },
    },
    {
      path: '/record',
      module: { POST: endpoint({ body: z.record(z.string().max(50), z.number()) }, look(any, 'body')) },
    },
    { path: '/json', module: { POST: endpoint({ body: z.json() }, look(any, 'body')) } },
    { path: '/anything', module: { POST: endpoint({ body: z.unknown() }, look(any, 'body')) } },
    { path: '/find', module: { GET: endpoint({ public: 'a test', query: find }, look(fitsFind, 'query')) } },
    {
      path: '/admin',
      module: {
        POST: endpoint(
          { auth: { role: 'admin' }, body: StrictInput },
          look(() => false, 'body'),
        ),
      },
    },
    {
      path: '/of/[kind]/[number]',
      module: { GET: endpoint({ params: Params, unowned: 'a test' }, look(fitsParams, 'params')) },
    },
    {
      path: '/files/[[...path]]',
      module: { GET: endpoint({ public: 'a test', unowned: 'a test' }, () => ({ file: true })) },
    },
    {
      path: '/probe/[number]',
      module: {
        GET: endpoint(
          { public: 'a test', unowned: 'a test', params: z.object({ number: z.string().regex(/^\d+$/) }) },
          ({ params }) => ({
            probe: (params as { number: string }).number,
          }),
        ),
      },
    },
    { path: '/large', module: { GET: endpoint({ public: 'a test' }, () => new Response(LARGE)) } },
    { path: '/later', module: { GET: endpoint({ public: 'a test' }, () => pause(20, { later: true })) } },
  ]
}

/** One for all of them. */
const LARGE = new Uint8Array(LARGE_BYTES).fill(0x78)
