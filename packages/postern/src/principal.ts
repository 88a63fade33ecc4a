/**
 * Who is calling. An adapter of `postern/auth`, or a function of your own, makes one from a request; nobody is `null`.
 *
 * @example
 * const alice: Principal = { id: 'alice', roles: ['admin'], claims: { sub: 'alice' } }
 */
export interface Principal {
  /** The id that owner columns hold: a user's id, text. Never empty. */
  readonly id: string
  /** The roles that `auth: { role }` is compared with. They have nothing to do with PostgreSQL's own roles. */
  readonly roles: readonly string[]
  /**
   * The organization that the caller works in, where the token or session proves it: a row id, as text. One that a header
   * merely names (`x-organization-id`) never gets here; policies ask whether its caller is a member.
   */
  readonly organizationId?: string
  /** What policies read through `request.jwt.claims`: plain JSON. */
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * Tells who sent a request, or `null` for nobody. It may read the request's headers and must leave its body alone.
 * What it throws becomes `internal`: an adapter answers `null` for a token that does not hold, and throws when it cannot tell.
 */
export interface Authenticate {
  (request: Request): Principal | null | Promise<Principal | null>
  /** The cookies that authenticating this request renewed; they go out with its answer, whatever that is. */
  readonly setCookies?: (request: Request) => readonly string[]
  /**
   * The request headers that say who is calling, where they are others than `authorization` and `cookie`: `['x-api-key']`.
   *
   * **Security:** what the slot `cache` lets others keep varies with them; a cache that knew nothing of such a header would
   * hand one caller what it keeps for another.
   */
  readonly knownBy?: readonly string[]
}
