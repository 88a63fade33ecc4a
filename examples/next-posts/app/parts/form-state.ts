import type { ActionError } from 'postern'

/** What a form is shown with after it was refused: `null` before, and when all went well. */
export type FormState = {
  readonly error: ActionError
  /** What was sent, so that nobody has to write it twice. */
  readonly values: Readonly<Record<string, string>>
} | null

export type FormAction = (before: FormState, form: FormData) => Promise<FormState>
