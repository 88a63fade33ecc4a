/** What a host gives beside the request: the dynamic segments of the path, as Next.js gives them. */
export interface RouteContext {
  params: Promise<Record<string, string | string[]>>
}

/**
 * What answers a request: a Web-standard handler. This exact shape is what Next.js accepts as a route, what `serve()`
 * serves, and what a test calls without a socket. Two signatures, because Next.js 15 refuses a route whose second parameter
 * may be left out, and where a path has no dynamic segment it is.
 */
export interface Handler {
  (request: Request): Promise<Response>
  (request: Request, context: RouteContext): Promise<Response>
}

/** A function of one's own that can be a `Handler`. */
export type HandlerFunction = (request: Request, context?: RouteContext) => Promise<Response>

/** Where a handler keeps what the inventory says of it. `Symbol.for`: two copies of this package must find the same. */
export const ENDPOINT_FACTS: unique symbol = Symbol.for('postern.endpoint') as never

/** One line of the inventory: what can be called, and what guards it. */
export interface EndpointFacts {
  readonly kind: 'endpoint' | 'action' | 'webhook'
  /** An action’s, where it says one; a webhook’s. */
  readonly name?: string | null
  readonly auth: 'user' | 'public' | { readonly role: string } | { readonly scope: string }
  readonly publicReason: string | null
  readonly params: boolean
  readonly query: boolean
  readonly body: boolean
  /** The table, or `function` where another store is asked. */
  readonly owns: string | null
  readonly sees: string | null
  readonly unowned: string | null
  readonly paginated: boolean
  readonly response: boolean
  /** How often it may be called, as its slot says it. */
  readonly rateLimit: { readonly limit: number; readonly per: string | number } | null
  /** A repetition with the same `Idempotency-Key` has no second effect. */
  readonly idempotent: boolean
  /** Who calls a webhook. */
  readonly provider?: string | null
}
