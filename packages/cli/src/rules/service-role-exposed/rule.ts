import type { ProjectFacts } from '../../facts/project-facts.js'
import { type CodeMatch, codeMatches, isTestFile } from '../../facts/source/code-matches.js'
import { type Node, nodesAround } from '../../facts/source/nodes-around.js'
import { isCode } from '../../facts/source/read-tree.js'
import type { SourceFile } from '../../facts/source/source-file.js'
import type { Spot } from '../../facts/trace/model.js'
import type { Confidence, Hit, Rule } from '../rule.js'

/** The key for which no policy is asked reaches the browser. */
export const rule: Rule = {
  title: 'The key of the service role reaches the browser',
  severity: 'error',
  references: ['CWE-200', 'CWE-522', 'API8:2023'],
  *entry({ entry, facts }) {
    if (entry.kind === 'page') return
    for (const fact of facts) {
      const told = fact.fact === 'answer' ? toldIn(fact) : undefined
      if (told === undefined) continue
      yield {
        at: fact,
        confidence: 'high',
        message: `The answer carries ${told}, which reads and writes every row whatever its policies say`,
        fix: 'Do on the server what needs it, and answer what came of it',
        trace: fact.via,
      }
    }
  },
  *project(project) {
    for (const path of project.files) {
      const file = isCode(path) && project.isTold(path) && !isTestFile(path) ? project.source(path) : undefined
      if (file === undefined || !MENTIONS.test(file.text)) continue
      yield* once(codeMatches(file, PUBLIC).flatMap((match) => publicHit(match, match.groups[0]!)))
      if (/(?:^|\/)(?:next|vite|nuxt|astro)\.config\.\w+$/.test(path)) yield* configured(project, path)
    }
  },
}

const MENTIONS = /SERVICE|SECRET|PRIVATE/
const SERVICE = /SERVICE_?ROLE|SUPABASE_\w*(?:SERVICE|SECRET)/

/** The variable itself, where it is written into an answer: what was fetched with the key is something else, and so is whether it is set. */
function toldIn({ file, node }: Spot): string | undefined {
  if (!SERVICE.test(file.text.slice(node.start, node.end))) return undefined
  const isWithin = (one: CodeMatch) => node.start <= one.node.start && one.node.end <= node.end
  const told = codeMatches(file, VARIABLE).find((one) => {
    if (!isWithin(one) || !SERVICE.test(one.groups[0]!)) return false
    const between = nodesAround(file, one.node).filter(({ start, end }) => node.start <= start && end <= node.end)
    return between.every((inner) => CARRIES.has(inner.type) && !isAskedOf(inner, file))
  })
  return told?.groups[0]
}

const VARIABLE = /\b(?:process\.env\.|Deno\.env\.get\(['"])(\w+)(?:['"]\))?/g

/** What holds a value as it is. */
const CARRIES = new Set<Node['type']>([
  'CallExpression',
  'NewExpression',
  'ReturnStatement',
  'ObjectExpression',
  'ArrayExpression',
  'Property',
  'TemplateLiteral',
  'LogicalExpression',
  'MemberExpression',
  'TSNonNullExpression',
])

/** `Boolean(key)`, `mask(key)`: what comes of it is something else. */
function isAskedOf(node: Node, file: SourceFile): boolean {
  if (node.type !== 'CallExpression') return false
  const called = file.text.slice(node.callee.start, node.callee.end)
  return !/^(?:JSON\.stringify|Deno\.env\.get|(?:[\w.]*\.)?(?:json|send|text|end|status\(\d+\)\.\w+))$/.test(called)
}

/** Bundlers put variables of these names into what the browser loads. */
const PUBLIC =
  /\b(?:process\.env|import\.meta\.env)(?:\.|\[['"])((?:NEXT_PUBLIC|VITE|REACT_APP|EXPO_PUBLIC|NUXT_PUBLIC|GATSBY|PUBLIC)_\w*(?:SERVICE_?ROLE|SERVICE_KEY|SECRET|PRIVATE_KEY)\w*)/g

function publicHit(at: Spot, name: string): Hit[] {
  const isService = SERVICE.test(name)
  // Of others than Supabase's the name alone says what they open; some call a secret what is none.
  if (!isService && !/(?:SECRET|SECRET_KEY|PRIVATE_KEY|SERVICE_KEY)$/.test(name)) return []
  return [
    hit(
      at,
      isService ? 'high' : 'medium',
      `${name} is put into what the browser loads: whoever opens the page ${isService ? 'reads and writes every row, whatever its policies say' : 'has it'}`,
      'Take the prefix from its name, make a new key, and use it on the server alone',
    ),
  ]
}

/** `env: { … }` of a configuration is put into the bundle under whatever name it has. */
function* configured({ source }: ProjectFacts, path: string): Generator<Hit> {
  const file = source(path)!
  const keys = codeMatches(file, /\b\w*SERVICE_?ROLE\w*/g).filter(({ node }) =>
    nodesAround(file, node).some(isExposing),
  )
  for (const at of keys.slice(0, 1))
    yield hit(
      at,
      'high',
      'The key of the service role is put into what the browser loads by this configuration',
      'Leave it out: what runs on the server reads its environment itself',
    )
}

function isExposing(node: Node): boolean {
  if (node.type !== 'Property') return false
  const { key } = node
  return ['env', 'define', 'publicRuntimeConfig'].includes((key as { name?: string }).name ?? '')
}

/** The first of each name in a file: one change mends them. */
function once(hits: readonly Hit[]): Hit[] {
  return [...new Map(hits.toReversed().map((one) => [one.message, one])).values()].toReversed()
}

function hit(at: Spot, confidence: Confidence, message: string, fix: string): Hit {
  return { at, confidence, message, fix, subject: { kind: 'file', symbol: null, at } }
}
