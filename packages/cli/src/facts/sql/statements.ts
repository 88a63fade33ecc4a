/** One statement of a script: where it begins (past white space and comments) and where it ends, in characters. */
export interface Statement {
  readonly start: number
  readonly end: number
  /** How much of it stands outside of strings and comments: what a parser has to nest. */
  readonly code: number
}

const SPACE = /\s/
const WORD = /[a-zA-Z0-9_$\u0080-\uffff]/
const DOLLAR_TAG = /\$(?:[a-zA-Z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
const WORDS = /[a-z_]+/iy
const COPY_DATA = /^copy\b[\s\S]*\bfrom\s+stdin\b/i
const ROUTINE = /^create\s+(?:or\s+replace\s+)?(?:function|procedure)\b/i

/**
 * Cuts a script into its statements, as psql does: `;` inside strings, dollar quotes, comments, parentheses and the bodies of
 * SQL routines ends nothing. Lines for psql itself (`\restrict`) and the rows after `copy … from stdin` are no statements.
 * `hasEscapes`: a backslash escapes in every string, as in MySQL.
 */
export function statementsOf(text: string, hasEscapes = false): Statement[] {
  const found: Statement[] = []
  const { length } = text
  let start = -1
  let code = 0
  let parens = 0
  let body = 0
  let at = 0
  const end = (until: number) => {
    if (start !== -1) found.push({ start, end: until, code })
    start = -1
    code = parens = body = 0
  }
  while (at < length) {
    const char = text[at]!
    const after = skipped(text, at, hasEscapes)
    if (after !== at) {
      // A comment begins no statement and is none.
      if (start === -1 && !isComment(text, at)) start = at
      at = after
    } else if (start === -1 && (char === '\\' || SPACE.test(char) || char === ';')) {
      at = char === '\\' ? lineEnd(text, at) : at + 1
    } else if (char === ';' && parens <= 0 && body === 0) {
      const isCopy = COPY_DATA.test(text.slice(start, Math.min(at, start + 2_000)))
      end(at)
      at = isCopy ? afterCopied(text, at + 1) : at + 1
    } else if (char === '\\' && (at === 0 || text[at - 1] === '\n')) {
      end(at)
      at = lineEnd(text, at)
    } else {
      if (start === -1) start = at
      if (char === '(') parens += 1
      else if (char === ')') parens -= 1
      WORDS.lastIndex = at
      const word = WORD.test(text[at - 1] ?? ' ') ? undefined : WORDS.exec(text)?.[0]
      if (word !== undefined && (body > 0 || /^begin$/i.test(word))) body = bodyDepth(text, start, at, word, body)
      const step = word?.length ?? 1
      code += step
      at += step
    }
  }
  end(length)
  return found
}

/** `begin atomic … end` holds statements of its own; `case … end` nests in it. */
function bodyDepth(text: string, start: number, at: number, word: string, depth: number): number {
  if (depth === 0)
    return ROUTINE.test(text.slice(start, start + 60)) && /^begin\s+atomic\b/i.test(text.slice(at, at + 40)) ? 1 : 0
  if (/^(?:begin|case)$/i.test(word)) return depth + 1
  return /^end$/i.test(word) ? depth - 1 : depth
}

const isComment = (text: string, at: number) => text.startsWith('--', at) || text.startsWith('/*', at)

/** Past the string, the quoted name or the comment that begins here; the same place where none does. */
export function skipped(text: string, at: number, hasEscapes = false): number {
  switch (text[at]) {
    case '-':
      return text[at + 1] === '-' ? lineEnd(text, at) : at
    case '/':
      return text[at + 1] === '*' ? commentEnd(text, at) : at
    case "'":
      return quoteEnd(text, at, hasEscapes || (/[eE]/.test(text[at - 1] ?? '') && !WORD.test(text[at - 2] ?? ' ')))
    case '"':
    case '`':
      return quoteEnd(text, at, false)
    case '$': {
      if (WORD.test(text[at - 1] ?? ' ')) return at
      DOLLAR_TAG.lastIndex = at
      const tag = DOLLAR_TAG.exec(text)?.[0]
      if (tag === undefined) return at
      const close = text.indexOf(tag, at + tag.length)
      return close === -1 ? text.length : close + tag.length
    }
    default:
      return at
  }
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end + 1
}

/** Comments nest in PostgreSQL. */
function commentEnd(text: string, at: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = at
  let depth = 0
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return text.length
}

function quoteEnd(text: string, at: number, hasEscapes: boolean): number {
  const quote = text[at]!
  for (let next = at + 1; next < text.length; next += 1) {
    if (hasEscapes && text[next] === '\\') next += 1
    else if (text[next] === quote) {
      if (text[next + 1] !== quote) return next + 1
      next += 1
    }
  }
  return text.length
}

function afterCopied(text: string, at: number): number {
  const end = /^\\\.\r?$/m
  const found = end.exec(text.slice(at))
  return found === null ? text.length : at + found.index + found[0].length
}
