/** What a form is shown with after it was sent: `null` before. */
export type FormState = {
  readonly error: {
    readonly message: string
    readonly fieldErrors?: Readonly<Record<string, readonly string[]>> | undefined
  }
  /** What was sent, so that nobody has to write it twice. Passwords are left out. */
  readonly values: Readonly<Record<string, string>>
} | null

export type FormAction = (previous: FormState, form: FormData) => Promise<FormState>
