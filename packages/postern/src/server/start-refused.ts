/** Why a server does not start: one sentence for a person, and in `hint` what to do next. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
  readonly hint: string

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.hint = hint
  }
}
