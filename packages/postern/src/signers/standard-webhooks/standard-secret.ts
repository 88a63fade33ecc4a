import { decodeBase64 } from '../encodings.js'
import { ed25519Key, hmacKey, type SigningKey } from '../signing-keys.js'

/**
 * A secret of Standard Webhooks as a key: `whsec_` and base64 of what is shared, which may stand alone as well, or `whpk_` and
 * base64 of an Ed25519 public key. For any other text, what is wrong with it.
 *
 * **Security:** the SDK's decoder answers no bytes for `whsec_` alone, and a MAC by no bytes is one that everybody can make.
 */
export function standardKey(secret: string): SigningKey | string {
  if (secret.startsWith('whsk_')) return 'is a private key: give the public one, which begins with whpk_'
  if (secret.startsWith('whpk_')) return publicKey(secret.slice('whpk_'.length))
  const bytes = decodeUnpadded(secret.replace(/^whsec_/, ''))
  if (bytes === null) return 'is not whsec_ and base64: copy it whole from where the provider shows it'
  return hmacKey(bytes)
}

function publicKey(base64: string): SigningKey | string {
  const bytes = decodeUnpadded(base64)
  return bytes?.length === 32 ? ed25519Key(bytes) : 'is not whpk_ and the base64 of 32 bytes'
}

/** Some copy a secret without the `=` at its end, and it says the same. */
function decodeUnpadded(base64: string): Uint8Array | null {
  if (base64 === '') return new Uint8Array()
  const bare = base64.replace(/={1,2}$/, '')
  return decodeBase64(bare + '='.repeat((4 - (bare.length % 4)) % 4))
}
