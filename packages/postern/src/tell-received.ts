import type { Events } from './events.js'
import { arrivalOf } from './http/arrival.js'
import { pathnameOf } from './http/pathname.js'
import type { ProblemCode } from './problems.js'

/** Tells both ends of a request; the answer tells the second. */
export function tellReceived(request: Request, requestId: string, trustProxy: number, events: Events) {
  const seen = { requestId, method: request.method, path: pathnameOf(request.url) }
  const started = performance.now()
  events.emit({ type: 'request.received', ...seen, ...arrivalOf(request, trustProxy) })
  return (status: number, principalId: string | null, code: ProblemCode | null) => {
    const ms = performance.now() - started
    events.emit({ type: 'request.answered', ...seen, status, ms, principalId, code })
  }
}
