import { createHmac, type KeyObject, sign } from 'node:crypto'
import type { Delivery, Signer } from '../../src/signers/signer.js'
import type { TimedOptions } from '../../src/signers/define-signer.js'

/** What is signed, and by what. */
export interface Signing {
  /** As the provider's page shows them: a header that can hold several signatures gets one for each. */
  readonly secrets: readonly string[]
  readonly body: Uint8Array
  /** As it stands in the header, right or wrong. */
  readonly timestamp: string
  readonly id: string
}

/** A provider, as the contract suite needs it. */
export interface ProviderCase {
  readonly name: string
  readonly make: (options: TimedOptions) => Signer
  /** Different for each number, as the provider would show it. */
  readonly secret: (number: number) => string
  /** In seconds; `null` where no time is signed. */
  readonly tolerance: number | null
  /** A body that the provider could send. */
  readonly body: string
  readonly severalSignatures: boolean
  readonly signatureHeader: string
  /** Every header without which nothing can be judged. */
  readonly needed: readonly string[]
  /** Signs by the scheme's words, with nothing of ours. */
  readonly sign: (signing: Signing) => Delivery
}

export const NOW = new Date(1_700_000_000_000)
export const SECONDS = 1_700_000_000
export const URL = 'https://app.example/api/webhooks'

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (body: Uint8Array): string => Buffer.from(body).toString('latin1')

/** A request with these headers. */
export function delivery(body: Uint8Array, headers: Readonly<Record<string, string>>, url = URL): Delivery {
  return { method: 'POST', url, headers: new Headers(headers), body }
}

export function mac(
  algorithm: 'sha1' | 'sha256',
  key: string | Uint8Array,
  encoding: 'hex' | 'base64',
  ...content: readonly (string | Uint8Array)[]
): string {
  const hmac = createHmac(algorithm, key)
  for (const part of content) hmac.update(part)
  return hmac.digest(encoding)
}

export function ed25519(
  key: KeyObject,
  encoding: 'hex' | 'base64',
  ...content: readonly (string | Uint8Array)[]
): string {
  return sign(null, Buffer.concat(content.map((part) => Buffer.from(part as string))), key).toString(encoding)
}

/** The same delivery with other headers: `null` takes one away. */
export function withHeaders(one: Delivery, changes: Readonly<Record<string, string | null>>): Delivery {
  const headers = new Headers(one.headers)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) headers.delete(name)
    else headers.set(name, value)
  }
  return { ...one, headers }
}
