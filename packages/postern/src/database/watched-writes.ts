import { is, QueryPromise } from 'drizzle-orm'
import type { Unawaited } from './pending.js'

type Method = (...values: unknown[]) => unknown

/**
 * A method of Drizzle's whose queries are missed when nobody awaits them. Drizzle runs a query when it is awaited; one
 * that never is has written nothing, and says nothing.
 */
export function watchedWrites(what: string, method: Method, unawaited: Unawaited): Method {
  return (...values) => watched(what, method(...values), unawaited)
}

/** `insert` and `update` first give a builder: the query is what these methods of it return. */
const BUILDS = ['values', 'select', 'set'] as const

function watched(what: string, made: unknown, unawaited: Unawaited): unknown {
  const query = made as Record<string, Method>
  if (is(made, QueryPromise)) {
    const { done } = unawaited.add(what)
    // Awaiting runs `execute`; `prepare()`, and a query that becomes part of another one, ask for its SQL.
    for (const name of ['execute', 'getSQL']) before(query, name, done)
    return made
  }
  for (const name of BUILDS) {
    const build = query[name]?.bind(query)
    if (build !== undefined) query[name] = (...values) => watched(what, build(...values), unawaited)
  }
  return made
}

function before(query: Record<string, Method>, name: string, done: () => void): void {
  const method = query[name]?.bind(query)
  if (method === undefined) return
  query[name] = (...values) => {
    done()
    return method(...values)
  }
}
