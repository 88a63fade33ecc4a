import { isWrite, queriesOf, type QueryFact } from '../../facts/ask/guarded.js'
import type { ProjectFacts } from '../../facts/project-facts.js'
import { isCode } from '../../facts/source/read-tree.js'
import type { TracedEntry } from '../../facts/trace/traced-entry.js'
import type { EntryPoint, Rule } from '../rule.js'

/** What an action has written is not seen by those who look. */
export const rule: Rule = {
  title: 'An action writes what a page shows, and the page is not made anew',
  severity: 'info',
  references: ['CWE-1250'],
  *entry({ entry, facts, isWhole }, project) {
    if (entry.kind !== 'action' || entry.framework !== 'next' || facts.some(isSeenTo)) return
    const write = queriesOf(facts).find((query) => isWrite(query) && query.inCatch === null && isShown(query))
    if (write === undefined || setsCookies(entry)) return
    const page = pageOf(write, project)
    if (page === undefined || !isCalledByPages(entry, project) || isRefreshedByClient(entry, project)) return
    yield {
      at: write,
      // Whether the page is on the screen, or kept, is not told here.
      confidence: isWhole ? 'medium' : 'low',
      message: `${page.entry.spot.file.path} shows ${write.table}, which ${entry.symbol} changes, and nothing says that it is to be made anew`,
      fix: 'Call revalidatePath() or revalidateTag() for what shows it, once it is written',
      trace: write.via,
    }
  },
}

/** Said, or the user is led elsewhere. */
function isSeenTo(fact: TracedEntry['facts'][number]): boolean {
  return fact.fact === 'revalidate' || (fact.fact === 'steer' && fact.inCatch === null)
}

/** What is only written down nobody waits for, and accounts are read to find out who looks. */
function isShown({ table }: QueryFact): boolean {
  return table !== null && !/log|audit|activit|analytics|metric|session|^(?:users?|accounts?)$/i.test(table)
}

/** Not by a webhook alone, or by nothing. */
function isCalledByPages({ symbol, spot }: EntryPoint, { files, source }: ProjectFacts): boolean {
  return files.some(
    (path) => /\.[jt]sx$/.test(path) && (path === spot.file.path || (source(path)?.text ?? '').includes(symbol)),
  )
}

/** A cookie that an action sets makes the page anew as well. */
function setsCookies({ spot }: EntryPoint): boolean {
  return /\bcookies\(\)/.test(spot.file.text.slice(spot.node.start, spot.node.end))
}

function pageOf({ table }: QueryFact, { everyEntry }: ProjectFacts): TracedEntry | undefined {
  return everyEntry().find(
    ({ entry, facts }) =>
      entry.kind === 'page' &&
      queriesOf(facts).some((query) => !isWrite(query) && query.table?.toLowerCase() === table?.toLowerCase()),
  )
}

const REFRESHES =
  /\.refresh\(|\.push\(|\.replace\(|\bmutate\b|invalidate|refetch|location\.(?:reload|href|assign)|useOptimistic/

/** Whoever calls it asks anew, or leads elsewhere, in the browser. */
function isRefreshedByClient({ symbol, spot }: EntryPoint, { files, source }: ProjectFacts): boolean {
  return files.some((path) => {
    if (!isCode(path) || path === spot.file.path) return false
    const text = source(path)?.text ?? ''
    return text.includes(symbol) && (REFRESHES.test(text) || takesAnswer(text, symbol))
  })
}

/** `createTag(…).then((tag) => setTags(…))`: what it answers is put into what is shown. */
function takesAnswer(text: string, symbol: string): boolean {
  return text.split(`${symbol}(`).some((after, index) => index > 0 && /^[^;]{0,200}\.then\(/.test(after))
}
