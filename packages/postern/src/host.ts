/**
 * The framework that a backend's actions run in. `postern/next` makes one for Next.js; the core knows no framework.
 * Each of its functions is called while an action runs.
 */
export interface Host {
  /** For people: `Next.js`. */
  readonly name: string
  /**
   * The request by which the action was called: its headers, cookies among them, as a POST to the page. Its body is the
   * framework's and is read already.
   */
  request(): Promise<Request>
  /** What the framework throws to steer itself, a redirect for one; `undefined` for an error. */
  steering(thrown: unknown): Promise<Steering | undefined>
  /** Sends the lines of `set-cookie` along with the answer. */
  setCookies(lines: readonly string[]): Promise<void>
  /** Has what was cached of these be made anew. */
  revalidate(what: Revalidation): Promise<void>
}

/** Control flow of a framework, thrown by an action's function. */
export interface Steering {
  /** What is to be thrown on. */
  readonly thrown: unknown
  /** Whether it ends the action well: then what it wrote is kept. A redirect does; a page that is not found does not. */
  readonly succeeds: boolean
  /** The status that the client sees. */
  readonly status: number
}

/** What is no longer true of a cache. */
export interface Revalidation {
  readonly paths: readonly string[]
  readonly tags: readonly string[]
}

/** How somebody says it: `'/posts'`, `['/posts', '/posts/[id]']`, `{ paths: [...], tags: [...] }`. */
export type Revalidate =
  string | readonly string[] | { readonly paths?: readonly string[]; readonly tags?: readonly string[] }

/** Reads it. Throws a `TypeError` for anything else. */
export function revalidationOf(said: unknown): Revalidation {
  if (typeof said === 'string') return { paths: [asPath(said)], tags: [] }
  if (Array.isArray(said)) return { paths: said.map(asPath), tags: [] }
  if (typeof said !== 'object' || said === null) throw unreadable()
  const { paths = [], tags = [], ...others } = said as Readonly<Record<string, unknown>>
  // A promise, for one, says neither: what it would come to has to be awaited first.
  const isSilent = !('paths' in said) && !('tags' in said)
  if (isSilent || !Array.isArray(paths) || !Array.isArray(tags) || Object.keys(others).length > 0) throw unreadable()
  return { paths: paths.map(asPath), tags: tags.map(asTag) }
}

function asPath(value: unknown): string {
  if (typeof value === 'string' && value.startsWith('/')) return value
  throw unreadable()
}

function asTag(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw unreadable()
}

const unreadable = () =>
  new TypeError("revalidate takes a path ('/posts'), a list of paths, or { paths: ['/posts'], tags: ['posts'] }")
