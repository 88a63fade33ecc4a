import { isReservedName } from '../http/reserved-names.js'

/**
 * The fields of a form (`application/x-www-form-urlencoded`), or `null` where it is none that a provider sends: not UTF-8, a
 * field that stands twice, a name that JavaScript gives a meaning.
 */
export function readForm(body: Uint8Array): Readonly<Record<string, string>> | null {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return null
  }
  const fields = [...new URLSearchParams(text)]
  const names = new Set(fields.map(([name]) => name))
  if (names.size < fields.length || fields.some(([name]) => isReservedName(name))) return null
  return Object.fromEntries(fields)
}

export function isForm(headers: Headers): boolean {
  return mediaType(headers) === 'application/x-www-form-urlencoded'
}

/** What a body says that it is, without its parameters; `null` where it says nothing. */
export function mediaType(headers: Headers): string | null {
  return headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? null
}
