import { createHmac, createPublicKey, createSecretKey, timingSafeEqual, verify } from 'node:crypto'

/** Text and bytes in the order in which they were signed. Text counts as UTF-8. */
export type SignedContent = readonly (string | Uint8Array)[]

/** A secret as what it does: says which signatures of a content hold. It shows nothing of itself. */
export interface SigningKey {
  /** How many bytes of secret there are: few can be guessed. */
  readonly bytes: number
  /** What is to be known of the content is computed once, however many signatures are tried. */
  over(content: SignedContent): (signature: Uint8Array) => boolean
}

/**
 * The key of a scheme with a shared secret. `secret` is text, which counts as UTF-8, or the bytes that it stands for.
 *
 * **Security:** MACs are compared as bytes and in constant time: `===` tells by its duration how much of a guess is right.
 *
 * Source: RFC 2104.
 *
 * @example
 * const holds = hmacKey(secret).over([timestamp, '.', body])
 */
export function hmacKey(secret: string | Uint8Array, algorithm: 'sha1' | 'sha256' | 'sha512' = 'sha256'): SigningKey {
  const bytes = Buffer.from(secret)
  const key = createSecretKey(bytes)
  return {
    bytes: bytes.length,
    over(content) {
      const mac = createHmac(algorithm, key)
      for (const part of content) mac.update(part)
      const expected = mac.digest()
      return (signature) => signature.length === expected.length && timingSafeEqual(signature, expected)
    },
  }
}

/**
 * The key of a scheme in which the provider alone can sign: 32 bytes of an Ed25519 public key. Throws a `TypeError` for bytes
 * of another length.
 *
 * Source: RFC 8032 §5.1.5, RFC 8037 §2.
 *
 * @example
 * const holds = ed25519Key(publicKey).over([timestamp, body])
 */
export function ed25519Key(publicKey: Uint8Array): SigningKey {
  if (publicKey.length !== 32) throw new TypeError('An Ed25519 public key has 32 bytes')
  const x = Buffer.from(publicKey).toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return {
    bytes: publicKey.length,
    over(content) {
      const whole = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
      return (signature) => signature.length === 64 && verify(null, whole, key, signature)
    },
  }
}
