import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as bodyOf } from 'node:stream/consumers'
import { jwtVerify } from 'jose'
import type { Claims, SupabaseServer } from '../../../test/support/supabase.ts'

/**
 * As much of PostgREST as this example asks for: a stand-in, because PostgREST itself comes neither from npm nor from Debian. What
 * it stands in for is the reading of the address and the form of the answers. The statements run on a real PostgreSQL, as the role
 * of the token and with its claims, so that row-level security judges them.
 */
export async function serveDataApi(supabase: SupabaseServer, secret: string): Promise<{ url: string; close(): void }> {
  const key = new TextEncoder().encode(secret)
  const server = createServer(async (request, response) => {
    const answer = await answerOf(supabase, key, request).catch(refusalOf)
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() }
}

interface Answer {
  readonly status: number
  readonly body?: unknown
}

async function answerOf(supabase: SupabaseServer, key: Uint8Array, request: IncomingMessage): Promise<Answer> {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const { payload } = await jwtVerify(token, key)
  const asked = statementOf(request.method!, new URL(request.url!, 'http://localhost'), await bodyOf(request))
  const rows = await supabase.asPostgrest(payload as Partial<Claims> as Claims, asked.text, asked.values)
  if (request.headers.accept !== 'application/vnd.pgrst.object+json') {
    return request.method === 'DELETE' ? { status: 204 } : { status: 200, body: rows }
  }
  if (rows.length === 1) return { status: 200, body: rows[0] }
  const details = `The result contains ${rows.length} rows`
  const message = 'Cannot coerce the result to a single JSON object'
  return { status: 406, body: { code: 'PGRST116', details, hint: null, message } }
}

interface Asked {
  readonly text: string
  readonly values: readonly unknown[]
}

/** `/rest/v1/posts?select=id,title&id=eq.1&order=id.desc&limit=20` as SQL. */
function statementOf(method: string, url: URL, body: string): Asked {
  const table = name(/^\/rest\/v1\/(\w+)$/.exec(url.pathname)?.[1])
  const {
    select = '*',
    order,
    limit = '1000',
    offset = '0',
    columns: _,
    ...filters
  } = Object.fromEntries(url.searchParams)
  const values: unknown[] = []
  const bound = (value: unknown) => `$${values.push(value)}`
  const given = Object.entries((body === '' ? {} : JSON.parse(body)) as Record<string, unknown>)
  const where = () => {
    const equal = Object.entries(filters).map(
      ([column, value]) => `${name(column)} = ${bound(value.replace(/^eq\./, ''))}`,
    )
    return equal.length === 0 ? '' : ` where ${equal.join(' and ')}`
  }
  const shown = select === '*' ? '*' : select.split(',').map(name).join(', ')
  if (method === 'POST') {
    const columns = given.map(([column]) => name(column)).join(', ')
    const text = `insert into ${table} (${columns}) values (${given.map(([, value]) => bound(value)).join(', ')})`
    return { text: `${text} returning ${shown}`, values }
  }
  if (method === 'PATCH') {
    const sets = given.map(([column, value]) => `${name(column)} = ${bound(value)}`).join(', ')
    return { text: `update ${table} set ${sets}${where()} returning ${shown}`, values }
  }
  if (method === 'DELETE') return { text: `delete from ${table}${where()} returning ${shown}`, values }
  const orders = order?.split(',').map((one) => one.split('.').map(name).join(' '))
  const sorted = orders === undefined ? '' : ` order by ${orders.join(', ')}`
  const text = `select ${shown} from ${table}${where()}${sorted} limit ${bound(limit)} offset ${bound(offset)}`
  return { text, values }
}

function name(word: string | undefined): string {
  if (word !== undefined && /^\w+$/.test(word)) return word
  throw new Error('This stand-in knows plain names only')
}

const STATUS: Readonly<Record<string, number>> = { '23505': 409, '42501': 403 }

function refusalOf(error: unknown): Answer {
  const { code, message, detail } = error as { code?: string; message: string; detail?: string }
  return { status: STATUS[code ?? ''] ?? 400, body: { code, message, details: detail ?? null, hint: null } }
}
