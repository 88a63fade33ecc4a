import { createHash } from 'node:crypto'
import { problem } from '../problems.js'
import { readBytes } from './body-bytes.js'

/** The key of a request that must have its effect once, and a digest of the body that came with it. */
export interface IdempotencyKey {
  readonly key: string
  /** SHA-256. */
  readonly body: Buffer
}

/**
 * Reads the header `Idempotency-Key`: a string in quotes, as the draft says it, or the same characters bare, as most
 * clients send it. `undefined` where there is none and it is not `required`. Throws the problems `invalid` and `too-large`.
 *
 * Source: draft-ietf-httpapi-idempotency-key-header; RFC 8941 §3.3.3 (strings).
 */
export async function idempotencyKeyOf(
  request: Request,
  options: { readonly required: boolean; readonly maxBodyBytes: number },
): Promise<IdempotencyKey | undefined> {
  const sent = request.headers.get('idempotency-key')
  if (sent === null) {
    if (!options.required) return undefined
    throw refused('Send a key of your own making, the same for each attempt')
  }
  const key = keyIn(sent)
  if (key === undefined) throw refused(`Send one key of 1 to ${LONGEST} visible characters`)
  // A copy is read: the body itself is for the stages that follow.
  const bytes = await readBytes(request.clone(), options.maxBodyBytes)
  return { key, body: digestOf(bytes, request.headers.get('content-type') ?? '') }
}

const LONGEST = 255

/** Two lines of the header are joined by a comma and a space, which is no visible character: they are no key. */
function keyIn(sent: string): string | undefined {
  const quoted = /^"((?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(sent)?.[1]?.replaceAll(/\\(["\\])/g, '$1')
  const key = quoted ?? (/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(sent) ? sent : '')
  return key.length >= 1 && key.length <= LONGEST ? key : undefined
}

/**
 * A client that sends the same form again draws another boundary, which stands all through the body: what is between the
 * boundaries is what was sent (RFC 2046 §5.1.1).
 */
function digestOf(bytes: Buffer, contentType: string): Buffer {
  const hash = createHash('sha256')
  const boundary = /^multipart\/.*;\s*boundary="?([\w'()+,./:=?-]{1,70})"?/i.exec(contentType)?.[1]
  if (boundary === undefined) return hash.update(bytes).digest()
  const line = Buffer.from(`--${boundary}`)
  let from = 0
  for (let at = bytes.indexOf(line); at !== -1; at = bytes.indexOf(line, from)) {
    hash.update(bytes.subarray(from, at)).update('--')
    from = at + line.length
  }
  return hash.update(bytes.subarray(from)).digest()
}

function refused(message: string) {
  return problem('invalid', undefined, { errors: [{ path: 'headers.idempotency-key', message }] })
}
