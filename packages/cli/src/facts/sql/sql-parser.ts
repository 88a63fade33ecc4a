import type { Node } from 'libpg-query'
import type { Statement } from './statements.js'

/** A statement as PostgreSQL's own parser reads it. */
export interface Parsed {
  readonly node: Node
  /** Where something of it stands, in characters of the file: the parser counts bytes. */
  readonly place: (location: number | undefined) => number
}

export type ParseOutcome = Parsed | { readonly reason: string }

/**
 * More code than this in one statement could nest deeper than the parser's stack. An overflow of that leaves the parser
 * a little more broken each time, until it reads nothing (ran: 27 of them).
 */
const MOST_CODE = 12_000
/** Function bodies are strings, and may be long. */
const MOST_LENGTH = 200_000
const MOST_OVERFLOWS = 5

/** PostgreSQL's parser, in WebAssembly. It is loaded when the first statement is to be read. */
export class SqlParser {
  readonly #parse: (sql: string) => { stmts?: { stmt?: Node }[] }
  #overflows = 0

  private constructor(parse: (sql: string) => { stmts?: { stmt?: Node }[] }) {
    this.#parse = parse
  }

  static async load(): Promise<SqlParser> {
    const { loadModule, parseSync } = await import('libpg-query')
    await loadModule()
    return new SqlParser(parseSync)
  }

  parse(text: string, { start, end, code }: Statement): ParseOutcome {
    if (code > MOST_CODE || end - start > MOST_LENGTH) return { reason: 'too long a statement' }
    return this.#read(text.slice(start, end), start)
  }

  /** An expression that stands alone, as in a Drizzle policy. */
  expression(sql: string): Node | undefined {
    if (sql.length > MOST_CODE) return undefined
    const outcome = this.#read(`select (${sql})`, 0)
    if (!('node' in outcome) || !('SelectStmt' in outcome.node)) return undefined
    const target = outcome.node.SelectStmt.targetList?.[0]
    return target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined
  }

  #read(sql: string, start: number): ParseOutcome {
    if (this.#overflows >= MOST_OVERFLOWS) return { reason: 'the parser gave up before' }
    // A NUL would end the string for the parser, and all behind it would go unread.
    if (sql.includes('\0')) return { reason: 'binary' }
    try {
      const node = this.#parse(sql).stmts?.[0]?.stmt
      return node === undefined
        ? { reason: 'empty' }
        : { node, place: (location) => start + charactersIn(sql, location ?? 0) }
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'SqlError') this.#overflows += 1
      return { reason: error instanceof Error ? error.message : String(error) }
    }
  }
}

/** How many characters the first `bytes` bytes of UTF-8 are. */
function charactersIn(text: string, bytes: number): number {
  let at = 0
  for (let count = 0; at < text.length && count < bytes; at += 1) {
    const unit = text.charCodeAt(at)
    // Each half of a surrogate pair stands for two of its four bytes.
    count += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3
  }
  return at
}
