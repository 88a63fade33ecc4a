/**
 * Says that an event can never be processed: no further attempt is made, and a person decides.
 *
 * @example
 * if (event.data.currency !== 'eur') throw new PermanentError(`No account keeps ${event.data.currency}`)
 */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError'
}
