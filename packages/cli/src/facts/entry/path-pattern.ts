/** More of these in one pattern, and what it costs to find that it does not fit is a power of the path's length. */
const MOST_REPEATS = 4

/** A longer pattern, or a longer path, is nobody's. */
const LONGEST = 400

/**
 * Whether a path fits a pattern as Next.js, Clerk and others write them: `/posts/:id`, `/docs/:path*`, `/((?!api|_next).*)`.
 * `undefined` where it can't be told, or would cost too much: the pattern is the audited tree's, and may be hostile.
 */
export function fitsPattern(path: string, pattern: string): boolean | undefined {
  if (pattern.length > LONGEST || path.length > LONGEST) return undefined
  const source = sourceOf(pattern)
  if (source === undefined || isCostly(pattern)) return undefined
  try {
    return new RegExp(`^(?:${source})/?$`, 'i').test(path)
  } catch {
    return undefined
  }
}

/** The pattern as one of the engine's. What stands in brackets is one already. */
function sourceOf(pattern: string): string | undefined {
  let source = ''
  for (let at = 0; at < pattern.length;) {
    const rest = pattern.slice(at)
    const named = /^(\/?):(\w+)/.exec(rest)
    if (named !== null) {
      at += named[0].length
      const group = pattern[at] === '(' ? groupAt(pattern, at) : ''
      if (group === undefined) return undefined
      at += group.length
      const modifier = /^[*+?]/.exec(pattern.slice(at))?.[0] ?? ''
      at += modifier.length
      source += segmentOf(named[1]!, group === '' ? '[^/]+' : group, modifier)
      continue
    }
    if (pattern[at] === '(') {
      const group = groupAt(pattern, at)
      if (group === undefined) return undefined
      at += group.length
      source += group
      continue
    }
    if (pattern[at] === '\\') {
      source += pattern.slice(at, at + 2)
      at += 2
      continue
    }
    source += /[*+?]/.test(pattern[at]!) ? pattern[at] : pattern[at]!.replace(/[.^$|{}[\])]/, '\\$&')
    at += 1
  }
  return source
}

function segmentOf(slash: string, segment: string, modifier: string): string {
  if (modifier === '*') return `(?:${slash}.*)?`
  if (modifier === '+') return `${slash}.+`
  return modifier === '?' ? `(?:${slash}${segment})?` : `${slash}${segment}`
}

/** The brackets that open there, with what is in them. */
function groupAt(pattern: string, start: number): string | undefined {
  let depth = 0
  let isInClass = false
  for (let at = start; at < pattern.length; at += 1) {
    const char = pattern[at]
    if (char === '\\') at += 1
    else if (isInClass) isInClass = char !== ']'
    else if (char === '[') isInClass = true
    else if (char === '(') depth += 1
    else if (char === ')' && (depth -= 1) === 0) return pattern.slice(start, at + 1)
  }
  return undefined
}

/** Repeats in repeats take for ever on what does not fit; of many in a row the cost multiplies. */
function isCostly(pattern: string): boolean {
  const bare = pattern.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x')
  return (bare.match(/[*+{]/g) ?? []).length > MOST_REPEATS || /\)(?:[*+{])/.test(bare) || /\\[1-9k]/.test(pattern)
}
