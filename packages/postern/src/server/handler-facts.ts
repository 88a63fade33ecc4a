import { ENDPOINT_FACTS } from '../handler.js'

/** What the server reads of the facts that a constructor leaves on its handler; there is more, for the inventory. */
export interface HandlerFacts {
  readonly kind: string
  readonly owns?: unknown
  readonly sees?: unknown
  readonly unowned?: unknown
}

/** The facts of a handler made by a constructor, or `null` for a bare function, which nothing guards. */
export function handlerFacts(handler: unknown): HandlerFacts | null {
  if (typeof handler !== 'function') return null
  const facts: unknown = Reflect.get(handler, ENDPOINT_FACTS)
  if (typeof facts !== 'object' || facts === null || !('kind' in facts)) return null
  return typeof facts.kind === 'string' ? (facts as HandlerFacts) : null
}
