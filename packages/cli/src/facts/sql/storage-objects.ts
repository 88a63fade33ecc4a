import type { Node, RangeVar } from 'libpg-query'

/** Where Supabase keeps which files there are: one table for the objects of all buckets. */
export const isStorageObjects = ({ schema, name }: { readonly schema: string; readonly name: string }): boolean =>
  schema === 'storage' && name === 'objects'

/** What a policy says of the rows it is for. */
export function predicateFor(table: RangeVar | undefined, predicate: Node | undefined): Node | undefined {
  const isObjects = isStorageObjects({ schema: table?.schemaname ?? '', name: table?.relname ?? '' })
  return isObjects && predicate !== undefined ? withinBucket(predicate) : predicate
}

/** A bucket is to its objects what a table is to its rows: which of them it is says nothing of whose an object is. */
function withinBucket(predicate: Node): Node {
  if ('A_Expr' in predicate) return asksBucket(predicate) ? TRUE : predicate
  if (!('BoolExpr' in predicate) || predicate.BoolExpr.boolop === 'NOT_EXPR') return predicate
  return { BoolExpr: { ...predicate.BoolExpr, args: (predicate.BoolExpr.args ?? []).map(withinBucket) } }
}

const TRUE: Node = { A_Const: { boolval: { boolval: true } } }

/** `bucket_id = 'avatars'`, and one of several: what else stands there asks for more. */
function asksBucket({ A_Expr: { kind, name, lexpr, rexpr } }: Extract<Node, { A_Expr: unknown }>): boolean {
  const operator = name?.[0] !== undefined && 'String' in name[0] ? name[0].String.sval : undefined
  if (operator !== '=' || (kind !== 'AEXPR_OP' && kind !== 'AEXPR_IN' && kind !== 'AEXPR_OP_ANY')) return false
  return (isBucketId(lexpr) && isWritten(rexpr)) || (isBucketId(rexpr) && isWritten(lexpr))
}

function isBucketId(node: Node | undefined): boolean {
  if (node === undefined) return false
  if ('TypeCast' in node) return isBucketId(node.TypeCast.arg)
  const field = 'ColumnRef' in node ? node.ColumnRef.fields?.at(-1) : undefined
  return field !== undefined && 'String' in field && field.String.sval === 'bucket_id'
}

function isWritten(node: Node | undefined): boolean {
  if (node === undefined) return false
  if ('A_Const' in node) return true
  if ('TypeCast' in node) return isWritten(node.TypeCast.arg)
  if ('List' in node) return (node.List.items ?? []).every(isWritten)
  return 'A_ArrayExpr' in node && (node.A_ArrayExpr.elements ?? []).every(isWritten)
}
