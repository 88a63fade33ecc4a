import { dependencyOf } from '../../facts/ask/dependency.js'
import { type CodeMatch, codeMatches, isTestFile } from '../../facts/source/code-matches.js'
import { type Node, nodesAround } from '../../facts/source/nodes-around.js'
import { isCode } from '../../facts/source/read-tree.js'
import type { SourceFile } from '../../facts/source/source-file.js'
import type { Hit, Rule } from '../rule.js'

/** A statement changes who the database takes the caller for. */
export const rule: Rule = {
  title: 'A statement changes who the database takes the caller for',
  severity: 'error',
  references: ['CWE-266', 'CWE-668', 'API1:2023'],
  *project(project) {
    for (const path of project.files) {
      const file = isCode(path) && project.isTold(path) && !isAside(path) ? project.source(path) : undefined
      if (file === undefined || !MENTIONS.test(file.text)) continue
      const isOurs = dependencyOf(project, path, 'postern') !== undefined
      for (const match of codeMatches(file, IDENTITY))
        if (isStatement(file, match)) yield* isOurs ? escape(match) : outlives(file, match)
    }
  },
}

const MENTIONS =
  /set_config|SET_CONFIG|\b(?:re)?(?:set|SET|Set)\s+(?:\w+\s+)?(?:role|ROLE|session|SESSION)\b|RESET\s+ROLE/

/** What says who is asking: a role, a claim, an id of somebody's. Limits and time zones say nothing of the kind. */
const IDENTITY =
  /\bset_config\(\s*(['"])(role|session_authorization|request\.[\w.]+|[\w.]{0,40}(?:user|tenant|org|account|claim|member|principal|jwt)[\w.]{0,40})\1([^()]{0,200})\)|\b(?:reset\s+role|set\s+(?:(local|session)\s+)?(?:role|session\s+authorization)\b)/gi

/** Tests play somebody on purpose; migrations run as whoever they say, and by themselves. */
function isAside(path: string): boolean {
  return isTestFile(path) || /(?:^|\/)(?:migrations?|seeds?|scripts?)\/|(?:^|\/)seed\.\w+$/.test(path)
}

/** It stands in a tag, or in what is handed to a client: a label of a page may say "Set role" too. */
function isStatement(file: SourceFile, { node }: CodeMatch): boolean {
  return nodesAround(file, node).some((one) => isSqlTag(one) || isSqlCall(one, node))
}

function isSqlTag(node: Node): boolean {
  return node.type === 'TaggedTemplateExpression' && /sql|query|raw/i.test(nameOf(node.tag))
}

function isSqlCall(node: Node, inside: { readonly start: number }): boolean {
  return (
    node.type === 'CallExpression' &&
    node.callee.end <= inside.start &&
    /^(?:execute|query|raw|unsafe|\$(?:query|execute)Raw(?:Unsafe)?)$/.test(nameOf(node.callee)) &&
    node.arguments[0] !== undefined &&
    node.arguments[0].start <= inside.start &&
    inside.start < node.arguments[0].end
  )
}

function nameOf(node: Node): string {
  if (node.type === 'Identifier') return node.name
  return node.type === 'MemberExpression' ? ((node.property as { name?: string }).name ?? '') : ''
}

function* escape(at: CodeMatch): Generator<Hit> {
  yield {
    at,
    confidence: 'high',
    message: 'This statement leaves the scope: what follows in its transaction is no longer asked as the principal',
    fix: "Say whose work it is where it begins: db.asService('reason') for the backend's own, db.as({ id }) for one principal's",
    subject: { kind: 'file', symbol: null, at },
  }
}

/** In a pool the connection goes on to the next request, with what was set for its session. */
function* outlives(file: SourceFile, at: CodeMatch): Generator<Hit> {
  const [, name, others, reach] = at.groups
  const isForSession =
    name === undefined
      ? reach?.toLowerCase() !== 'local' && !/^reset/i.test(file.text.slice(at.node.start, at.node.end))
      : /,\s*false\s*$/i.test(others ?? '')
  // Whoever resets it has thought of it, and of what throws in between or not.
  if (!isForSession || /\breset\s+(?:role|all)\b|\bdiscard\s+all\b/i.test(file.text)) return
  yield {
    at,
    confidence: 'medium',
    message:
      'Who is asking is set for the whole session: the connection goes back to its pool with it, and the next request is taken for this one',
    fix: 'Set it for the transaction alone: set_config(…, true) or set local, after begin, on the client that asks',
    subject: { kind: 'file', symbol: null, at },
  }
}
