import { dependencyOf, majorOf } from '../../facts/ask/dependency.js'
import type { ProjectFacts } from '../../facts/project-facts.js'

/** Which zod an import of it means: zod 3.25 and later hold both, each under a name of its own. */
export function zodMajor(name: string, file: string, project: ProjectFacts): number | undefined {
  const said = /^zod\/v(\d)/.exec(name)?.[1]
  return said === undefined ? majorOf(dependencyOf(project, file, 'zod')) : Number(said)
}
