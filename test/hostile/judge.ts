import { problems } from '../../packages/postern/src/problems.js'
import type { Happened } from './watch.js'

/** An answer as a client has it. */
export interface Answer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

export interface Asked {
  /** Stands in whatever the client made up, and so in no refusal. */
  readonly marker: string
  /** By its making this can't be taken, whoever asks. */
  readonly mustRefuse: boolean
}

/** All that is wrong with an answer: nothing, if the backend is what it says it is. */
export function judge(answer: Answer, { marker, mustRefuse }: Asked, happened: Happened): string[] {
  const { status, headers, body } = answer
  const wrong: string[] = []
  if (status >= 500) wrong.push(`answered ${status}`)
  if (mustRefuse && status < 400) wrong.push(`took what must be refused (${status})`)
  if (happened.unfit) wrong.push('the function got what its schema or a limit refuses')
  if (status < 400) return wrong
  const all = [...headers].map(([name, value]) => `${name}: ${value}`).join('\n')
  if (`${all}\n${body}`.toLowerCase().includes(marker.toLowerCase())) wrong.push('echoed the client’s words')
  if (LEAK.test(body)) wrong.push('told of its inside')
  if (happened.called && BEFORE_IT_RUNS.has(status)) wrong.push(`ran and then refused with ${status}`)
  return [...wrong, ...documentMistakes(answer)]
}

/** Words that no client should read: SQL, a stack, a path, the name of an error. */
const LEAK =
  /\b(select|insert|update|delete)\s[^"]*\b(from|into|set|where)\b|sqlstate|\bpg_|violates|relation "|node_modules|\.[cm]?[jt]s:\d|\bat [^"]+:\d+:\d+|\/(tmp|home|usr|packages|src)\/|(Type|Syntax|Range|Reference)Error|ECONN/i

const BEFORE_IT_RUNS = new Set([400, 401, 405, 408, 413, 415, 431])

function documentMistakes({ status, headers, body }: Answer): string[] {
  if (headers.get('content-type') !== 'application/problem+json') return ['a refusal that is no problem document']
  // The answer to HEAD has none.
  if (body === '') return []
  let document: Record<string, unknown>
  try {
    document = JSON.parse(body) as Record<string, unknown>
  } catch {
    return ['a problem document that is no JSON']
  }
  const code = String(document['code'])
  const row = Object.hasOwn(problems, code) ? problems[code as keyof typeof problems] : undefined
  const holds =
    row?.status === status &&
    document['status'] === status &&
    document['title'] === row.title &&
    document['type'] === `urn:postern:problem:${code}` &&
    document['requestId'] === headers.get('x-request-id') &&
    headers.get('cache-control') === 'no-store' &&
    headers.get('x-content-type-options') === 'nosniff'
  return holds ? [] : [`a problem document that contradicts itself or the table (${code})`]
}
