import { isBuiltin } from 'node:module'
import type { Value } from '../trace/model.js'
import { madeOf, origin } from '../trace/origin.js'
import { from, originsOf } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'

/** Packages that compute, and ask nobody: what is done with them is no work for somebody else. */
const PURE =
  /^(?:@types\/|@radix-ui\/|@heroicons\/|@oslojs\/|@noble\/|@scure\/|@paralleldrive\/|@date-fns\/|@internationalized\/)|^(?:react|react-dom|zod|nanoid|uuid|ulid|cuid|slugify|date-fns|dayjs|moment|luxon|lodash|ramda|remeda|radash|es-toolkit|ts-pattern|neverthrow|clsx|classnames|tailwind-merge|qs|query-string|crypto|buffer|path|fs|url|util|events|stream|zlib|os|async-mutex|p-limit|ms|bytes|superjson|devalue|marked|remark|rehype|unified|gray-matter|sharp|jsdom|cheerio|mammoth|pdf-parse|exceljs|csv-parse|papaparse|server-only|client-only|next-intl|i18next|pino|winston|bunyan|debug|chalk|colord|ua-parser-js|dotenv|gpt-tokenizer|gpt-3-encoder|js-tiktoken)(?:[-/].*)?$/

/** What is waited for of a package that nobody has described: somebody else is asked. */
export function settleStranger({ value, walker, spot }: LibraryCall): Value | undefined {
  const last = value.path.findLast(({ args }) => args !== undefined)
  if (
    last === undefined ||
    value.package === 'global' ||
    value.package === 'web' ||
    isBuiltin(value.package) ||
    PURE.test(value.package)
  )
    return undefined
  const args = value.path.flatMap((step) => step.args ?? [])
  const source = walker.note(spot, { fact: 'outside', library: value.package, name: last.name, args })
  return from(origin({ from: 'answered', name: '', source }), ...args.flatMap((arg) => originsOf(arg)).map(madeOf))
}
