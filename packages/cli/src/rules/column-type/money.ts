import type { TableFacts } from '../../facts/database-facts.js'

/** Words that mean money wherever they stand. */
const SURE =
  /^(?:price|cost|salary|wage|fee|fees|balance|revenue|subtotal|payment|payout|refund|deposit|invoice|earnings|income|expense|expenses|budget|usd|eur|gbp|cents|mrr|arr|money|currency)$/
/** Words that mean it where the rest of the table speaks of it. */
const MAYBE = /^(?:amount|total|tax|discount|credit|credits|debit|paid|due|spent|spend|tip|rent|donation|net|gross)$/
/** Shares, counts and measures of money are none. */
const MEASURE =
  /^(?:rate|ratio|pct|percent|percentage|score|count|factor|multiplier|weight|index|change|days|hours|minutes|seconds|ms|quantity|qty|tokens|distance|duration|size|volume|rank|rating|probability|margin|share|sensitivity|effectiveness)$/
const SPEAKS =
  /^(?:currency|price|stripe|order|orders|payment|payments|invoice|invoices|transaction|transactions|billing|checkout|donation|donations|expense|expenses|purchase|purchases|sale|sales|wallet|wallets|account|accounts|budget|budgets|payout|payouts|refund|refunds|cart|product|products)$/

/** Whether a column holds money, by its name and, where that leaves it open, by its table. */
export function moneyOf(column: string, { name, columns }: TableFacts): 'sure' | 'maybe' | 'no' {
  const words = wordsOf(column)
  if (words.some((word) => MEASURE.test(word))) return 'no'
  if (words.some((word) => SURE.test(word))) return 'sure'
  if (!words.some((word) => MAYBE.test(word))) return 'no'
  const speaks =
    wordsOf(name).some((word) => SPEAKS.test(word)) ||
    columns.some((other) => wordsOf(other.name).some((word) => word === 'currency'))
  if (speaks) return 'sure'
  return words.length === 1 || words.includes('amount') ? 'maybe' : 'no'
}

const wordsOf = (name: string) => name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase().split(/[^a-z]+/) // prettier-ignore
