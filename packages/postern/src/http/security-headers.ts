/**
 * Adds the headers that every answer should carry. What a handler has set on purpose stays as it is.
 * `secure` says that the client came by https: only then may the browser be told to insist on it (RFC 6797 §7.2).
 *
 * @example
 * applySecurityHeaders(response.headers, { secure: requestProtocol(request, 1) === 'https' })
 */
export function applySecurityHeaders(headers: Headers, options: { readonly secure: boolean }): void {
  const wanted = isJson(headers) ? jsonSecurityHeaders(options) : options.secure ? { ...ALWAYS, ...SECURE } : ALWAYS
  for (const [name, value] of Object.entries(wanted)) if (!headers.has(name)) headers.set(name, value)
}

/** The same for an answer in JSON that is being made: as an object, because a `Headers` costs more than all else in it. */
export function jsonSecurityHeaders({ secure }: { readonly secure: boolean }): Readonly<Record<string, string>> {
  return secure ? JSON_SECURE : JSON_ALWAYS
}

const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  // Also where `cors` opens: it governs loads that read nothing (`no-cors`: an <img>), never one that CORS has let through.
  // Source: Fetch §4.4 (a blocked opaque response), §3.7 (Cross-Origin-Resource-Policy).
  'cross-origin-resource-policy': 'same-origin',
} as const

const SECURE = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } as const

/** JSON that a browser is tricked into showing as a page must not be able to load or be framed by anything. */
const JSON_ALWAYS = { ...ALWAYS, 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" } as const

const JSON_SECURE = { ...JSON_ALWAYS, ...SECURE } as const

function isJson(headers: Headers): boolean {
  return /[/+]json\b/.test(headers.get('content-type') ?? '')
}
