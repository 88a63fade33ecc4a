/**
 * The protocol that the client spoke. TLS usually ends at a balancer, so the request's own URL says `http` there;
 * `trustProxy` is how many proxies stand in front and may be believed about it.
 *
 * **Security:** each proxy appends what it saw, so only the entry that is `trustProxy` places from the right was
 * written by one of ours; everything left of it comes from the client.
 *
 * @example
 * const secure = requestProtocol(request, 1) === 'https'
 */
export function requestProtocol(request: Request, trustProxy = 0): 'http' | 'https' {
  const forwarded = trustProxy > 0 ? request.headers.get('x-forwarded-proto') : null
  if (forwarded === null) return request.url.startsWith('https:') ? 'https' : 'http'
  const seen = forwarded.split(',')
  const believed = seen[Math.max(0, seen.length - trustProxy)] ?? ''
  return believed.trim().toLowerCase() === 'https' ? 'https' : 'http'
}
