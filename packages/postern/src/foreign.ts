import { ENDPOINT_FACTS, type Handler, type HandlerFunction } from './handler.js'

/**
 * Marks a handler that Postern does not guard: one that another library made and guards itself. The reason stands in
 * the inventory, so that a reader can judge it. Throws when the reason is empty.
 *
 * @example
 * export const GET = foreign('the payment library answers and verifies this itself', (request) => payments.handle(request))
 */
export function foreign(reason: string, handler: HandlerFunction): Handler {
  if (reason.trim() === '') throw new TypeError('foreign() needs a reason: say who guards this handler')
  // A wrapper, because the library's own function may be frozen, or shared by two routes for two reasons.
  const marked: HandlerFunction = (request, context) => handler(request, context)
  return Object.defineProperty(marked, ENDPOINT_FACTS, { value: { kind: 'foreign', reason } })
}
