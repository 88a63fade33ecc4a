import type { Node } from 'libpg-query'
import type { PolicyFacts } from '../database-facts.js'
import type { Spot } from '../trace/model.js'
import { reachOf } from './reach.js'

type Create = Extract<Node, { CreatePolicyStmt: unknown }>['CreatePolicyStmt']
type Alter = Extract<Node, { AlterPolicyStmt: unknown }>['AlterPolicyStmt']

const COMMANDS = { all: 'all', select: 'select', insert: 'insert', update: 'update', delete: 'delete' } as const

export function policyOf(created: Create, at: Spot): PolicyFacts {
  return {
    name: created.policy_name ?? '',
    at,
    command: COMMANDS[created.cmd_name as keyof typeof COMMANDS] ?? 'all',
    roles: rolesOf(created.roles),
    using: created.qual === undefined ? null : reachOf(created.qual),
    check: created.with_check === undefined ? null : reachOf(created.with_check),
    isRestrictive: created.permissive !== true,
  }
}

export function alteredPolicy(policy: PolicyFacts, altered: Alter): PolicyFacts {
  return {
    ...policy,
    ...(altered.roles === undefined ? {} : { roles: rolesOf(altered.roles) }),
    ...(altered.qual === undefined ? {} : { using: reachOf(altered.qual) }),
    ...(altered.with_check === undefined ? {} : { check: reachOf(altered.with_check) }),
  }
}

export function rolesOf(nodes: readonly Node[] | undefined): string[] {
  const roles = (nodes ?? []).flatMap((node) => ('RoleSpec' in node ? node.RoleSpec : []))
  if (roles.length === 0) return ['public']
  return roles.map(({ roletype, rolename }) =>
    roletype === 'ROLESPEC_PUBLIC' ? 'public' : (rolename?.toLowerCase() ?? 'current'),
  )
}
