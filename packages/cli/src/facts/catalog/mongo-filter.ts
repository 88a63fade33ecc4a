import type { Key, Value } from '../trace/model.js'
import { from, originsOf, UNKNOWN } from '../trace/value.js'
import { propertyOf } from './library.js'

/** What a filter of MongoDB's compares with values. */
export function keysOfFilter(filter: Value | undefined): Key[] {
  if (filter?.kind !== 'object') return []
  return [...filter.properties].flatMap(([column, value]): Key[] =>
    column === '$and' && value.kind === 'list'
      ? value.items.flatMap(keysOfFilter)
      : [
          {
            column,
            value:
              value.kind === 'object'
                ? (value.properties.get('$in') ?? value.properties.get('$eq') ?? from(...originsOf(value)))
                : value,
          },
        ],
  )
}

/** The `$match` stages of an aggregation. */
export function keysOfStages(stages: Value | undefined): Key[] {
  if (stages?.kind !== 'list') return []
  return stages.items.flatMap((stage) => keysOfFilter(propertyOf(stage, '$match')))
}

/** How many come out of the stages of an aggregation, as far as one of them says. */
export function limitOfStages(stages: Value | undefined): Value | null {
  const all = stages?.kind === 'list' ? stages.items : []
  return (
    all.map((stage) => propertyOf(stage, '$limit')).find((one) => one !== undefined) ??
    (all.some(isGroup) ? UNKNOWN : null)
  )
}

/** How many groups there are, nobody knows. */
function isGroup(stage: Value): boolean {
  return (propertyOf(stage, '$group') ?? propertyOf(stage, '$count')) !== undefined
}
