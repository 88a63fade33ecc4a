import { parse, stringify } from 'node:querystring'

/**
 * The ways in which Twilio may have spelled an address before it signed it, as its SDK tries them: as it is, without a port
 * and with one, and the query encoded anew. `null` where it is no address.
 *
 * Source: https://www.twilio.com/docs/usage/security#test-the-validity-of-your-webhook-signature
 */
export function twilioUrls(text: string): readonly string[] | null {
  if (!URL.canParse(text)) return null
  const [without, withPort] = [new URL(text), portSaid(new URL(text))]
  without.port = ''
  const spelled = [without.href, withPort]
  return [...new Set([text, ...spelled, ...spelled.map(queryAnew)])]
}

/** `URL` leaves out the port that its scheme implies. */
function portSaid(url: URL): string {
  if (url.port !== '') return url.href
  const login = url.username === '' ? '' : `${url.username}${url.password === '' ? '' : `:${url.password}`}@`
  const port = url.protocol === 'https:' ? ':443' : ':80'
  return `${url.protocol}//${login}${url.host}${port}${url.pathname}${url.search}${url.hash}`
}

function queryAnew(text: string): string {
  const start = text.indexOf('?')
  return start === -1 ? text : `${text.slice(0, start)}?${stringify(parse(text.slice(start + 1)))}`
}
