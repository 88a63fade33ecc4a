import type { CatalogFact } from './catalog-facts.js'

/** One way in which a database is not what its migrations say, in a sentence's words. */
export interface Drift {
  /** The table, or whatever else stands by itself, as people name it. */
  readonly place: string
  readonly message: string
  readonly kind: 'missing' | 'extra' | 'changed'
  /** What of it differs; empty where it is missing or extra. */
  readonly property: string
}

/**
 * Compares what PostgreSQL says of two databases: one line a difference. Of a whole table that is there or not, one line.
 * `source` is what expects: "the migrations", "the schema".
 */
export function driftBetween(
  expected: readonly CatalogFact[],
  actual: readonly CatalogFact[],
  source = 'the migrations',
): Drift[] {
  const [should, is] = [byPlace(expected), byPlace(actual)]
  return [...new Set([...should.keys(), ...is.keys()])].sort().flatMap((place) => {
    const [want, have] = [should.get(place), is.get(place)]
    if (have === undefined) return [{ place: short(place), ...missing(`the ${kindOf(want)}`) }]
    if (want === undefined) return [{ place: short(place), ...extra(`this ${kindOf(have)}`, source) }]
    return differences(want, have, source).map((one) => ({ place: short(place), ...one }))
  })
}

type Difference = Omit<Drift, 'place'>
const missing = (what: string): Difference => ({ message: `${what} is missing`, kind: 'missing', property: '' })
const extra = (what: string, source: string): Difference => ({
  message: `${source} know${source.endsWith('s') ? '' : 's'} nothing of ${what}`,
  kind: 'extra',
  property: '',
})

type Properties = Map<string, string>
type Things = Map<string, Properties>

function byPlace(facts: readonly CatalogFact[]): Map<string, Things> {
  const places = new Map<string, Things>()
  for (const { table, thing, property, value } of facts) {
    const things = places.get(table) ?? new Map<string, Properties>()
    const properties = things.get(thing) ?? new Map<string, string>()
    places.set(table, things.set(thing, properties.set(property, value)))
  }
  return places
}

function differences(want: Things, have: Things, source: string): Difference[] {
  return [...new Set([...want.keys(), ...have.keys()])].sort().flatMap((thing) => {
    const [wanted, found] = [want.get(thing), have.get(thing)]
    if (found === undefined) return [missing(thing)]
    if (wanted === undefined) return [extra(`${thing}${contents(found)}`, source)]
    return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((property): Difference[] => {
      const [should, is] = [wanted.get(property) ?? '', found.get(property) ?? '']
      if (should === is) return []
      const what = [thing, property].filter((word) => word !== '').join(': ')
      const said = `${what} is ${shown(is)}; ${source} say${source.endsWith('s') ? '' : 's'} ${shown(should)}`
      return [{ message: property === 'body' ? `${what} was changed` : said, kind: 'changed', property }]
    })
  })
}

/** What an unknown policy or index does is what its reader needs to know first. */
function contents(properties: Properties): string {
  const told = ['command', 'roles', 'USING', 'WITH CHECK', 'definition', 'type'].flatMap((property) => {
    const value = properties.get(property)
    return value === undefined || value === 'none' ? [] : [short(value)]
  })
  return told.length === 0 ? '' : ` (${told.join(', ')})`
}

const kindOf = (things: Things | undefined) => {
  const own = things?.get('')
  return own?.get('kind') ?? (own?.has('schema') ? 'schema' : own?.has('values') ? 'type' : 'sequence')
}

const shown = (value: string) => (value === '' ? 'none' : short(value))
const short = (text: string) => text.replaceAll(/\bpublic\./g, '').replaceAll(/\s+/g, ' ')
