import type { Principal } from '../principal.js'
import type { StatementExcuse } from './judge-statements.js'

/** What came back, read: `body` is the parsed JSON, the text where it is none, `undefined` where nothing came. */
export interface Answer<Body = unknown> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
  /** The body as it came. */
  readonly text: string
}

/** What goes along with a request. */
export interface SendOptions extends StatementExcuse {
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Calls the backend as one principal, without a socket. A body is sent as JSON, a `FormData` or `URLSearchParams` as the form
 * that it is; anything else goes by `send()`.
 *
 * @example
 * const { status, body } = await app.as('alice').post<{ id: string }>('/api/customers', { name: 'ACME' })
 */
export interface Caller {
  get<Body = unknown>(path: string, options?: SendOptions): Promise<Answer<Body>>
  post<Body = unknown>(path: string, body?: unknown, options?: SendOptions): Promise<Answer<Body>>
  put<Body = unknown>(path: string, body?: unknown, options?: SendOptions): Promise<Answer<Body>>
  patch<Body = unknown>(path: string, body?: unknown, options?: SendOptions): Promise<Answer<Body>>
  delete<Body = unknown>(path: string, options?: SendOptions): Promise<Answer<Body>>
  /**
   * Calls actions as this principal, in whichever way you call them: `run(() => createPost({ title }))`. They come from a page of
   * the backend's own; `headers` says otherwise, where an empty text means that the header is not there.
   */
  run<T>(work: () => Promise<T>, options?: SendOptions): Promise<T>
  /** A request of your own making, sent as this principal. */
  send<Body = unknown>(request: Request, excuse?: StatementExcuse): Promise<Answer<Body>>
}

/** Where callers' requests go: it must know the very object, because that is what says who calls. */
type Deliver = (request: Request, principal: Principal | null, excuse: StatementExcuse) => Promise<Response>

/** The same for actions. */
type Act = <T>(
  request: Request,
  principal: Principal | null,
  excuse: StatementExcuse,
  work: () => Promise<T>,
) => Promise<T>

export function callerOf(principal: Principal | null, deliver: Deliver, act: Act): Caller {
  const send = async (request: Request, excuse: StatementExcuse = {}) => read(await deliver(request, principal, excuse))
  const write = (method: string) => (path: string, body?: unknown, options?: SendOptions) =>
    send(requestOf(method, path, options, body), options)
  const bare = (method: string) => (path: string, options?: SendOptions) =>
    send(requestOf(method, path, options), options)
  return {
    get: bare('GET'),
    post: write('POST'),
    put: write('PUT'),
    patch: write('PATCH'),
    delete: bare('DELETE'),
    run: (work, options = {}) => act(pageRequest(options), principal, options, work),
    send,
  } as Caller
}

/** A principal by id alone has no roles and no claims. */
export function toPrincipal(principal: Principal | string): Principal {
  return typeof principal === 'string' ? { id: principal, roles: [], claims: {} } : principal
}

function requestOf(method: string, path: string, { headers = {} }: SendOptions = {}, body?: unknown): Request {
  if (body instanceof FormData || body instanceof URLSearchParams) {
    return new Request(new URL(path, 'http://localhost'), { method, headers: { ...headers }, body })
  }
  const json = body === undefined ? undefined : JSON.stringify(body)
  const type = json === undefined ? {} : { 'content-type': 'application/json' }
  const init = { method, headers: { ...type, ...headers }, ...(json === undefined ? {} : { body: json }) }
  return new Request(new URL(path, 'http://localhost'), init)
}

const FROM_OWN_PAGE = { origin: 'http://localhost', 'sec-fetch-site': 'same-origin' }

function pageRequest({ headers = {} }: SendOptions): Request {
  const said = Object.entries({ ...FROM_OWN_PAGE, ...headers }).filter(([, value]) => value !== '')
  return new Request('http://localhost/', { method: 'POST', headers: said })
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: parsed(text), text }
}

function parsed(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
