/** What belongs to the request for the page and not to what the page reads: bodies, conditions on the page's own version, ranges. */
const OF_THE_PAGE =
  /^(?:content-|if-|sec-websocket-|next-|rsc$|accept|range$|expect$|transfer-encoding$|connection$|upgrade$|idempotency-key$)/

/** What the visitor's browser sent, without what belongs to the body or the page. */
export async function sentHeaders(): Promise<Headers> {
  // Here and not at the top: outside of Next.js, where nobody calls this, it need not be installed.
  const { headers } = await import('next/headers.js')
  const sent = new Headers()
  for (const [name, value] of await headers()) if (!OF_THE_PAGE.test(name)) sent.append(name, value)
  return sent
}

/**
 * Where the request was sent, as far as its `host` says so: Next.js passes it on as it came, and no `Request` can be made of one
 * with a name and a password in it.
 */
export function sentTo(headers: Headers): URL {
  const base = `http://${headers.get('host') ?? 'localhost'}`
  return new URL(URL.canParse(base) ? `http://${new URL(base).host}` : 'http://localhost')
}

/** The visitor's request, as a GET for something that the page reads: their cookies, their token, their organization. */
export async function pageRequest(path: string): Promise<Request> {
  const sent = await sentHeaders()
  return new Request(new URL(path, sentTo(sent)), { headers: sent })
}
