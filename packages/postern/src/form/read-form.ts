import { readBytes } from '../http/body-bytes.js'
import { type FormBounds, type FormEntries, formEntries, malformedForm, MOST_PARTS } from '../http/form-entries.js'
import { problem } from '../problems.js'
import { isRepaired, isRepairedUrl, type Pairs } from './is-repaired.js'
import { boundaryOf, isBounded } from './multipart-bounds.js'

interface FormLimits extends FormBounds {
  /** For all files together, in bytes; 0 where the form has none. */
  readonly fileBytes: number
}

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
  return formEntries(await pairsOf(request, contentType, type, limits), limits)
}

async function pairsOf(request: Request, contentType: string, type: string, limits: FormLimits): Promise<Pairs> {
  const { maxBytes, fileBytes } = limits
  if (type === 'multipart/form-data') {
    const boundary = boundaryOf(contentType)
    if (boundary === null) throw malformedForm('The boundary of this form can’t be read')
    return multipart(await readBytes(request, maxBytes + fileBytes), boundary)
  }
  if (type === 'application/x-www-form-urlencoded' && fileBytes === 0) {
    return urlEncoded(await readBytes(request, maxBytes))
  }
  throw problem('unsupported-media-type', 'Send this as multipart/form-data')
}

async function multipart(bytes: Buffer, boundary: string): Promise<Pairs> {
  if (!isBounded(bytes, boundary, MOST_PARTS)) throw malformedForm('This form has too many parts, or headers too long')
  const pairs = await platformPairs(bytes, boundary)
  if (await isRepaired(bytes, pairs)) throw malformedForm('This is not UTF-8')
  return pairs
}

async function platformPairs(bytes: Buffer, boundary: string): Promise<[string, string | File][]> {
  try {
    // Written anew, so that the parser sees the boundary that was judged and not another reading of the header.
    const headers = { 'content-type': `multipart/form-data; boundary="${boundary}"` }
    return [...(await new Response(bytes, { headers }).formData())] as [string, string | File][]
  } catch {
    throw malformedForm('This is not a form')
  }
}

function urlEncoded(bytes: Buffer): Pairs {
  const text = bytes.toString('latin1')
  if (text.split('&', MOST_PARTS + 1).length > MOST_PARTS) throw malformedForm('This form has too many parts')
  // All of it is ASCII: other characters are sent as percent and digits (WHATWG URL §5.1).
  if (/[^\x20-\x7e]/.test(text)) throw malformedForm('This is not a form')
  const pairs = [...new URLSearchParams(text)]
  if (isRepairedUrl(text, pairs)) throw malformedForm('This is not UTF-8')
  return pairs
}
