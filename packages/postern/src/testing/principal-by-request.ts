import type { Authenticate, Principal } from '../principal.js'
import type { EndpointOptions } from '../runtime.js'

/** A test's word for who calls, in the place of the backend's own authentication. */
interface PrincipalByRequest {
  /** Says who sends this request. Requests of which nothing was said are the project's own authentication's to judge. */
  say(request: Request, principal: Principal | null): void
  /** Gives the backend its own authentication back. */
  restore(): void
}

/** Throws when the backend is under test already: its requests would not know in which test they are. */
export function principalByRequest(runtime: EndpointOptions): PrincipalByRequest {
  const own = runtime.authenticate
  if (TESTED in own) throw new Error('This backend is under test already: close() the test backend before another one')
  const callers = new WeakMap<Request, Principal | null>()
  const said = (request: Request) => (callers.has(request) ? callers.get(request)! : own(request))
  runtime.authenticate = Object.assign(said as Authenticate, own, { [TESTED]: true })
  return {
    say: (request, principal) => void callers.set(request, principal),
    restore: () => void (runtime.authenticate = own),
  }
}

const TESTED = Symbol.for('postern.under-test')
