import type { Answer } from './judge.js'

export interface WireAnswers {
  readonly answers: readonly Answer[]
  /** What is no answer, or not all of one. */
  readonly rest: string
}

/** Takes the bytes of a connection (as latin1) apart, by the letter of RFC 9112: nothing may stand between two answers. */
export function wireAnswers(text: string): WireAnswers {
  const answers: Answer[] = []
  let rest = text
  for (;;) {
    const taken = takeAnswer(rest)
    if (taken === null) return { answers, rest }
    rest = rest.slice(taken.length)
    // 100 says to go on, and is no answer to the request.
    if (taken.answer.status >= 200) answers.push(taken.answer)
  }
}

function takeAnswer(text: string): { answer: Answer; length: number } | null {
  const end = text.indexOf('\r\n\r\n')
  const status = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n/.exec(text)?.[1]
  if (end === -1 || status === undefined) return null
  const headers = new Map<string, string>()
  for (const line of text.slice(0, end).split('\r\n').slice(1)) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+): ?(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) return null
    const lower = name.toLowerCase()
    const known = headers.get(lower)
    headers.set(lower, known === undefined ? value : `${known}, ${value}`)
  }
  const body = takeBody(text.slice(end + 4), Number(status), headers)
  if (body === null) return null
  const answer = { status: Number(status), headers, body: Buffer.from(body.content, 'latin1').toString() }
  return { answer, length: end + 4 + body.length }
}

function takeBody(
  text: string,
  status: number,
  headers: ReadonlyMap<string, string>,
): { content: string; length: number } | null {
  if (status < 200 || status === 204 || status === 304) return { content: '', length: 0 }
  if (headers.get('transfer-encoding') === 'chunked') return takeChunks(text)
  const declared = headers.get('content-length')
  // To a client of HTTP/1.0 an answer may end with its connection.
  if (declared === undefined && headers.get('connection') === 'close') return { content: text, length: text.length }
  if (declared === undefined || !/^\d+$/.test(declared)) return null
  const length = Number(declared)
  return text.length < length ? null : { content: text.slice(0, length), length }
}

function takeChunks(text: string): { content: string; length: number } | null {
  let content = ''
  let at = 0
  for (;;) {
    const size = /^([\da-f]+)\r\n/i.exec(text.slice(at, at + 20))
    if (size === null) return null
    const length = Number.parseInt(size[1]!, 16)
    const start = at + size[0].length
    if (text.slice(start + length, start + length + 2) !== '\r\n') return null
    content += text.slice(start, start + length)
    at = start + length + 2
    if (length === 0) return { content, length: at }
  }
}
