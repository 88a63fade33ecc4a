import { decodeBase64, type Tolerance } from 'postern/webhooks'
import type { Question } from './judge-delivery.js'

/** A line of `--batch`: what to judge, or what is wrong with it, in words for whoever wrote it. */
export type Line = { readonly id: unknown } & ({ readonly question: Question } | { readonly fault: string })

/** Reads one line of JSON. Throws on nothing that a line can hold. */
export function readLine(text: string, clock: () => Date): Line {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return { id: null, fault: 'it is not JSON' }
  }
  if (!isObject(line)) return { id: null, fault: 'it is not an object' }
  const id = line['id'] ?? null
  try {
    return { id, question: questionOf(line, clock) }
  } catch (error) {
    return { id, fault: error instanceof Fault ? error.message : 'it cannot be read' }
  }
}

function questionOf(line: Readonly<Record<string, unknown>>, clock: () => Date): Question {
  const { provider, secrets, headers, body, url, method, now, tolerance } = line
  if (typeof provider !== 'string') throw new Fault('provider is not a text')
  const texts = typeof secrets === 'string' ? [secrets] : secrets
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string'))
    throw new Fault('secrets is not a list of texts')
  if (typeof body !== 'string') throw new Fault('body is not a text in base64')
  const bytes = body === '' ? new Uint8Array() : decodeBase64(body)
  if (bytes === null) throw new Fault('body is not base64')
  return {
    provider,
    secrets: texts,
    delivery: {
      method: optionalText('method', method) ?? 'POST',
      url: optionalText('url', url) ?? '',
      headers: toHeaders(headers),
      body: bytes,
    },
    now: now === undefined || now === null ? clock() : toDate(now),
    tolerance: tolerance === undefined || tolerance === null ? null : toTolerance(tolerance),
  }
}

/** Headers as JSON has them: a text for each name, or a list of texts. Throws a `Fault` for what no request could bring. */
export function toHeaders(value: unknown): Headers {
  if (!isObject(value)) throw new Fault('headers is not an object')
  const headers = new Headers()
  for (const [name, said] of Object.entries(value)) {
    for (const one of [said].flat()) {
      if (one === null) continue
      if (typeof one !== 'string' && typeof one !== 'number')
        throw new Fault('a header is neither a text nor a list of texts')
      try {
        headers.append(name, String(one))
      } catch {
        // The name may be long, and is somebody's.
        throw new Fault('a header has a name or a value that no request can have')
      }
    }
  }
  return headers
}

function toDate(now: unknown): Date {
  const date = typeof now === 'number' ? new Date(now * 1000) : null
  if (date === null || Number.isNaN(date.getTime())) throw new Fault('now is not a number of seconds since 1970')
  return date
}

function toTolerance(tolerance: unknown): Tolerance {
  if (tolerance === 'any-age') return tolerance
  if (typeof tolerance === 'number' && Number.isSafeInteger(tolerance) && tolerance >= 0) return tolerance
  throw new Fault("tolerance is neither whole seconds nor 'any-age'")
}

function optionalText(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw new Fault(`${name} is not a text`)
  return value
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is wrong with a question: a clause, which quotes nothing of it. */
export class Fault extends Error {}
