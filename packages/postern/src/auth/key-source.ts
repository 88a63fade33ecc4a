import type { KeyObject } from 'node:crypto'
import { createRemoteJWKSet, customFetch, errors, type CryptoKey, type JWTVerifyGetKey } from 'jose'
import { problem } from '../problems.js'

/** After the issuer failed to answer, how long it is left alone, in milliseconds: else every forged token waits for it anew. */
const LEFT_ALONE = 5_000
const FETCH_TIMEOUT = 3_000
/** RFC 7518 §3.2: a key for HS256 is as long as its hash, 32 bytes; a shorter one is found by trying, offline. */
const SHORTEST_SECRET = 32

/** What answers for a token whose key is not among the issuer's: not a failure, the token does not hold. */
const NO_SUCH_KEY = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]

/** The issuer's published keys, fetched when first needed, kept for 10 minutes, fetched again for an unknown key at most every 30 s. */
export function publishedKeys(jwks: URL | string, now: () => number): JWTVerifyGetKey {
  let failedAt = -Infinity
  const keys = createRemoteJWKSet(safeUrl(jwks), {
    timeoutDuration: FETCH_TIMEOUT,
    [customFetch]: async (url, options) => {
      if (Math.abs(now() - failedAt) < LEFT_ALONE) throw new Error('The issuer failed to answer a moment ago')
      try {
        const response = await fetch(url, options)
        if (response.status !== 200) failedAt = now()
        return response
      } catch (error) {
        failedAt = now()
        throw error
      }
    },
  })
  return async (header, token) => {
    try {
      return await keys(header, token)
    } catch (cause) {
      if (NO_SUCH_KEY.some((known) => cause instanceof known)) throw cause
      throw problem('unavailable', undefined, { cause, headers: { 'retry-after': '5' } })
    }
  }
}

/** Keys fetched in plain text are whoever's sits in between. A host without a dot is this machine's own network. */
function safeUrl(jwks: URL | string): URL {
  const url = URL.canParse(String(jwks)) ? new URL(String(jwks)) : null
  const near = url !== null && (/^[\w-]+$/.test(url.hostname) || /^(127\.[\d.]+|\[::1\])$/.test(url.hostname))
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && near)) return url
  throw new TypeError('jwt(): jwks must be an https address, such as https://issuer.example/.well-known/jwks.json')
}

/** The shared secret as jose takes it: a copy, so that a buffer wiped or reused by its owner changes nothing. */
export function sharedKey(secret: string | Uint8Array | KeyObject | CryptoKey): Uint8Array | KeyObject | CryptoKey {
  const key = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  if (key instanceof Uint8Array ? key.byteLength >= SHORTEST_SECRET : isLongSecret(key)) {
    return key instanceof Uint8Array ? Uint8Array.from(key) : key
  }
  throw new TypeError(`jwt(): secret must be a secret key of at least ${SHORTEST_SECRET} bytes, as HS256 demands`)
}

function isLongSecret(key: KeyObject | CryptoKey): boolean {
  if (key?.type !== 'secret') return false
  if ('symmetricKeySize' in key) return (key.symmetricKeySize ?? 0) >= SHORTEST_SECRET
  return 'algorithm' in key && Number(Object(key.algorithm).length) >= SHORTEST_SECRET * 8
}
