import type { Condition, Known } from '../trace/model.js'

/**
 * Whether paths have met on each of which something held: asked for each with what is known on it and on all. Of meetings on one of
 * whose ways nothing is about it, nothing is asked.
 */
export function onEveryWay(
  known: Known,
  holds: (known: Known) => boolean,
  isAbout: (condition: Condition) => boolean = () => true,
): boolean {
  for (const condition of known.values()) {
    if (condition.is !== 'met' || !isMetBy(condition.ways, isAbout)) continue
    if (condition.ways.every((way) => holds(onWay(known, way)))) return true
  }
  return false
}

function isMetBy(ways: readonly Known[], isAbout: (condition: Condition) => boolean): boolean {
  return ways.every((way) =>
    [...way.values()].some((one) => (one.is === 'met' ? isMetBy(one.ways, isAbout) : isAbout(one))),
  )
}

const joined = new WeakMap<Known, WeakMap<Known, Known>>()

/** What is known on one way. The same is the same again, so that what was found out for it is found; of other meetings nothing is known there that is not known without it. */
function onWay(known: Known, way: Known): Known {
  const before = joined.get(known) ?? new WeakMap<Known, Known>()
  joined.set(known, before)
  const found = before.get(way)
  if (found !== undefined) return found
  const all: Known = new Map([...[...known].filter(([, { is }]) => is !== 'met'), ...way])
  before.set(way, all)
  return all
}
