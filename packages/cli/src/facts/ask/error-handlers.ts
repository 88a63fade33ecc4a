import { isCode } from '../source/read-tree.js'
import { isTestFile } from '../source/code-matches.js'
import type { ProjectFacts } from '../project-facts.js'

/** What says that errors which fly out of a handler are dealt with for all of an app. */
const HANDLES =
  /\.onError\(|\.setErrorHandler\(|\bZodError\b|\.(?:use|all)\(\s*(?:async\s*)?(?:function\s*(?:\w+\s*)?)?\(\s*_?e(?:rr|rror)?\b[^,()]*,[^,()]*,[^,()]*,/

const known = new WeakMap<ProjectFacts, boolean>()

/** Whether anything of a project deals with errors for a whole app: it may make an answer of what a schema throws. */
export function handlesErrors(project: ProjectFacts): boolean {
  const before = known.get(project)
  if (before !== undefined) return before
  const found = project.files.some(
    (path) => isCode(path) && !isTestFile(path) && HANDLES.test(project.source(path)?.text ?? ''),
  )
  known.set(project, found)
  return found
}
