/**
 * Calls `listener` when the client goes away before it has its answer. The answer to this call stops that.
 *
 * Our own server says of each request how to watch its socket; a request from elsewhere has a signal, which costs more.
 */
export function whenAbandoned(request: Request, listener: (reason: unknown) => void): () => void {
  const watch = (request as FromSocket)[WATCH]
  if (watch !== undefined) return watch(listener)
  const { signal } = request
  const leave = () => listener(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  return () => signal.removeEventListener('abort', leave)
}

/** Says that a request came over a socket of Node's HTTP server, and how to learn that its client has gone away. */
export function markFromSocket(request: Request, watch: Watch): void {
  ;(request as FromSocket)[WATCH] = watch
}

/** Whether Node's HTTP parser has read this request, so that its body is as long as it says. */
export function isFromSocket(request: Request): boolean {
  return (request as FromSocket)[WATCH] !== undefined
}

/** Starts listening; the answer stops it. */
export type Watch = (listener: (reason: unknown) => void) => () => void

// On the request itself and under a global symbol: a bundle may hold two copies of this module.
const WATCH = Symbol.for('postern.from-socket')

type FromSocket = Request & { [WATCH]?: Watch }
