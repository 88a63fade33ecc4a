/**
 * An answer of text or nothing that carries all it should, for a client that spoke this protocol: the server passes it on as it
 * is. Asking a `Response` for its headers or its body makes objects that most answers never need (7 µs and more).
 */
export function asComplete(response: Response, protocol: 'http' | 'https'): Response {
  ;(response as Marked)[COMPLETE] = protocol
  return response
}

/** The protocol for which it is complete. */
export function completeFor(response: Response): 'http' | 'https' | undefined {
  return (response as Marked)[COMPLETE]
}

// Under a global symbol: a bundle may hold two copies of this module.
const COMPLETE = Symbol.for('postern.complete')

type Marked = Response & { [COMPLETE]?: 'http' | 'https' }
