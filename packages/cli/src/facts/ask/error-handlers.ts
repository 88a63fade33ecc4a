import { isCode } from '../source/read-tree.js'
import { isTestFile } from '../source/code-matches.js'
import type { ProjectFacts } from '../project-facts.js'

/** What says that errors which fly out of a handler are dealt with for all of an app. */
const HANDLES =
  /\.onError\(|\.setErrorHandler\(|\bZodError\b|\.(?:use|all)\(\s*(?:async\s*)?(?:function\s*(?:\w+\s*)?)?\(\s*_?e(?:rr|rror)?\b[^,()]*,[^,()]*,[^,()]*,/

/** Whether anything of a project deals with errors for a whole app: it may make an answer of what a schema throws. */
export const handlesErrors = once((project) => isInCode(project, HANDLES))

/** What hears of errors before an app's own handler answers them: an error tracker's, a logger's, a hook. */
const REPORTS =
  /\bsetup(?:Express|Fastify|Hono|Koa)ErrorHandler\(|\bHandlers\.errorHandler\(|\berrorLogger\(|@hono\/sentry|@sentry\/elysia|\baddHook\(\s*['"]onError['"]|\bres(?:ponse)?\.err\s*=/

/** Whether errors are reported for all of an app, beside what answers them. */
export const isReported = once((project) => isInCode(project, REPORTS))

function isInCode(project: ProjectFacts, pattern: RegExp): boolean {
  return project.files.some(
    (path) => isCode(path) && !isTestFile(path) && pattern.test(project.source(path)?.text ?? ''),
  )
}

/** Asked of a project, it is looked for a first time only. */
function once(ask: (project: ProjectFacts) => boolean): (project: ProjectFacts) => boolean {
  const known = new WeakMap<ProjectFacts, boolean>()
  return (project) => {
    const before = known.get(project)
    if (before !== undefined) return before
    const found = ask(project)
    known.set(project, found)
    return found
  }
}
