import type { Fact } from '../trace/model.js'

const COUNTED =
  /(?<!re)views?$|visits?$|clicks?$|hits?$|(?<!ac)count$|downloads?$|plays?$|likes?$|claps?$|votes?$|shares?$|impressions?$|opens?$|^last.*at$/i

/** Nothing changes but how often something was looked at, which is for strangers to do. */
export function isCounting(fact: Fact): boolean {
  if (fact.fact !== 'query' || (fact.does !== 'update' && fact.does !== 'upsert') || fact.data?.kind !== 'object')
    return false
  const names = [...fact.data.properties].flatMap(([name, value]) =>
    name === '$inc' && value.kind === 'object' ? [...value.properties.keys()] : [name],
  )
  return names.length > 0 && fact.data.others.length === 0 && names.every((name) => COUNTED.test(name))
}
