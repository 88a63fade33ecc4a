import type { ColumnFacts, TableFacts } from '../../schema/facts.js'
import { columnOf, pathOf } from './column-path.js'

/** A search: every word must be in one of the columns. */
export interface Search {
  readonly text: string
  readonly columns: readonly string[]
}

/** Each word is one more condition on every column. */
const MOST_WORDS = 5
const MOST_CHARACTERS = 100

/** What is wrong with a text to search for, or `null`. */
export function searchRefusal(text: string): string | null {
  const length = text.trim().length
  if (length < 1 || length > MOST_CHARACTERS || text.includes('\0'))
    return `Give 1 to ${MOST_CHARACTERS} characters to search for`
  return wordsOf(text).length > MOST_WORDS ? `Search for at most ${MOST_WORDS} words` : null
}

/** Letters in upper and lower case are the same here; `%` and `_` mean themselves. */
export function searchPatterns(search: Search | null): string[] {
  return search === null ? [] : wordsOf(search.text).map((word) => `%${word.replace(/[\\%_]/g, String.raw`\$&`)}%`)
}

/** One SQL condition a word, the patterns from `$first` on. */
export function searchTexts(facts: TableFacts, search: Search | null, first: number): string[] {
  return searchPatterns(search).map((_, index) => {
    const columns = search!.columns.map((key) => `${pathOf(columnOf(facts, key))} ilike $${first + index}`)
    return `(${columns.join(' or ')})`
  })
}

export function isText({ column }: Pick<ColumnFacts, 'column'>): boolean {
  return /^(text|varchar|char|citext)/.test(column.getSQLType())
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '')
}
