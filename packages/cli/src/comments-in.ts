import { isCode } from './facts/source/read-tree.js'
import type { SourceFile } from './facts/source/source-file.js'

/** A comment without what opens and closes it, and where it begins and ends in its file. */
export interface Comment {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** The comments of a file, and nothing that only looks like one: a text may hold `// postern-ignore` too. */
export function commentsIn(source: SourceFile): Comment[] {
  if (isCode(source.path)) return source.comments.map(({ value, start, end }) => ({ text: value, start, end }))
  return scan(source.text, source.path.endsWith('.prisma') ? PRISMA : SQL)
}

interface Part {
  readonly closes: string
  readonly isComment: boolean
}

type Language = Readonly<Record<string, Part>>

/** What stands between `$$` is SQL again, mostly: comments count there. */
const SQL: Language = {
  '--': { closes: '\n', isComment: true },
  '/*': { closes: '*/', isComment: true },
  "'": { closes: "'", isComment: false },
  '"': { closes: '"', isComment: false },
}
const PRISMA: Language = {
  '//': { closes: '\n', isComment: true },
  '"': { closes: '"', isComment: false },
}

/** One pass: what is not closed reaches to the end, so that no file is searched twice, however hostile it is. */
function scan(text: string, language: Language): Comment[] {
  const opening = new RegExp(
    Object.keys(language)
      .map((open) => open.replaceAll('*', '\\*'))
      .join('|'),
    'g',
  )
  const comments: Comment[] = []
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const { closes, isComment } = language[match[0]]!
    const from = match.index + match[0].length
    const at = text.indexOf(closes, from)
    const to = at === -1 ? text.length : at
    // The end of a line is not part of its comment.
    const end = at === -1 || closes === '\n' ? to : to + closes.length
    if (isComment) comments.push({ text: text.slice(from, to), start: match.index, end })
    opening.lastIndex = Math.max(end, from)
  }
  return comments
}
