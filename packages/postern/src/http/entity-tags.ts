/** One version of a resource, as a header names it. A weak one says "much the same", a strong one "the same, byte by byte". */
export interface EntityTag {
  readonly weak: boolean
  /** What stands between the quotes. */
  readonly opaque: string
}

/** Bytes of a header arrive as the characters of the same number: `obs-text` is 0x80 to 0xFF. */
const TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/y
const BETWEEN = /[ \t]*(?:,[ \t,]*|$)/y

/**
 * Reads `If-Match` or `If-None-Match`: `*` for any version, or the tags that are listed; `null` where it is neither.
 * Read from left to right in one go, because a tag may hold commas and a header may hold thousands of spaces.
 *
 * Source: RFC 9110 §8.8.3, §13.1.1, §13.1.2; lists as recipients take them, §5.6.1.2.
 *
 * @example
 * entityTagsOf('"7", W/"8"') // [{ weak: false, opaque: '7' }, { weak: true, opaque: '8' }]
 */
export function entityTagsOf(header: string): '*' | readonly EntityTag[] | null {
  const text = header.trim()
  if (text === '*') return '*'
  const tags: EntityTag[] = []
  let at = /^[ \t,]*/.exec(text)![0].length
  while (at < text.length) {
    const tag = matchAt(TAG, text, at)
    if (tag === null) return null
    tags.push({ weak: tag[1] !== undefined, opaque: tag[2]! })
    const between = matchAt(BETWEEN, text, at + tag[0].length)
    if (between === null) return null
    at += tag[0].length + between[0].length
  }
  return tags.length === 0 ? null : tags
}

/** The strong tag of a row's version, as it stands in `ETag`. */
export function toEntityTag(version: string): string {
  return `"${version}"`
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
