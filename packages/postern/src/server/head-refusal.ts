import type { IncomingMessage } from 'node:http'
import type { Limits } from '../limits.js'
import { type Problem, problem } from '../problems.js'

/**
 * Why the first line and the headers of a request are not taken, or `null`. Node lets all of these pass.
 *
 * **Security:** each is a request that two programs read differently. With two `Host`, or a whole URL in the first line,
 * a proxy that routes or caches by one name stands before a server that believes the other; of two `Authorization` one
 * was checked. Beyond `headers` Node drops what follows without a word, and that may have been what decides.
 *
 * Source: RFC 9112 §3.2 (one Host, and 400 for any other number; a target in origin-form), RFC 9110 §5.3 (a field that
 * is no list stands once).
 */
export function headRefusal(
  { rawHeaders, url = '', httpVersionMajor }: Pick<IncomingMessage, 'rawHeaders' | 'url' | 'httpVersionMajor'>,
  limits: Pick<Limits, 'headers'>,
): Problem | null {
  // A line without a version passes for HTTP/0.9, with headers, which that never had.
  if (httpVersionMajor !== 1) return problem('invalid', 'The version of HTTP is not known here')
  if (rawHeaders.length > limits.headers * 2) return problem('headers-too-large')
  if (!ORIGIN_FORM.test(url)) return problem('invalid', 'The request target is not a path')
  let hosts = 0
  let seen = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    if (!LENGTHS.has(name.length)) continue
    const lower = name.toLowerCase()
    const place = ONCE.indexOf(lower)
    if (place === -1) continue
    if (lower === 'host') hosts += 1
    else if ((seen & (1 << place)) !== 0) return problem('invalid', 'A header stands twice that may stand once')
    else seen |= 1 << place
  }
  return hosts === 1 ? null : problem('invalid', 'A request names one host')
}

/** Anything else in a target is percent-encoded (RFC 3986 §2); what isn't, each program repairs in a way of its own. */
const ORIGIN_FORM = /^\/[\x21-\x7e]*$/

const ONCE = ['host', 'authorization', 'content-type', 'content-length', 'x-organization-id']
/** Most headers are none of them, and their length says so without another string. */
const LENGTHS = new Set(ONCE.map(({ length }) => length))
