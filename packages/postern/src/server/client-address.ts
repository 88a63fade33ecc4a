import type { IncomingMessage } from 'node:http'

/** Where the server tells handlers who is at the other end: the one header about it that no client can write. */
export const CLIENT_ADDRESS_HEADER = 'x-postern-client'

/**
 * Puts the client's address into the request's headers, in place of whatever the client sent under that name.
 * A `Request` has no address, and limits per client need one: without it, all clients would share one.
 *
 * **Security:** of `x-forwarded-for` only the entry that is `trustProxy` places from the right was written by a proxy of
 * ours; everything left of it comes from the client.
 */
export function nameClient(
  incoming: Pick<IncomingMessage, 'rawHeaders' | 'headers' | 'socket'>,
  trustProxy: number,
): void {
  const { rawHeaders } = incoming
  for (let index = rawHeaders.length - 2; index >= 0; index -= 2) {
    const name = rawHeaders[index]!
    if (name.length === CLIENT_ADDRESS_HEADER.length && name.toLowerCase() === CLIENT_ADDRESS_HEADER)
      rawHeaders.splice(index, 2)
  }
  const address = addressOf(incoming, trustProxy)
  // Both, because Node makes one from the other once and readers use either.
  rawHeaders.push(CLIENT_ADDRESS_HEADER, address)
  incoming.headers[CLIENT_ADDRESS_HEADER] = address
}

function addressOf({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>, trustProxy: number): string {
  const own = socket.remoteAddress ?? 'unknown'
  if (trustProxy <= 0) return own
  const forwarded = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((entry) => entry.trim())
  const believed = forwarded[Math.max(0, forwarded.length - trustProxy)] ?? ''
  return believed === '' ? own : believed
}
