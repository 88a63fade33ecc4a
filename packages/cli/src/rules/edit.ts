import { type CatchClause, type Node, nodesAround } from '../facts/source/nodes-around.js'
import type { SourceFile } from '../facts/source/source-file.js'
import type { Spot } from '../facts/trace/model.js'
import type { Edit } from './rule.js'

export function insert(file: SourceFile, at: number, text: string): Edit {
  return { file, start: at, end: at, text }
}

export function replace(file: SourceFile, { start, end }: Pick<Node, 'start' | 'end'>, text: string): Edit {
  return { file, start, end, text }
}

export function textOf(file: SourceFile, { start, end }: Pick<Node, 'start' | 'end'>): string {
  return file.text.slice(start, end)
}

/** The white space before the first character of a line. */
export function indentOf(file: SourceFile, offset: number): string {
  const from = file.text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(file.text.slice(from, offset))![0]
}

/** A text as the file writes its texts. */
export function quoted(file: SourceFile, text: string): string {
  const count = (mark: string) => file.text.split(mark).length
  return count('"') > count("'") ? JSON.stringify(text) : `'${text.replaceAll("'", "\\'")}'`
}

/** A name that stands nowhere in the file yet. */
export function freshName(file: SourceFile, wanted: readonly string[]): string | undefined {
  return wanted.find((name) => !new RegExp(`\\b${name}\\b`).test(file.text))
}

/** The smallest node of a type around a place. */
export function around<T extends Node['type']>(spot: Spot, type: T): Extract<Node, { type: T }> | undefined {
  return nodesAround(spot.file, spot.node).findLast((node) => node.type === type) as
    Extract<Node, { type: T }> | undefined
}

/**
 * Begins a `catch` with a statement about what was caught; `undefined` where that has no single name, or where a comment says that
 * nothing is to be done.
 */
export function beginCatch(
  file: SourceFile,
  clause: CatchClause,
  statement: (name: string) => string,
): readonly Edit[] | undefined {
  const { param, body } = clause
  if (param !== null && param.type !== 'Identifier') return undefined
  const name = param?.name ?? (/\berror\b/.test(textOf(file, body)) ? 'caught' : 'error')
  const named = param === null ? [insert(file, clause.start + 'catch'.length, ` (${name})`)] : []
  const [first] = body.body
  if (first === undefined) {
    const isBare = file.text.slice(body.start + 1, body.end - 1).trim() === ''
    return isBare ? [...named, replace(file, body, `{ ${statement(name)} }`)] : undefined
  }
  const isOwnLine = file.text.slice(body.start, first.start).includes('\n')
  // Without a semicolon what begins like this would go on with the line before.
  const hasSemicolon = first.type !== 'EmptyStatement' && file.text[first.end - 1] === ';'
  const begins = first.type !== 'EmptyStatement' && /[([`+\-/]/.test(file.text[first.start]!)
  const ends = hasSemicolon || !isOwnLine || begins
  const between = isOwnLine ? `\n${indentOf(file, first.start)}` : ' '
  return [...named, insert(file, first.start, `${statement(name)}${ends ? ';' : ''}${between}`)]
}
