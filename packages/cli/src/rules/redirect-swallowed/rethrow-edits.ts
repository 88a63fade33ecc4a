import { dependencyOf, majorOf } from '../../facts/ask/dependency.js'
import type { ProjectFacts } from '../../facts/project-facts.js'
import type { Catch } from '../../facts/trace/model.js'
import { around, beginCatch, insert } from '../edit.js'
import type { Edit } from '../rule.js'

const RETHROW = 'unstable_rethrow'

/**
 * Begins the catch with what throws the framework's own on. https://nextjs.org/docs/app/api-reference/functions/unstable_rethrow;
 * `undefined` before Next.js 15, which has no such function, and where nothing of `next/navigation` is imported.
 */
export function rethrowEdits(by: Catch, project: ProjectFacts): readonly Edit[] | undefined {
  const { file } = by
  const major = majorOf(dependencyOf(project, file.path, 'next'))
  const clause = around(by, 'CatchClause')
  const edits = clause && beginCatch(file, clause, (name) => `${RETHROW}(${name})`)
  if (edits === undefined || major === undefined || major < 15) return undefined
  if (new RegExp(`\\b${RETHROW}\\b`).test(file.text)) return edits
  for (const node of file.program.body) {
    if (node.type !== 'ImportDeclaration' || node.source.value !== 'next/navigation' || node.importKind === 'type')
      continue
    const last = node.specifiers.at(-1)
    if (last?.type === 'ImportSpecifier') return [insert(file, last.end, `, ${RETHROW}`), ...edits]
  }
  return undefined
}
