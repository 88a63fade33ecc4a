import type { Answer } from '../src/testing/index.js'

/** What goes to the origin through the cache, and who really sent it. */
export interface Asked {
  readonly path: string
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
}

interface Stored {
  readonly varies: readonly string[]
  readonly asked: Asked
  readonly answer: Answer
}

/**
 * A cache that many share, such as a CDN, doing all that RFC 9111 allows it: what is `public` is kept, by its URL and what it
 * varies with, and given to whoever asks next. It keeps what says nothing of itself too, as some do.
 */
export class SharedCache {
  readonly #stored = new Map<string, Stored[]>()
  readonly #origin: (asked: Asked) => Promise<Answer>
  hits = 0

  constructor(origin: (asked: Asked) => Promise<Answer>) {
    this.#origin = origin
  }

  async ask(asked: Asked): Promise<Answer> {
    const stored = this.#stored.get(asked.path) ?? []
    this.#stored.set(asked.path, stored)
    const found = stored.find(({ varies, asked: first }) =>
      varies.every((name) => first.headers[name] === asked.headers[name]),
    )
    if (found !== undefined) {
      this.hits += 1
      return found.answer
    }
    const answer = await this.#origin(asked)
    const varies = names(answer.headers.get('vary'))
    if (isKept(asked, answer) && !varies.includes('*')) stored.push({ varies, asked, answer })
    return answer
  }
}

/** RFC 9111 §3: neither `no-store` nor `private`; after a credential only where `public` says so (§3.5). */
function isKept({ method = 'GET', headers }: Asked, answer: Answer): boolean {
  const says = names(answer.headers.get('cache-control'))
  if (method !== 'GET' || answer.status !== 200 || says.includes('no-store') || says.includes('private')) return false
  return headers['authorization'] === undefined || says.includes('public')
}

function names(header: string | null): string[] {
  return (header ?? '').split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim().toLowerCase()]))
}
