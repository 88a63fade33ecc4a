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

/** Where there are none, nothing is parsed. */
export function outsideComments<M extends CodeMatch>(file: SourceFile, found: readonly M[]): M[] {
  if (found.length === 0 || !isCode(file.path)) return [...found]
  const { comments } = file
  return found.filter(({ node: { start } }) => !comments.some((one) => one.start <= start && start < one.end))
}

/** What is there to try code out: its secrets are made up, and it may do what code that is served may not. */
export function isTestFile(path: string): boolean {
  return /(?:^|\/)(?:__tests__|__mocks__|tests?|e2e|fixtures?|mocks?|cypress|playwright)\/|[.-](?:test|spec|stories|e2e|fixture|mock)s?\.\w+$/.test(
    path,
  )
}
