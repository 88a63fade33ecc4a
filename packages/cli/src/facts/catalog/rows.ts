import type { LibraryValue, Query, Value } from '../trace/model.js'
import { followCallback } from '../trace/call.js'
import { origin } from '../trace/origin.js'
import { either, from, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Meaning, propertyOf } from './library.js'

type Asked = Extract<ReturnType<LibraryCall['walker']['note']>, { fact: 'query' }>

/** Notes a query, as far as a library lets it be known. */
export function asks(
  { walker, spot }: Pick<LibraryCall, 'walker' | 'spot'>,
  query: Pick<Query, 'library' | 'does' | 'table'> & Partial<Query>,
): Asked {
  return walker.note(spot, { keys: [], isOpaque: false, data: null, limit: null, ...query, fact: 'query' })
}

export function rowOf(query: Asked): Value {
  return from(origin({ from: 'row', name: '', source: query }))
}

/** The row, or what stands for none. */
export function rowOrNothing(query: Asked, nothing: Value = UNDEFINED): Value {
  return either([
    { value: rowOf(query), given: [{ is: 'found', query }] },
    { value: nothing, given: [{ is: 'absent', query }] },
  ])
}

/** The first of a list may be missing: `const [row] = await …`. */
export function listOf(query: Asked): Value {
  return { kind: 'list', items: [rowOrNothing(query)], isWhole: false }
}

/** The row; where there is none, what was called throws. */
export function rowOrThrow({ walker, spot }: LibraryCall, query: Asked): Value {
  walker.learn(spot, [{ is: 'found', query }])
  return rowOf(query)
}

/** `query.then((rows) => …)`: to wait for it, the other way. */
export function awaited(settles: Meaning): Meaning {
  return (call) => {
    const chain: LibraryValue = { ...call.value, path: call.value.path.slice(0, -1) }
    const result = settles({ ...call, value: chain, step: chain.path.at(-1) ?? call.step })
    const [callback] = call.args
    if (result === undefined || callback === undefined) return result
    return followCallback(call.walker, callback, [result], call.spot)
  }
}

/** How many at most, as options say it; where not all of them could be followed, somebody may have said it there. */
export function limitIn(options: Value | undefined, name = 'limit'): Value | null {
  const said = propertyOf(options, name)
  if (said !== undefined) return said
  const isWhole = options === undefined || (options.kind === 'object' && options.others.length === 0)
  return isWhole ? null : UNKNOWN
}

/** A column without the name of its table. */
export function bareName(name: string): string {
  return name
    .split('.')
    .at(-1)!
    .replace(/["`[\]]/g, '')
}

/** A table without its alias and its schema. */
export function tableOf(name: string | undefined): string | null {
  return name === undefined ? null : bareName(name.trim().split(/\s+/)[0]!)
}
