import type { IfMatch } from '../call.js'
import { isRowId } from '../database/paved/row-match.js'
import { isSafeMethod } from '../http/cross-site.js'
import { entityTagsOf } from '../http/entity-tags.js'
import type { Plan } from '../plan.js'
import { problem } from '../problems.js'

/**
 * Which version of the path's row a change is of, by `If-Match`; `null` where it may be any. The slot `ifMatch` demands the
 * header. A paved change of a row that has a version heeds it without the slot too: a client that sent the `ETag` it read
 * must not be let in as if it had not. Throws the problems `precondition-required` and `invalid`.
 *
 * A weak tag names no version here, because `If-Match` compares strongly (RFC 9110 §13.1.1): it matches nothing, as do
 * tags that we never gave.
 */
export function versionAsked(request: Request, plan: Plan): IfMatch | null {
  if (isSafeMethod(request.method) || !(plan.ifMatch || isVersionedChange(plan))) return null
  const header = request.headers.get('if-match')
  if (header === null) {
    if (plan.ifMatch) throw problem('precondition-required')
    return null
  }
  const tags = entityTagsOf(header)
  if (tags === null) {
    const errors = [{ path: 'headers.if-match', message: 'Give the ETag as it came, with its quotes; or *' }]
    throw problem('invalid', undefined, { errors })
  }
  if (tags === '*') return tags
  return tags.flatMap(({ weak, opaque }) => (weak || !isRowId(opaque) ? [] : [opaque]))
}

/**
 * Whether a reader has this version already, by `If-None-Match`: compared weakly, and what can't be read says nothing.
 * Source: RFC 9110 §13.1.2.
 */
export function isKnownVersion(request: Request, version: string): boolean {
  if (!isSafeMethod(request.method)) return false
  const tags = entityTagsOf(request.headers.get('if-none-match') ?? '')
  return tags === '*' || (tags ?? []).some(({ opaque }) => opaque === version)
}

function isVersionedChange({ does, ownership }: Plan): boolean {
  const isChange = does.kind === 'update' || does.kind === 'remove'
  return isChange && ownership?.by === 'table' && ownership.facts.versionKey !== undefined
}
