import { STATUS_CODES } from 'node:http'
import { problemParts } from '../http/problem-response.js'
import { applySecurityHeaders } from '../http/security-headers.js'
import type { Problem } from '../problems.js'

/** A refusal as Node writes it. The connection ends with it: what follows on it can't be told apart any more. */
export interface RefusalParts {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What is answered to a request that never became a `Request`, in the same shape as all else. */
export function refusalParts(problem: Problem, requestId: string): RefusalParts {
  const { status, headers, body } = problemParts(problem, requestId)
  const all = new Headers(headers)
  applySecurityHeaders(all, { secure: false })
  all.set('content-length', String(Buffer.byteLength(body)))
  all.set('connection', 'close')
  return { status, headers: Object.fromEntries(all), body }
}

/** The same as bytes, where there is no response object to write it: the parser has given up. */
export function refusalText({ status, headers, body }: RefusalParts): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}date: ${new Date().toUTCString()}\r\n\r\n${body}`
}
