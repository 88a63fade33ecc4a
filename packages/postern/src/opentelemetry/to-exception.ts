import type { Exception } from '@opentelemetry/api'

/**
 * **Security:** what libraries hang on an error (headers of a failed call, a row of another owner) stays behind: the SDK
 * is given three texts, and for what is no error its text, as the log writes it.
 */
export function toException(error: unknown): Exception {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) }
  return { name: error.name, message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) }
}
