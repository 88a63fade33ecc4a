import { setTimeout as pause } from 'node:timers/promises'
import { seeded } from '../support/seeded.js'

/** What clients were told while something was broken. */
export interface Told {
  readonly answers: number
  readonly statuses: Readonly<Record<string, number>>
  /** Answers that no client may get then: another status, another shape, no Retry-After where one is promised. */
  readonly wrong: readonly string[]
  /** The longest wait for an answer, in milliseconds. */
  readonly longestMs: number
  /** The bodies that clients tried to write, by what they were told of it. */
  readonly written: ReadonlyMap<string, 'done' | 'not done' | 'unknown'>
}

export interface WorkersOptions {
  readonly url: string
  readonly token: string
  readonly seed: number
  readonly clients?: number
  /** Goes on until this is true. */
  readonly until: () => boolean
}

/** Clients that read and write all the time, and keep account of what they are told. */
export async function workers({ url, token, seed, clients = 12, until }: WorkersOptions): Promise<Told> {
  const statuses: Record<string, number> = {}
  const wrong: string[] = []
  const written = new Map<string, 'done' | 'not done' | 'unknown'>()
  let answers = 0
  let longestMs = 0
  const client = async (index: number) => {
    const random = seeded(seed * 100 + index)
    let mine: string | undefined
    for (let turn = 0; !until(); turn += 1) {
      const body = `${seed}-${index}-${turn}`
      const chance = random()
      const writes = chance < 0.5
      const [method, path] = writes
        ? ['POST', chance < 0.25 ? '/notices' : '/by-function']
        : chance < 0.6 && mine !== undefined
          ? ['GET', `/notices/${mine}`]
          : ['GET', chance < 0.9 ? '/notices?limit=100' : '/slow/20']
      const began = performance.now()
      const answer = await send(url + path, method, token, writes ? body : undefined)
      longestMs = Math.max(longestMs, performance.now() - began)
      answers += 1
      const { status, code } = answer
      const key = code === null ? String(status) : `${status} ${code}`
      statuses[key] = (statuses[key] ?? 0) + 1
      const mistake = mistakeOf(answer)
      if (mistake !== null) wrong.push(`${method} ${path}: ${mistake}`)
      if (writes) written.set(body, status < 300 ? 'done' : code === 'unavailable' ? 'not done' : 'unknown')
      if (writes && status === 201) mine = answer.id ?? mine
      if (status >= 500) await pause(random() * 20)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)))
  return { answers, statuses, wrong, longestMs, written }
}

interface Answer {
  readonly status: number
  readonly code: string | null
  readonly id: string | undefined
  readonly text: string
  readonly retryAfter: string | null
  readonly type: string | null
}

async function send(url: string, method: string, token: string, body: string | undefined): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : JSON_TYPE) }
  try {
    const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify({ body }) }) }
    const response = await fetch(url, sent)
    const text = await response.text()
    const json = JSON.parse(text) as { code?: string; id?: string; requestId?: string }
    const code = response.ok ? null : (json.code ?? null)
    const { status } = response
    return {
      status,
      code,
      id: json.id,
      text,
      retryAfter: response.headers.get('retry-after'),
      type: response.headers.get('content-type'),
    }
  } catch (error) {
    return {
      status: 0,
      code: null,
      id: undefined,
      text: String((error as Error).cause ?? error),
      retryAfter: null,
      type: null,
    }
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }

function mistakeOf({ status, code, text, retryAfter, type }: Answer): string | null {
  if (status === 200 || status === 201) return null
  if (status !== 503 && status !== 504) return `${status} ${text.slice(0, 200)}`
  if (type !== 'application/problem+json') return `${status} as ${type}`
  const known = code === 'unavailable' || code === 'timeout' || code === 'outcome-unknown'
  if (!known) return `${status} ${code}`
  // A promise that the same may be sent again: only where nothing can have been written.
  if ((retryAfter !== null) !== (code === 'unavailable')) return `${code} with Retry-After ${retryAfter}`
  return null
}
