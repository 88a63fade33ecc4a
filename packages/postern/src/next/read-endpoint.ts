import { ENDPOINT_FACTS, type EndpointFacts, type Handler } from '../handler.js'
import { problem, type ProblemDocument } from '../problems.js'
import { pageRequest } from './page-request.js'

/** What `readEndpoint()` takes beside the endpoint. */
export interface ReadOptions {
  /** What stands in the brackets of the path. */
  readonly params?: Readonly<Record<string, string | string[]>>
  /** The query string, as a page's `searchParams` has it; what is `undefined` is left out. */
  readonly query?: Readonly<Record<string, string | string[] | undefined>>
  /** Where whoever is not signed in is sent. Without it they meet the error page. */
  readonly signIn?: string
}

/**
 * Reads an endpoint from a page, as whoever looks at the page: every check of the endpoint holds, no socket is opened. What it answers
 * is given, parsed; its type is your word. Where there is nothing that the visitor may see, or what the address asks for can't be meant
 * (404, 400), the page becomes `not-found.tsx`; any other refusal is thrown and becomes `error.tsx`. Throws a `TypeError` for an endpoint
 * that takes a body.
 *
 * **Security:** the endpoint is asked by a GET, which can't write through `database()`. A client of another library knows nothing of
 * that: give it what your route exports as GET.
 *
 * @example
 * import { GET } from '../api/posts/route.ts'
 * const { data, next } = await readEndpoint<Page<Post>>(GET, { query: await searchParams })
 */
export async function readEndpoint<T>(endpoint: Handler, options: ReadOptions = {}): Promise<T> {
  const { params = {}, query = {}, signIn } = options
  refuseWriting(endpoint)
  const response = await endpoint(await pageRequest(`/${queryText(query)}`), { params: Promise.resolve({ ...params }) })
  if (response.ok) return (await response.json()) as T
  const { notFound, redirect } = await import('next/navigation.js')
  if (response.status === 404 || response.status === 400) notFound()
  if (response.status === 401 && signIn !== undefined) redirect(signIn)
  const { code } = (await response.json()) as ProblemDocument
  throw problem(code)
}

/** What takes a body, or an effect that must come once, is there to write; of the rest no handler knows how its route calls it. */
function refuseWriting(endpoint: Handler): void {
  const { body, idempotent } =
    (endpoint as { readonly [ENDPOINT_FACTS]?: Partial<EndpointFacts> })[ENDPOINT_FACTS] ?? {}
  if (body === true || idempotent === true) {
    throw new TypeError(
      'readEndpoint() reads, and this endpoint is there to write: give it what the route exports as GET',
    )
  }
}

function queryText(query: NonNullable<ReadOptions['query']>): string {
  const given = Object.entries(query).flatMap(([name, value]) => [value ?? []].flat().map((each) => [name, each]))
  return given.length === 0 ? '' : `?${new URLSearchParams(given as [string, string][])}`
}
