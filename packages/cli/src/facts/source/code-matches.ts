import type { Spot } from '../trace/model.js'
import { isCode } from './read-tree.js'
import type { SourceFile } from './source-file.js'

/** A place where a pattern was found, with what its groups hold. */
export interface CodeMatch extends Spot {
  readonly groups: readonly (string | undefined)[]
}

/** Where a pattern (with the flag `g`) matches in a file. */
export function textMatches(file: SourceFile, pattern: RegExp): CodeMatch[] {
  return [...file.text.matchAll(pattern)].map((match) => ({
    file,
    node: { start: match.index, end: match.index + match[0].length },
    groups: match.slice(1),
  }))
}

/** The same, without what stands in a comment. */
export function codeMatches(file: SourceFile, pattern: RegExp): CodeMatch[] {
  return outsideComments(file, textMatches(file, pattern))
}

/** Of what was found in the order of the file. Where there is nothing, nothing is parsed. */
export function outsideComments<M extends CodeMatch>(file: SourceFile, found: readonly M[]): M[] {
  if (found.length === 0 || !isCode(file.path)) return [...found]
  const { comments } = file
  let next = 0
  return found.filter(({ node: { start } }) => {
    while (next < comments.length && comments[next]!.end <= start) next += 1
    return next === comments.length || start < comments[next]!.start
  })
}

/** What is there to try code out: its secrets are made up, and it may do what code that is served may not. */
export function isTestFile(path: string): boolean {
  return /(?:^|\/)(?:__tests__|__mocks__|tests?|e2e|fixtures?|mocks?|cypress|playwright)\/|[.-](?:test|spec|stories|e2e|fixture|mock)s?\.\w+$/.test(
    path,
  )
}
