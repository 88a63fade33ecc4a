import type { Node } from 'libpg-query'
import type { PolicyFacts } from '../database-facts.js'
import type { Spot } from '../trace/model.js'
import { reachOf } from './reach.js'
import { predicateFor } from './storage-objects.js'

type Create = Extract<Node, { CreatePolicyStmt: unknown }>['CreatePolicyStmt']
type Alter = Extract<Node, { AlterPolicyStmt: unknown }>['AlterPolicyStmt']

const COMMANDS = { all: 'all', select: 'select', insert: 'insert', update: 'update', delete: 'delete' } as const

export function policyOf(created: Create, at: Spot): PolicyFacts {
  const reach = (predicate: Node) => reachOf(predicateFor(created.table, predicate))
  return {
    name: created.policy_name ?? '',
    at,
    command: COMMANDS[created.cmd_name as keyof typeof COMMANDS] ?? 'all',
    roles: rolesOf(created.roles),
    using: created.qual === undefined ? null : reach(created.qual),
    check: created.with_check === undefined ? null : reach(created.with_check),
    isRestrictive: created.permissive !== true,
  }
}

export function alteredPolicy(policy: PolicyFacts, altered: Alter): PolicyFacts {
  const reach = (predicate: Node) => reachOf(predicateFor(altered.table, predicate))
  return {
    ...policy,
    ...(altered.roles === undefined ? {} : { roles: rolesOf(altered.roles) }),
    ...(altered.qual === undefined ? {} : { using: reach(altered.qual) }),
    ...(altered.with_check === undefined ? {} : { check: reach(altered.with_check) }),
  }
}

export function rolesOf(nodes: readonly Node[] | undefined): string[] {
  const roles = (nodes ?? []).flatMap((node) => ('RoleSpec' in node ? node.RoleSpec : []))
  if (roles.length === 0) return ['public']
  return roles.map(({ roletype, rolename }) =>
    roletype === 'ROLESPEC_PUBLIC' ? 'public' : (rolename?.toLowerCase() ?? 'current'),
  )
}
