import type { Event, Events } from '../events.js'
import { requestIdOf } from '../http/request-id.js'
import { refuseOverBudget } from './query-budget.js'
import type { Recorder } from './recorder.js'

/** What a test backend lets a request do in the database. */
export interface StatementRules {
  /**
   * What becomes of a request that runs one statement more than a few times: it rejects, naming statement, times and
   * place (`fail`, the default), or nothing (`ignore`).
   */
  readonly repeatedStatements?: 'fail' | 'ignore'
  /** The most statements that any one request may send; one that sends more rejects. Default: any number. */
  readonly queryBudget?: number
}

/** What one request may do for a reason of its own. */
export interface StatementExcuse {
  /** Why this request runs one statement many times. Without a reason it rejects. */
  readonly repeats?: string
}

type Repeated = Extract<Event, { type: 'database.repeated' }>
type Judge = <T>(request: Request, excuse: StatementExcuse, answer: () => Promise<T>) => Promise<T>

/** Answers a request, or rejects where what it did in the database breaks the rules. `stop` ends the watch. */
export function judgeStatements(
  events: Events,
  recorder: Recorder,
  rules: StatementRules,
): { readonly judge: Judge; readonly stop: () => void } {
  const repeated = new Map<string, Repeated[]>()
  const stop = events.observe((event) => {
    if (event.type !== 'database.repeated') return
    repeated.set(event.requestId, [...(repeated.get(event.requestId) ?? []), event])
  })
  const judge: Judge = async <T>(request: Request, { repeats }: StatementExcuse, answer: () => Promise<T>) => {
    if (repeats?.trim() === '') throw new TypeError('repeats needs a reason: why does this request repeat a statement?')
    const { result, queries } = await recorder.queriesOf(answer)
    const id = requestIdOf(request)
    const found = repeated.get(id) ?? []
    repeated.delete(id)
    const what = `${request.method} ${new URL(request.url).pathname}`
    if (repeats === undefined && rules.repeatedStatements !== 'ignore') refuseRepeated(what, found)
    if (rules.queryBudget !== undefined) refuseOverBudget(what, queries, rules.queryBudget)
    return result
  }
  return { judge, stop }
}

function refuseRepeated(what: string, repeated: readonly Repeated[]): void {
  if (repeated.length === 0) return
  const lines = repeated.map(
    ({ statement, times, place }) => `- ${times} times${place === null ? '' : `, at ${place}`}: ${statement}`,
  )
  throw new Error(
    `${what} ran the same statement over and over:\n${lines.join('\n')}\n` +
      'Read related rows by `with`, or all of them in one statement: inArray(…), values([…]). ' +
      "Where it is meant, say why: { repeats: 'a reason' }",
  )
}
