import { isUtf8 } from 'node:buffer'
import { FILE_SIGNATURES, type FileSignature } from './file-signatures.js'

/**
 * The type of a file: one of those that are allowed, and what the file's own bytes say. `null` where none of them fits.
 * What the client declared only chooses between types that look alike.
 *
 * **Security:** a browser believes the type that it is served with, so a declared one would let a client put a page where a
 * picture is meant. A type with a known beginning must begin so; a text must be UTF-8 without NUL, and what looks like HTML,
 * SVG or XML is that, and no text of another kind: it passes only where that type is listed.
 */
export function fileType(bytes: Buffer, declared: string, allowed: readonly string[]): string | null {
  const shown = new Set(FILE_SIGNATURES.filter((signature) => begins(bytes, signature)).map(({ type }) => type))
  const fits = (type: string) => {
    if (KNOWN.has(type)) return shown.has(type)
    if (isText(type)) return ![...shown].some(isTelling) && isPlainText(bytes) && speaks(bytes, type)
    // Nothing is known of how such a file begins: it is what it is called, if it begins like nothing else.
    return shown.size === 0 && type === declared
  }
  const fitting = allowed.filter(fits)
  return fitting.includes(declared) ? declared : (fitting[0] ?? null)
}

const KNOWN = new Set(FILE_SIGNATURES.map(({ type }) => type))

/** Three letters at the beginning of a text (`ID3`) make no music of it. */
const isTelling = (type: string) => type !== 'audio/mpeg'

function begins(bytes: Buffer, { at, bytes: pattern }: FileSignature): boolean {
  if (bytes.length < at + pattern.length / 2) return false
  const shown = bytes.toString('hex', at, at + pattern.length / 2)
  return [...pattern].every((digit, index) => digit === '.' || digit === shown[index])
}

/** Types whose files are text, and so have no beginning of their own. */
export function isText(type: string): boolean {
  return type.startsWith('text/') || /[+/](?:json|xml|yaml|javascript|x-ndjson|sql|toml)$/.test(type)
}

function isPlainText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0)
}

/** Whether a text is markup only where markup is meant, and SVG is SVG. */
function speaks(bytes: Buffer, type: string): boolean {
  const markup = markupOf(bytes)
  if (type === 'image/svg+xml') return markup === 'svg'
  if (type === 'text/html' || type === 'application/xhtml+xml') return markup !== 'svg'
  if (/[+/]xml$/.test(type)) return markup === 'xml'
  return markup === null
}

/** As a browser that guesses would see it (WHATWG MIME Sniffing §7.1), behind a byte order mark, spaces and comments. */
function markupOf(bytes: Buffer): 'html' | 'svg' | 'xml' | null {
  const start = bytes
    .toString('utf8', 0, 4096)
    .replace(/^\uFEFF/, '')
    .toLowerCase()
  const head = withoutComments(start)
  if (head.startsWith('<?xml') || head.startsWith('<!doctype svg')) return /<svg[\s>]/.test(start) ? 'svg' : 'xml'
  if (/^<svg[\s>/]/.test(head)) return 'svg'
  if (/^<(?:!doctype html|[a-z][a-z0-9-]*[\s/>]|!--)/.test(head)) return 'html'
  return null
}

function withoutComments(text: string): string {
  let rest = text.trimStart()
  while (rest.startsWith('<!--') && rest.includes('-->')) rest = rest.slice(rest.indexOf('-->') + 3).trimStart()
  return rest
}
