import { addToList } from './add-to-list.js'

/** How long an answer may be kept, in seconds. */
interface Lifetime {
  readonly maxAge: number
  readonly staleWhileRevalidate?: number | undefined
}

interface CacheOptions {
  /** Whether it is for one caller alone. */
  readonly isPrivate: boolean
  /** `null`: nobody said that it may be kept. */
  readonly lifetime: Lifetime | null
  /** What a caller is known by beside a token, a session and the organization. */
  readonly knownBy?: readonly string[] | undefined
}

/**
 * Says whether an answer may be kept, and by whom. What a handler has said on purpose stays as it is.
 *
 * **Security:** what one caller is told must reach no other. So `public` is for what nobody in particular was told, and
 * even that varies with the headers that say who is asking: a cache that has it must ask again for whoever comes with
 * a token or a session. `private` varies too, because two people may use one browser, and one person may work in two
 * organizations. An answer with cookies is kept by nobody: with it a cache would hand out somebody's session.
 *
 * Source: RFC 9111 §3.5, §4.1, §5.2.2; RFC 5861 §3.
 *
 * @example
 * applyCacheControl(response.headers, { isPrivate: false, lifetime: { maxAge: 300 } })
 */
export function applyCacheControl(headers: Headers, { isPrivate, lifetime, knownBy = [] }: CacheOptions): void {
  if (headers.has('cache-control')) return
  if (lifetime === null || headers.has('set-cookie')) {
    if (isPrivate || lifetime !== null) headers.set('cache-control', 'no-store')
    return
  }
  const { maxAge, staleWhileRevalidate } = lifetime
  const stale = staleWhileRevalidate === undefined ? [] : [`stale-while-revalidate=${staleWhileRevalidate}`]
  headers.set('cache-control', [isPrivate ? 'private' : 'public', `max-age=${maxAge}`, ...stale].join(', '))
  const organization = isPrivate ? ['x-organization-id'] : []
  for (const name of [...WHO_ASKS, ...organization, ...knownBy]) addToList(headers, 'vary', name.toLowerCase())
}

/** The headers by which a caller is known. */
const WHO_ASKS = ['authorization', 'cookie'] as const
