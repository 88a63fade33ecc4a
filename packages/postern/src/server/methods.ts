import type { Handler } from '../handler.js'

/** The methods that a route file may export, as the App Router reads them. Anything else is answered 405. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** One of them. */
export type Method = (typeof METHODS)[number]

/** What a route file exports. */
export type RouteModule = Readonly<Record<string, unknown>>

/** The handlers of a module by method. What is exported beside them (`dynamic`, `runtime`) is the host's business. */
export function methodsOf(module: RouteModule): ReadonlyMap<string, Handler> {
  const found = METHODS.filter((method) => typeof module[method] === 'function')
  return new Map(found.map((method) => [method, module[method] as Handler]))
}

/** The handler for a method; HEAD is GET without the body (RFC 9110 §9.3.2). */
export function handlerFor(methods: ReadonlyMap<string, Handler>, method: string): Handler | undefined {
  return methods.get(method) ?? (method === 'HEAD' ? methods.get('GET') : undefined)
}

/** The value of `Allow`: what is exported, and what is answered without being exported. */
export function allowedMethods(methods: ReadonlyMap<string, Handler>): string {
  const implied = methods.has('GET') ? ['HEAD', 'OPTIONS'] : ['OPTIONS']
  return [...new Set([...methods.keys(), ...implied])].sort().join(', ')
}
