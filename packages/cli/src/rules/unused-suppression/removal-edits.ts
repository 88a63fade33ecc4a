import { textOf } from '../edit.js'
import type { Edit, IdleComment } from '../rule.js'

/** Takes a rule out of a comment that is left over, or the comment where it names no other. */
export function removalEdits({ at: { file, node }, rule }: IdleComment): readonly Edit[] {
  const text = textOf(file, node)
  const others = new RegExp(`,\\s*${rule}(?![\\w-])|(?<![\\w-])${rule}\\s*,\\s*`)
  const at = others.exec(text)
  if (at !== null) {
    const start = node.start + at.index
    return [{ file, start, end: start + at[0].length, text: '' }]
  }
  const [from, to] = lineOf(file.text, node)
  // Alone on its lines it goes with them.
  const isAlone = file.text.slice(from, node.start).trim() === '' && file.text.slice(node.end, to).trim() === ''
  if (isAlone) return [{ file, start: from, end: Math.min(to + 1, file.text.length), text: '' }]
  const before = file.text.slice(from, node.start)
  return [{ file, start: from + before.trimEnd().length, end: node.end, text: '' }]
}

function lineOf(text: string, { start, end }: { readonly start: number; readonly end: number }): [number, number] {
  const to = text.indexOf('\n', end)
  return [text.lastIndexOf('\n', start - 1) + 1, to === -1 ? text.length : to]
}
