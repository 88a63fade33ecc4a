import type { Node } from 'oxc-parser'
import type { PolicyFacts, Reach } from '../database-facts.js'
import type { SourceFile } from '../source/source-file.js'
import { reachOf } from '../sql/reach.js'
import type { SqlParser } from '../sql/sql-parser.js'
import { argumentsOf, chainOf, type Constant, propertiesOf, propertyOf, resultOf, textOf } from './syntax.js'

interface Around {
  readonly file: SourceFile
  readonly parser: SqlParser | undefined
  readonly constants: readonly Constant[]
}

const COMMANDS = new Set(['all', 'select', 'insert', 'update', 'delete'])

/** What stands beside the columns: policies, and a key of several columns. */
export function extrasOf(
  node: Node | undefined,
  around: Around,
): { policies: PolicyFacts[]; key: string[] | undefined } {
  const result = resultOf(node)
  const items =
    result?.type === 'ArrayExpression'
      ? result.elements.map((one) => one as Node | null)
      : propertiesOf(result).properties.map(({ value }) => value)
  const policies: PolicyFacts[] = []
  let key: string[] | undefined
  for (const item of items) {
    const chain = item === null ? undefined : chainOf(item)
    const call = chain?.calls[0]
    if (chain === undefined || call === undefined || call.name !== null) continue
    const [first, second] = argumentsOf(call)
    const at = { file: around.file, node: item! }
    if (chain.root === 'pgPolicy') policies.push({ ...policyOf(textOf(first) ?? '', second, around), at })
    else if (chain.root === 'crudPolicy')
      policies.push(...crudPolicies(first, around).map((policy) => ({ ...policy, at })))
    else if (chain.root === 'primaryKey') key = keyOf(propertyOf(first, 'columns'))
  }
  return { policies, key }
}

function policyOf(name: string, options: Node | undefined, around: Around): Omit<PolicyFacts, 'at'> {
  const command = textOf(propertyOf(options, 'for')) ?? 'all'
  const using = propertyOf(options, 'using')
  const check = propertyOf(options, 'withCheck')
  return {
    name,
    command: COMMANDS.has(command) ? (command as PolicyFacts['command']) : 'all',
    roles: rolesOf(propertyOf(options, 'to'), around),
    using: using === undefined ? null : sqlReach(using, around),
    check: check === undefined ? null : sqlReach(check, around),
    isRestrictive: textOf(propertyOf(options, 'as')) === 'restrictive',
  }
}

/** Neon's: one call for reading and one for writing. */
function crudPolicies(options: Node | undefined, around: Around): Omit<PolicyFacts, 'at'>[] {
  const roles = rolesOf(propertyOf(options, 'role'), around)
  const read = crudReach(propertyOf(options, 'read'), around)
  const modify = crudReach(propertyOf(options, 'modify'), around)
  return [
    { name: 'crud read', command: 'select', roles, using: read, check: null, isRestrictive: false },
    { name: 'crud modify', command: 'all', roles, using: modify, check: modify, isRestrictive: false },
  ]
}

function crudReach(node: Node | undefined, around: Around): Reach | null {
  if (node?.type === 'Literal' && typeof node.value === 'boolean') return node.value ? 'everything' : 'nothing'
  return node === undefined ? null : sqlReach(node, around)
}

/** A role is a string, a constant of `pgRole`, or one of Supabase's by its name. */
function rolesOf(node: Node | undefined, { constants }: Around): string[] {
  if (node === undefined) return ['public']
  const items = node.type === 'ArrayExpression' ? node.elements.map((one) => one as Node | null) : [node]
  return items.map((item) => {
    const text = textOf(item ?? undefined)
    if (text !== undefined) return text.toLowerCase()
    if (item?.type !== 'Identifier') return 'unknown'
    const known = /^(?:(authenticated)|(anon)|(service))/i.exec(item.name)
    if (known !== null)
      return known[1] !== undefined ? 'authenticated' : known[2] !== undefined ? 'anon' : 'service_role'
    const init = constants.find(({ name }) => name === item.name)?.init
    const call = init === undefined ? undefined : chainOf(init)?.calls[0]
    return (call === undefined ? undefined : textOf(argumentsOf(call)[0]))?.toLowerCase() ?? item.name
  })
}

/** `` sql`…` `` with its holes as columns; anything else is a helper, which may look at the caller. */
function sqlReach(node: Node, { parser }: Around): Reach {
  if (node.type !== 'TaggedTemplateExpression' || node.tag.type !== 'Identifier' || node.tag.name !== 'sql')
    return 'own'
  const { quasis, expressions } = node.quasi
  const text = quasis
    .map(
      ({ value }, index) =>
        (value.cooked ?? value.raw) + (index < expressions.length ? holeOf(expressions[index] as Node, index) : ''),
    )
    .join('')
  return reachOf(parser?.expression(text))
}

const holeOf = (node: Node, index: number) =>
  node.type === 'MemberExpression' ? ` hole_${index} ` : ` hole_${index}() `

function keyOf(node: Node | undefined): string[] | undefined {
  if (node?.type !== 'ArrayExpression') return undefined
  return node.elements.map((one) =>
    one?.type === 'MemberExpression' && one.property.type === 'Identifier' ? one.property.name : '',
  )
}
