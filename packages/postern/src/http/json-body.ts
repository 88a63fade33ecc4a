import { problem } from '../problems.js'
import { readBytes } from './body-bytes.js'
import { type JsonLimits, jsonRefusal } from './json-limits.js'
import { unstorableIn } from './storable-text.js'

/**
 * Reads a JSON body of at most `maxBytes` bytes. Throws the problems `unsupported-media-type` (anything but
 * `application/json` in UTF-8), `too-large` (found while reading: `content-length` may lie or be absent) and `invalid`
 * (no JSON, more of it than `limits` allow, or a text that no column can hold).
 */
export async function readJson(request: Request, maxBytes: number, limits: JsonLimits): Promise<unknown> {
  if (!isJson(request.headers.get('content-type')))
    throw problem('unsupported-media-type', 'Send this as application/json')
  const text = await readText(request, maxBytes)
  const refusal = jsonRefusal(text, limits)
  if (refusal !== null) throw malformed(refusal)
  const value = parsed(text)
  // What was sent as UTF-8 holds neither a NUL nor half of a character, but by such an escape: few bodies are looked through.
  const unstorable = ESCAPED.test(text) ? unstorableIn('body', value) : []
  if (unstorable.length > 0) throw problem('invalid', undefined, { errors: unstorable })
  return value
}

/** Pairs of surrogates too, and what only looks like an escape: the value tells. */
const ESCAPED = /\\u(?:0000|d[89a-f])/i

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw malformed()
  }
}

function isJson(contentType: string | null): boolean {
  const [type, ...parameters] = (contentType ?? '').toLowerCase().split(';')
  if (type?.trim() !== 'application/json') return false
  // Trimmed first: two runs of spaces side by side in a pattern took a third of a second over 15,000 of them.
  return parameters.every((parameter) => /^(charset\s*=\s*"?utf-8"?)?$/.test(parameter.trim()))
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const bytes = await readBytes(request, maxBytes)
  try {
    return UTF_8.decode(bytes)
  } catch {
    throw malformed()
  }
}

/** It keeps nothing between two texts, because it is never told that more of one will come. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true })

function malformed(message = 'This is not JSON') {
  return problem('invalid', undefined, { errors: [{ path: 'body', message }] })
}
