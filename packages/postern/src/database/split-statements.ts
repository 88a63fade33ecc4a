/** One statement of an SQL file, and the line it begins on (1-based). */
export interface FileStatement {
  readonly text: string
  readonly line: number
}

const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y

/**
 * Splits an SQL file at its semicolons. Sent whole, a file would have to go by the simple protocol, where an error
 * names no line and a driver that speaks the extended protocol refuses it.
 * Quotes, dollar quotes, comments and parentheses (a rule's `do (…; …)`) hide semicolons, as in psql.
 */
export function splitStatements(sql: string): FileStatement[] {
  const statements: FileStatement[] = []
  let start = 0
  let depth = 0
  let at = 0
  const finish = (end: number) => {
    const first = firstWord(sql, start, end)
    if (first < end) statements.push({ text: sql.slice(first, end).trimEnd(), line: lineOf(sql, first) })
    start = end + 1
    depth = 0
  }
  while (at < sql.length) {
    const past = skipOpaque(sql, at)
    if (past > at) {
      at = past
      continue
    }
    const character = sql[at]
    if (character === '(') depth++
    else if (character === ')') depth--
    else if (character === ';' && depth <= 0 && !insideAtomicBody(sql.slice(start, at))) finish(at)
    at++
  }
  finish(sql.length)
  return statements
}

/** The line of a place in a text, counted from 1. */
export function lineOf(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

/** The end of the comment or quoted text that begins here, or `at` itself where none does. */
function skipOpaque(sql: string, at: number): number {
  if (sql.startsWith('--', at)) return endOf(sql, sql.indexOf('\n', at), 1)
  if (sql.startsWith('/*', at)) return skipBlockComment(sql, at)
  const character = sql[at]
  if (character === "'")
    return skipQuoted(sql, at, "'", /(?<![A-Za-z0-9_])[eE]$/.test(sql.slice(Math.max(0, at - 2), at)))
  if (character === '"') return skipQuoted(sql, at, '"', false)
  if (character !== '$' || /[A-Za-z0-9_]/.test(sql[at - 1] ?? '')) return at
  DOLLAR_TAG.lastIndex = at
  const tag = DOLLAR_TAG.exec(sql)?.[0]
  return tag === undefined ? at : endOf(sql, sql.indexOf(tag, at + tag.length), tag.length)
}

/** PostgreSQL's block comments nest. */
function skipBlockComment(sql: string, from: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = from
  let depth = 0
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return sql.length
}

/** A doubled quote needs no case of its own: its second half opens the next quoted text. */
function skipQuoted(sql: string, from: number, quote: string, backslashes: boolean): number {
  for (let at = from + 1; at < sql.length; at++) {
    if (backslashes && sql[at] === '\\') at++
    else if (sql[at] === quote) {
      // Except in E'…', where the second half would be read without its backslashes.
      if (!backslashes || sql[at + 1] !== quote) return at + 1
      at++
    }
  }
  return sql.length
}

const endOf = (sql: string, found: number, length: number) => (found === -1 ? sql.length : found + length)

function firstWord(sql: string, from: number, end: number): number {
  let at = from
  while (at < end) {
    if (/\s/.test(sql[at] ?? '')) at++
    else if (sql.startsWith('--', at) || sql.startsWith('/*', at)) at = skipOpaque(sql, at)
    else break
  }
  return at
}

/** A function body written as `begin atomic … end` holds semicolons of its own, and so may a `case … end` in it. */
function insideAtomicBody(text: string): boolean {
  if (!/\bbegin\s+atomic\b/i.test(text)) return false
  const count = (words: RegExp) => text.match(words)?.length ?? 0
  return count(/\b(?:begin\s+atomic|case)\b/gi) > count(/\bend\b/gi)
}
