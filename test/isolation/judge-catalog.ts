import { CALLER_ORGANIZATIONS } from '../../packages/postern/src/schema/organization-rules.js'
import type { Catalog, CatalogPolicy, DefinerFunction, Relation } from './catalog.js'
import type { Expected } from './expected.js'
import type { Defect, Finding } from './finding.js'

const CALLERS = ['anon', 'authenticated'] as const
const COMMANDS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const

/** What the catalog alone gives away. Pure. */
export function judgeCatalog(catalog: Catalog, expected: readonly Expected[]): Finding[] {
  const owned = new Map(expected.filter(({ ownerColumn }) => ownerColumn !== null).map((one) => [one.table, one]))
  return [
    ...judgeLogin(catalog),
    ...catalog.definerFunctions.flatMap(judgeDefiner),
    ...catalog.creatable.map((grant) => {
      const [role, schema] = grant.split(' ')
      return finding('role-makes-objects', schema!, `${role} may make objects in it`)
    }),
    ...catalog.relations.flatMap((relation) =>
      relation.kind === 'r' || relation.kind === 'p'
        ? judgeTable(
            relation,
            expected.find(({ table }) => table === relation.name),
            catalog,
            owned,
          )
        : judgeOther(relation),
    ),
    ...expected
      .filter(({ table }) => !catalog.relations.some(({ name }) => name === table))
      .map(({ table }) => finding('unknown', table, 'the database has no such table')),
  ]
}

/** The one that callers need tells them their own organizations: as the service and no more, by a path that nobody can bend. */
function judgeDefiner({ name, owner, pathIsEmpty, forNobody }: DefinerFunction): Finding[] {
  if (name !== `${CALLER_ORGANIZATIONS}()`)
    return [finding('definer-function', name, 'it runs as its owner, and callers may run it')]
  return [
    ...when(owner !== 'service_role', 'definer-function', name, `it runs as ${owner}`),
    ...when(!pathIsEmpty, 'definer-function', name, 'its search path is the caller’s'),
    ...when(forNobody, 'definer-function', name, 'nobody in particular may run it'),
  ]
}

function judgeLogin({
  login,
  loginBypasses,
  loginInherits,
  loginBecomes,
  bypassingRoles,
  relations,
}: Catalog): Finding[] {
  const owners = relations.map(({ owner }) => owner)
  return [
    ...when(loginBypasses, 'login-bypasses-rls', login, 'superuser or BYPASSRLS'),
    ...loginInherits.map((role) =>
      finding('login-inherits-roles', login, `it has the rights of ${role} without becoming it`),
    ),
    ...loginBecomes
      .filter((role) => owners.includes(role))
      .map((role) => finding('login-reaches-owner', login, `it may become ${role}, who owns tables`)),
    ...bypassingRoles.map((role) => finding('role-bypasses-rls', role, 'superuser or BYPASSRLS')),
  ]
}

function judgeTable(
  relation: Relation,
  expected: Expected | undefined,
  { login }: Catalog,
  owned: ReadonlyMap<string, Expected>,
): Finding[] {
  const { name, policies, grants } = relation
  return [
    ...when(expected === undefined, 'forgotten-table', name, 'no schema speaks of it'),
    ...when(!relation.rls, 'rls-off', name, 'row-level security is off'),
    ...when(!relation.forced, 'rls-not-forced', name, `its owner ${relation.owner} sees every row`),
    ...when(policies.length === 0, 'no-policy', name, 'nobody can read it, not even the service'),
    ...when(relation.owner === login, 'owned-by-login', name, `${login} may change it and its policies`),
    ...grants
      .filter((grant) => /(TRUNCATE|REFERENCES|TRIGGER)$/.test(grant) || grant.startsWith(`${login} `))
      .map((grant) => finding('wide-grant', name, grant)),
    ...CALLERS.flatMap((role) => COMMANDS.map((command) => ({ role, command })))
      .filter(
        ({ role, command }) =>
          grants.includes(`${role} ${command}`) && !policies.some((policy) => allows(policy, role, command)),
      )
      .map(({ role, command }) => finding('grant-without-policy', name, `${role} has ${command}`)),
    ...policies.filter(isForCallers).flatMap((policy) => judgePolicy(policy, name, expected)),
    ...judgeForeignKeys(relation, expected, owned),
  ]
}

function judgePolicy(
  { name, command, using, check }: CatalogPolicy,
  table: string,
  expected: Expected | undefined,
): Finding[] {
  const reads = command === 'SELECT' || command === 'ALL'
  const isSharedRead = command === 'SELECT' && expected !== undefined && isShared(expected)
  const lacksCheck = check === null && command !== 'SELECT' && command !== 'DELETE'
  return [
    ...when(
      using === 'true' && !isSharedRead,
      'open-policy',
      table,
      `${name}: ${reads ? 'reading' : command} using (true)`,
    ),
    ...when(check === 'true', 'open-policy', table, `${name}: ${command} with check (true)`),
    ...when(lacksCheck, 'no-with-check', table, `${name}: ${command} says nothing of the row as it becomes`),
  ]
}

/** Foreign-key checks ignore policies: only a key that holds the owner keeps a row from another's parent. */
function judgeForeignKeys(
  { name, foreignKeys }: Relation,
  expected: Expected | undefined,
  owned: ReadonlyMap<string, Expected>,
): Finding[] {
  if (expected === undefined || expected.ownerColumn === null) return []
  const { ownerColumn, readableReferences } = expected
  return foreignKeys
    .filter(({ target }) => owned.has(target))
    .filter(({ columns }) => !columns.some((column) => readableReferences.includes(column)))
    .filter(
      ({ columns, target, targetColumns }) =>
        targetColumns[columns.indexOf(ownerColumn)] !== owned.get(target)!.ownerColumn,
    )
    .map((key) => finding('plain-foreign-key', name, `${key.name} to ${key.target} leaves the owner out`))
}

const OTHERS = { v: 'definer-view', m: 'materialized-view', f: 'foreign-table' } as const

/** What row-level security does not reach. A view that asks as its reader is no more than a query. */
function judgeOther({ name, kind, invoker, grants }: Relation): Finding[] {
  const readable = grants.filter((grant) => /^(anon|authenticated) (SELECT|INSERT|UPDATE|DELETE)$/.test(grant))
  if (readable.length === 0 || (kind === 'v' && invoker)) return []
  return [finding(OTHERS[kind as keyof typeof OTHERS], name, readable.join(', '))]
}

function isForCallers({ isPermissive, roles }: CatalogPolicy): boolean {
  return isPermissive && roles.some((role) => role !== 'service_role')
}

function allows({ isPermissive, roles, command }: CatalogPolicy, role: string, wanted: string): boolean {
  return isPermissive && (command === 'ALL' || command === wanted) && (roles.includes(role) || roles.includes('public'))
}

function isShared({ rule }: Expected): boolean {
  return (rule.kind === 'user' || rule.kind === 'unowned') && (rule.read === 'anyone' || rule.read === 'signed-in')
}

function when(holds: boolean, defect: Defect, where: string, evidence: string): Finding[] {
  return holds ? [finding(defect, where, evidence)] : []
}

function finding(defect: Defect, where: string, evidence: string): Finding {
  return { defect, where, as: null, evidence }
}
