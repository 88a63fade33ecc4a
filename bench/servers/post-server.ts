import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { announce } from './announce.js'
import { createPost, type Db, listPosts, NEWEST, type PostInput, readPost, updatePost } from './post-queries.js'
import { callerOf } from './verify-token.js'

/** Runs statements for a caller: on the pool as they are, or in a transaction that says who asks. */
export type RunAs = <T>(owner: string, work: (db: Db) => Promise<T>) => Promise<T>

interface Answer {
  readonly status: number
  readonly body: object
}

/**
 * A server as a good engineer writes it by hand where speed is everything: `node:http`, no router, no validation library,
 * tokens verified by `node:crypto` and kept, input checked by `typeof`, JSON by `JSON.stringify`.
 */
export function servePosts(runAs: RunAs): void {
  const server = createServer((request, response) => {
    answer(request, runAs).then(
      (answered) => send(response, answered),
      (error: unknown) => send(response, failure(error)),
    )
  })
  server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port))
}

async function answer(request: IncomingMessage, runAs: RunAs): Promise<Answer> {
  const url = request.url!
  const cut = url.indexOf('?')
  const path = cut === -1 ? url : url.slice(0, cut)
  if (path === '/api/health') return { status: 200, body: { ok: true } }

  const owner = callerOf(request.headers.authorization)
  if (owner === null) return refusal(401, 'unauthenticated')
  if (path === '/api/posts') {
    if (request.method === 'GET') return list(owner, cut === -1 ? null : new URLSearchParams(url.slice(cut)), runAs)
    if (request.method !== 'POST') return refusal(405, 'method-not-allowed')
    const input = readInput(await bodyOf(request), false)
    if (input === null) return refusal(400, 'invalid')
    return { status: 201, body: await runAs(owner, (db) => createPost(db, owner, input as PostInput)) }
  }
  const id = path.startsWith('/api/posts/') ? path.slice(11) : ''
  if (!ID.test(id)) return refusal(404, 'not-found')
  if (request.method === 'GET') return found(await runAs(owner, (db) => readPost(db, owner, id)))
  if (request.method !== 'PATCH') return refusal(405, 'method-not-allowed')
  const input = readInput(await bodyOf(request), true)
  if (input === null) return refusal(400, 'invalid')
  return found(await runAs(owner, (db) => updatePost(db, owner, id, input)))
}

const ID = /^[1-9]\d{0,18}$/

async function list(owner: string, query: URLSearchParams | null, runAs: RunAs): Promise<Answer> {
  const limit = Number(query?.get('limit') ?? 20)
  const before = query?.get('after') ?? NEWEST
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= 100 && ID.test(before))) return refusal(400, 'invalid')
  return { status: 200, body: await runAs(owner, (db) => listPosts(db, owner, limit, before)) }
}

const LONGEST = 100_000

/** The JSON of a body, or `undefined` where it is none, or too long. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > LONGEST) return undefined
    chunks.push(chunk)
  }
  try {
    return JSON.parse((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString()) as unknown
  } catch {
    return undefined
  }
}

/** What fits, and nothing else that came along; a patch may leave out some, not all. */
function readInput(body: unknown, partial: boolean): Partial<PostInput> | null {
  if (typeof body !== 'object' || body === null) return null
  const { authorId, title, body: text } = body as Record<string, unknown>
  const missing = [authorId, title, text].filter((value) => value === undefined).length
  if (missing > (partial ? 2 : 0)) return null
  if (authorId !== undefined && !(typeof authorId === 'string' && ID.test(authorId))) return null
  if (title !== undefined && !isTextUpTo(title, 200)) return null
  if (text !== undefined && !isTextUpTo(text, 10_000)) return null
  return { authorId, title, body: text } as Partial<PostInput>
}

function isTextUpTo(value: unknown, longest: number): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= longest
}

function found(row: object | undefined): Answer {
  return row === undefined ? refusal(404, 'not-found') : { status: 200, body: row }
}

function refusal(status: number, code: string): Answer {
  return { status, body: { code } }
}

/** A foreign key that leads nowhere is the caller's mistake (PostgreSQL 23503); the rest is ours. */
function failure(error: unknown): Answer {
  return (error as { code?: string }).code === '23503' ? refusal(422, 'unprocessable') : refusal(500, 'internal')
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
