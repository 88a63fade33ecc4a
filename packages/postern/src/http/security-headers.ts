/**
 * Adds the headers that every answer should carry. What a handler has set on purpose stays as it is.
 * `secure` says that the client came by https: only then may the browser be told to insist on it (RFC 6797 §7.2).
 *
 * @example
 * applySecurityHeaders(response.headers, { secure: requestProtocol(request, 1) === 'https' })
 */
export function applySecurityHeaders(headers: Headers, options: { readonly secure: boolean }): void {
  for (const [name, value] of ALWAYS) if (!headers.has(name)) headers.set(name, value)
  if (isJson(headers)) setIfAbsent(headers, 'content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  if (options.secure) setIfAbsent(headers, 'strict-transport-security', 'max-age=31536000; includeSubDomains')
}

const ALWAYS = [
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['x-frame-options', 'DENY'],
  // Also where `cors` opens: it governs loads that read nothing (`no-cors`: an <img>), never one that CORS has let through.
  // Source: Fetch §4.4 (a blocked opaque response), §3.7 (Cross-Origin-Resource-Policy).
  ['cross-origin-resource-policy', 'same-origin'],
] as const

/** JSON that a browser is tricked into showing as a page must not be able to load or be framed by anything. */
function isJson(headers: Headers): boolean {
  return /[/+]json\b/.test(headers.get('content-type') ?? '')
}

function setIfAbsent(headers: Headers, name: string, value: string): void {
  if (!headers.has(name)) headers.set(name, value)
}
