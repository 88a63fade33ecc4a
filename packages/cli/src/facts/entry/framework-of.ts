import type { Value } from '../trace/model.js'

/** Whose rules a handler is under: one that Postern made catches, logs and masks what is thrown in it, wherever it is served. */
export function frameworkOf(handler: Value, host: string): string {
  const isOurs =
    handler.kind === 'library' &&
    /^postern(?:\/|$)/.test(handler.package) &&
    handler.path.some(({ name, args }) => args !== undefined && /^(?:endpoint|action|webhook)$/.test(name))
  return isOurs ? 'postern' : host
}
