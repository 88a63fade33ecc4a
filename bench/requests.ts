import type { RouteName } from './result.js'
import { CALLERS, postIds } from './world.js'

/** One request, ready to be sent. */
export interface BenchRequest {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** What tells a server who is calling: headers of the nth user. */
export type Credentials = (n: number) => Readonly<Record<string, string>>

/** The only status that counts as an answer. */
export const EXPECTED: Readonly<Record<RouteName, number>> = {
  health: 200,
  list: 200,
  read: 200,
  create: 201,
  update: 200,
  invalid: 400,
}

const PER_CALLER = 8
const WORDS = 'As long as what people write into a box before they press the button. '.repeat(3)

/** The requests of a route, dealt round so that neighbours are of different users and of different rows. */
export function requestsFor(route: RouteName, credentials: Credentials): BenchRequest[] {
  const turns = Array.from({ length: PER_CALLER }, (_, turn) => turn)
  return turns.flatMap((turn) => CALLERS.map((n) => requestOf(route, n, turn, credentials(n))))
}

function requestOf(route: RouteName, n: number, turn: number, caller: Readonly<Record<string, string>>): BenchRequest {
  const json = { ...caller, 'content-type': 'application/json' }
  const id = postIds(n)[turn * 11] ?? String(n)
  switch (route) {
    case 'health':
      return { method: 'GET', path: '/api/health', headers: {} }
    case 'list':
      return { method: 'GET', path: '/api/posts', headers: caller }
    case 'read':
      return { method: 'GET', path: `/api/posts/${id}`, headers: caller }
    case 'create': {
      const body = JSON.stringify({ authorId: String(n), title: `A thought ${turn}`, body: WORDS })
      return { method: 'POST', path: '/api/posts', headers: json, body }
    }
    case 'update': {
      const body = JSON.stringify({ title: `A second thought ${turn}`, body: WORDS })
      return { method: 'PATCH', path: `/api/posts/${id}`, headers: json, body }
    }
    case 'invalid': {
      const body = JSON.stringify({ authorId: String(n), title: '', body: turn })
      return { method: 'POST', path: '/api/posts', headers: json, body }
    }
  }
}
