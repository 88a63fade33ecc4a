import type { Attributes } from '@opentelemetry/api'
import type { Event } from '../events.js'

type Received = Extract<Event, { type: 'request.received' }>
type Answered = Extract<Event, { type: 'request.answered' }>

/** Of which requests a measure is: few values each, because every combination is a series of its own. */
export function measureAttributes({ method, scheme, route }: Received): Attributes {
  return {
    'http.request.method': knownMethod(method),
    'url.scheme': scheme,
    ...(route === null ? {} : { 'http.route': route }),
  }
}

export function spanAttributes(event: Received): Attributes {
  const known = knownMethod(event.method)
  const original = known === event.method ? {} : { 'http.request.method_original': event.method }
  return { ...measureAttributes(event), ...original, 'url.path': event.path }
}

/** `{method} {route}`: never the path, of which there are as many as there are rows. */
export function spanName({ method, route }: Received): string {
  const known = knownMethod(method)
  const verb = known === OTHER ? 'HTTP' : known
  return route === null ? verb : `${verb} ${route}`
}

/** How it ended. Nobody got the status of a request whose client had gone. */
export function outcomeAttributes({ status, code }: Answered, isAbandoned: boolean): Attributes {
  if (isAbandoned) return { 'error.type': 'abandoned' }
  const failed = isServerError(status) ? { 'error.type': code ?? String(status) } : {}
  return { 'http.response.status_code': status, ...failed }
}

/** What a client did wrong is no error of a server's span. */
export function isServerError(status: number): boolean {
  return status >= 500
}

const OTHER = '_OTHER'

/** A method is the client's text: one that is not in the conventions' list would be a series of its own. */
function knownMethod(method: string): string {
  return METHODS.has(method) ? method : OTHER
}

const METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'])
