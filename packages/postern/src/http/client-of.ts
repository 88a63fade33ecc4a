import { isIPv6 } from 'node:net'

/** Where our own server leaves the address of who is at the other end: on the request, where no client can put anything. */
export const CLIENT: unique symbol = Symbol.for('postern.client') as never

/**
 * The network that a request comes from, as far as it is known: from our own server, or from the proxies that are believed
 * (`trustProxy` of them). `null` under another host without either.
 *
 * **Security:** an IPv6 client is given 2^64 addresses at least, so what counts is the first half (RFC 6177). The port that
 * some proxies write along would make each connection another client.
 */
export function clientOf(request: Request, trustProxy: number): string | null {
  const told = (request as { readonly [CLIENT]?: string })[CLIENT] ?? forwarded(request, trustProxy)
  return told === null ? null : networkOf(told)
}

function forwarded(request: Request, trustProxy: number): string | null {
  if (trustProxy <= 0) return null
  const entries = (request.headers.get('x-forwarded-for') ?? '').split(',').map((entry) => entry.trim())
  const believed = entries[Math.max(0, entries.length - trustProxy)] ?? ''
  return believed === '' ? null : believed
}

function networkOf(told: string): string {
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(told)?.[1] ?? /^(\d+(?:\.\d+){3}):\d+$/.exec(told)?.[1] ?? told
  const bare = address.split('%')[0]!.toLowerCase()
  if (!isIPv6(bare)) return bare
  // The URL parser writes an address in its one canonical form (RFC 5952).
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const groups = groupsOf(canonical)
  const mapped = groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff'
  if (!mapped) return `${groups.slice(0, 4).join(':')}::/64`
  const [high, low] = groups.slice(6).map((group) => Number.parseInt(group, 16)) as [number, number]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function groupsOf(canonical: string): string[] {
  const [head = '', tail] = canonical
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== '')) as unknown as [string[], string[]?]
  if (tail === undefined) return head as unknown as string[]
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return [...head, ...zeros, ...tail]
}
