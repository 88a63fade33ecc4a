import { readBytes } from '../http/body-bytes.js'
import { isReservedName } from '../http/reserved-names.js'
import { problem } from '../problems.js'
import { isRepaired, isRepairedUrl, type Pairs } from './is-repaired.js'
import { boundaryOf, isBounded } from './multipart-bounds.js'

/** What a form holds, by the names of its fields. */
export type FormEntries = ReadonlyMap<string, readonly (string | File)[]>

interface FormLimits {
  /** For everything that is no file. */
  readonly maxBytes: number
  /** For all files together; 0 where the form has none. */
  readonly fileBytes: number
  /** For one file of each field that has files. */
  readonly largest: ReadonlyMap<string, number>
}

/** How many parts a form may have, texts and files together. */
const MOST_PARTS = 100

/**
 * Reads the body of a form. Throws the problems `unsupported-media-type`, `too-large` (found while reading; also for one file
 * that is larger than its field takes) and `invalid`.
 *
 * **Security:** the platform parses, and it has no bounds of its own: how many parts there are and how long their headers,
 * is looked at before. A form is taken whole or not at all; a text that is not UTF-8 is refused rather than repaired.
 */
export async function readForm(request: Request, limits: FormLimits): Promise<FormEntries> {
  const contentType = request.headers.get('content-type') ?? ''
  const type = contentType.split(';')[0]!.trim().toLowerCase()
  const entries = new Map<string, (string | File)[]>()
  let texts = 0
  for (const [name, value] of await pairsOf(request, contentType, type, limits)) {
    if (isReservedName(name)) throw malformed('There is a field here whose name is not allowed')
    const most = limits.largest.get(name)
    if (typeof value !== 'string' && most !== undefined && value.size > most) {
      throw problem('too-large', `${name} takes files of at most ${most} bytes`)
    }
    // The room that files have is theirs: no text may fill it.
    if (typeof value === 'string' && (texts += Buffer.byteLength(value)) > limits.maxBytes) throw problem('too-large')
    entries.set(name, [...(entries.get(name) ?? []), value])
  }
  return entries
}

async function pairsOf(request: Request, contentType: string, type: string, limits: FormLimits): Promise<Pairs> {
  const { maxBytes, fileBytes } = limits
  if (type === 'multipart/form-data') {
    const boundary = boundaryOf(contentType)
    if (boundary === null) throw malformed('The boundary of this form can’t be read')
    return multipart(await readBytes(request, maxBytes + fileBytes), boundary)
  }
  if (type === 'application/x-www-form-urlencoded' && fileBytes === 0) {
    return urlEncoded(await readBytes(request, maxBytes))
  }
  throw problem('unsupported-media-type', 'Send this as multipart/form-data')
}

async function multipart(bytes: Buffer, boundary: string): Promise<Pairs> {
  if (!isBounded(bytes, boundary, MOST_PARTS)) throw malformed('This form has too many parts, or headers too long')
  const pairs = await platformPairs(bytes, boundary)
  if (await isRepaired(bytes, pairs)) throw malformed('This is not UTF-8')
  return pairs
}

async function platformPairs(bytes: Buffer, boundary: string): Promise<[string, string | File][]> {
  try {
    // Written anew, so that the parser sees the boundary that was judged and not another reading of the header.
    const headers = { 'content-type': `multipart/form-data; boundary="${boundary}"` }
    return [...(await new Response(bytes, { headers }).formData())] as [string, string | File][]
  } catch {
    throw malformed('This is not a form')
  }
}

function urlEncoded(bytes: Buffer): Pairs {
  const text = bytes.toString('latin1')
  if (text.split('&', MOST_PARTS + 1).length > MOST_PARTS) throw malformed('This form has too many parts')
  // All of it is ASCII: other characters are sent as percent and digits (WHATWG URL §5.1).
  if (/[^\x20-\x7e]/.test(text)) throw malformed('This is not a form')
  const pairs = [...new URLSearchParams(text)]
  if (isRepairedUrl(text, pairs)) throw malformed('This is not UTF-8')
  return pairs
}

function malformed(message: string) {
  return problem('invalid', undefined, { errors: [{ path: 'body', message }] })
}
