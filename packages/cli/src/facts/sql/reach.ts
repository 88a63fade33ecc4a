import type { Node } from 'libpg-query'
import type { Reach } from '../database-facts.js'

const ORDER: readonly Reach[] = ['nothing', 'service', 'own', 'rows', 'signed-in', 'everything']

/** Functions that look at their arguments alone. Any other may look at who is calling. */
const PURE = new Set(['now', 'lower', 'upper', 'coalesce', 'length', 'date_trunc', 'timezone', 'btrim', 'char_length', 'jsonb_array_length', 'array_length', 'like_escape', 'gen_random_uuid']) // prettier-ignore

/** Deeper than any policy that a person wrote. */
const DEEPEST = 60

/**
 * How far a predicate reaches. What is not understood counts as `own`: a helper that it calls, or the rows of another table
 * that it asks for, may well depend on the caller.
 */
export function reachOf(node: Node | undefined, depth = 0): Reach {
  if (node === undefined || depth > DEEPEST) return 'own'
  if ('A_Const' in node) {
    if (node.A_Const.boolval !== undefined) return node.A_Const.boolval.boolval === true ? 'everything' : 'nothing'
    return /^(?:t|true|yes|on|1)$/i.test(node.A_Const.sval?.sval ?? '') ? 'everything' : 'own'
  }
  if ('TypeCast' in node) return reachOf(node.TypeCast.arg, depth + 1)
  if ('SubLink' in node && node.SubLink.subLinkType === 'EXPR_SUBLINK') {
    const inner = wrapped(node)
    return inner === undefined ? 'own' : reachOf(inner, depth + 1)
  }
  if ('BoolExpr' in node) {
    const reaches = (node.BoolExpr.args ?? []).map((arg) => reachOf(arg, depth + 1))
    switch (node.BoolExpr.boolop) {
      case 'OR_EXPR':
        return farthest(reaches)
      case 'AND_EXPR':
        return nearest(reaches)
      default:
        return reaches[0] === 'nothing'
          ? 'everything'
          : reaches[0] === 'everything'
            ? 'nothing'
            : asksCaller(node)
              ? 'own'
              : 'rows'
    }
  }
  if ('NullTest' in node && node.NullTest.nulltesttype === 'IS_NOT_NULL' && node.NullTest.arg !== undefined) {
    const { arg } = node.NullTest
    if (!mentions(arg, isColumn)) return asksCaller(arg) ? 'signed-in' : 'own'
  }
  if ('BooleanTest' in node && node.BooleanTest.booltesttype === 'IS_TRUE')
    return reachOf(node.BooleanTest.arg, depth + 1)
  if ('A_Expr' in node) return reachOfComparison(node.A_Expr)
  return asksCaller(node) ? 'own' : 'rows'
}

const farthest = (reaches: readonly Reach[]) =>
  reaches.reduce<Reach>((far, reach) => (ORDER.indexOf(reach) > ORDER.indexOf(far) ? reach : far), 'nothing')
const nearest = (reaches: readonly Reach[]) =>
  reaches.reduce<Reach>((near, reach) => (ORDER.indexOf(reach) < ORDER.indexOf(near) ? reach : near), 'everything')

type Comparison = Extract<Node, { A_Expr: unknown }>['A_Expr']

function reachOfComparison({ kind, name, lexpr, rexpr }: Comparison): Reach {
  const operator = name?.[0] !== undefined && 'String' in name[0] ? name[0].String.sval : undefined
  if (lexpr === undefined || rexpr === undefined) return 'own'
  const isEqual = operator === '=' && (kind === 'AEXPR_OP' || kind === 'AEXPR_IN' || kind === 'AEXPR_OP_ANY')
  // `1 = 1`, and the slip `id = id`, hold for every row that has a value there.
  if (isEqual && shapeOf(lexpr) === shapeOf(rexpr) && !mentions(lexpr, isCaller)) return 'everything'
  const callerSide = asksRole(lexpr) ? rexpr : asksRole(rexpr) ? lexpr : undefined
  if (callerSide !== undefined && !mentions(callerSide, isColumn)) {
    const roles = stringsIn(callerSide)
    if (isEqual && roles.length > 0) return farthest(roles.map(reachOfRole))
    // Everybody but `anon`.
    if ((operator === '<>' || operator === '!=') && roles.includes('anon')) return 'signed-in'
  }
  return asksCaller(lexpr) || asksCaller(rexpr) ? 'own' : 'rows'
}

function reachOfRole(role: string): Reach {
  if (role === 'authenticated') return 'signed-in'
  if (role === 'anon') return 'everything'
  return role === 'service_role' || role === 'supabase_admin' || role === 'postgres' ? 'service' : 'own'
}

/** Asks for the PostgreSQL role of the caller, of which there are only `anon`, `authenticated` and the service's. */
function asksRole(node: Node): boolean {
  if (mentions(node, isColumn)) return false
  const strings = stringsIn(node)
  return (
    mentions(node, (inner) => 'FuncCall' in inner && namesOf(inner.FuncCall.funcname).join('.') === 'auth.role') ||
    mentions(node, (inner) => 'SQLValueFunction' in inner && /_USER|_ROLE/.test(inner.SQLValueFunction.op ?? '')) ||
    (mentions(node, isCaller) &&
      strings.some((text) => text === 'role' || text === 'request.jwt.claim.role') &&
      !strings.some((text) => /meta/.test(text)))
  )
}

/** What the predicate stands for in `(select …)`, which many write so that it runs once. */
function wrapped(node: Node): Node | undefined {
  const select = 'SubLink' in node ? node.SubLink.subselect : undefined
  if (select === undefined || !('SelectStmt' in select)) return undefined
  const { targetList, fromClause, whereClause } = select.SelectStmt
  const target = targetList?.[0]
  if (fromClause !== undefined || whereClause !== undefined || target === undefined || !('ResTarget' in target))
    return undefined
  return target.ResTarget.val
}

const asksCaller = (node: Node) => mentions(node, (inner) => isCaller(inner) || 'SubLink' in inner || isSetting(inner))
const isSetting = (node: Node) => 'ParamRef' in node

function isCaller(node: Node): boolean {
  if ('SQLValueFunction' in node) return /_USER|_ROLE/.test(node.SQLValueFunction.op ?? '')
  if (!('FuncCall' in node)) return false
  return !PURE.has(namesOf(node.FuncCall.funcname).at(-1) ?? '')
}

const isColumn = (node: Node) => 'ColumnRef' in node

export const namesOf = (nodes: readonly Node[] | undefined) =>
  (nodes ?? []).flatMap((node) => ('String' in node ? (node.String.sval ?? '') : []))

function stringsIn(node: Node): string[] {
  const found: string[] = []
  mentions(node, (inner) => {
    if ('A_Const' in inner && inner.A_Const.sval?.sval !== undefined) found.push(inner.A_Const.sval.sval)
    return false
  })
  return found
}

/** Whether something in the tree is so. Nodes are objects with one key, which is their kind. */
function mentions(node: unknown, test: (node: Node) => boolean): boolean {
  const waiting: unknown[] = [node]
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (Array.isArray(next)) waiting.push(...next)
    else if (typeof next === 'object' && next !== null) {
      if (test(next as Node)) return true
      waiting.push(...Object.values(next))
    }
  }
  return false
}

const shapeOf = (node: Node) => JSON.stringify(node, (key, value: unknown) => (key === 'location' ? undefined : value))
