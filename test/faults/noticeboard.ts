import { eq, sql } from 'drizzle-orm'
import { SignJWT } from 'jose'
import { z } from 'zod'
import { jwt } from '../../packages/postern/src/auth/jwt.js'
import { type Backend, createBackend } from '../../packages/postern/src/backend.js'
import { database, type DatabaseOptions } from '../../packages/postern/src/database/database.js'
import { create, page, row, update } from '../../packages/postern/src/operations.js'
import { id, table, text, timestamps, user } from '../../packages/postern/src/schema/index.js'
import { listQuery } from '../../packages/postern/src/database/paved/list-query.js'
import type { ServedRoute } from '../../packages/postern/src/server/index.js'

/** What is served while things break: a table with an owner, each paved operation on it, and functions that take their time. */
export const notices = table('notices', { id: id(), body: text().notNull(), ...timestamps() }, { owner: user() })
export const schema = { notices }
export type Noticeboard = typeof schema

export interface NoticeboardOptions {
  readonly url: string
  readonly database?: Partial<Pick<DatabaseOptions<Noticeboard>, 'poolSize' | 'poolWaitMs' | 'statementTimeoutMs'>>
  readonly requestTimeoutMs?: number
  /** The clock that tokens are judged by. */
  readonly now?: () => number
}

export interface NoticeboardServed {
  readonly backend: Backend<Noticeboard>
  readonly routes: readonly ServedRoute[]
}

const Input = z.object({ body: z.string() })

export function noticeboard({ url, now, requestTimeoutMs, ...options }: NoticeboardOptions): NoticeboardServed {
  const auth = jwt({ secret: SECRET, issuer: ISSUER, audience: AUDIENCE, ...(now ? { now } : {}) })
  const backend = createBackend({
    database: database({ schema, url, ...options.database }),
    auth,
    ...(requestTimeoutMs ? { requestTimeoutMs } : {}),
  })
  const { endpoint } = backend
  const routes = [
    {
      path: '/notices',
      module: {
        GET: endpoint({ query: listQuery(notices) }, page(notices)),
        POST: endpoint({ body: Input }, create(notices)),
      },
    },
    {
      path: '/notices/[id]',
      module: {
        GET: endpoint({ sees: notices }, row()),
        PATCH: endpoint({ owns: notices, body: Input }, update()),
      },
    },
    {
      path: '/by-function',
      module: {
        // Two statements and a COMMIT of its own, so that there is something between them to break.
        POST: endpoint({ body: Input }, async ({ db, body }) => {
          const made = await db.notices.create({ body: body.body })
          await db.update(notices).set({ body: body.body }).where(eq(notices.id, made.id))
          return made
        }),
      },
    },
    {
      path: '/slow/[ms]',
      module: {
        // Keeps a connection for as long as it is told.
        GET: endpoint({ unowned: 'waits' }, async ({ db, request }) => {
          const ms = Number(new URL(request.url).pathname.split('/').at(-1))
          await db.execute(sql`select pg_sleep(${ms / 1000}::float8)`)
          return { waited: ms }
        }),
      },
    },
  ]
  return { backend, routes }
}

const SECRET = 'a-secret-of-thirty-two-bytes-or-more'
const ISSUER = 'https://issuer.example'
const AUDIENCE = 'noticeboard'

/** What a client sends to be Alice, until `expires` (seconds since 1970; default: in a day). */
export async function tokenOf(sub: string, expires = Math.floor(Date.now() / 1000) + 86_400): Promise<string> {
  const signer = new SignJWT({ sub, iss: ISSUER, aud: AUDIENCE, exp: expires })
  return signer.setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(SECRET))
}
