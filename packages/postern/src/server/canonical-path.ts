import { pathnameOf } from '../http/pathname.js'

/**
 * Where a path is sent that has a slash too many, as Next.js does (308, which keeps the method); `null` where it stands
 * as it should.
 *
 * **Security:** the answer begins with exactly one slash. `//evil.example/` answered with `//evil.example` would be a
 * redirect to another host.
 */
export function redirectOf(url: string): string | null {
  const pathname = pathnameOf(url)
  if (!pathname.includes('//') && (pathname === '/' || !pathname.endsWith('/'))) return null
  const collapsed = pathname.replaceAll(/\/{2,}/g, '/')
  const canonical = collapsed.length > 1 && collapsed.endsWith('/') ? collapsed.slice(0, -1) : collapsed
  const query = url.indexOf('?')
  return query === -1 ? canonical : canonical + url.slice(query).replace(/#.*$/, '')
}
