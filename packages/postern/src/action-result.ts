import type { ProblemCode } from './problems.js'

/** What an action comes to: what it answers, or why not. It is plain data, and the same with and without JavaScript. */
export type ActionResult<T> =
  { readonly data: T; readonly error?: undefined } | { readonly data?: undefined; readonly error: ActionError }

/** Why an action was refused, in words for whoever filled in the form. */
export interface ActionError {
  readonly code: ProblemCode
  /** One sentence; a rule over several fields of the input says its own. */
  readonly message: string
  /** The log has the whole story under it. */
  readonly requestId: string
  /** What is wrong with each field, by its name: `title`, `address.street`. */
  readonly fieldErrors?: { readonly [field: string]: readonly string[] | undefined }
}

/** What an input may be sent as: itself, or a form that has its fields. */
type Sent<Input> = unknown extends Input ? FormData : Input | FormData

/**
 * An action: called with its input or a form, by `useActionState`, or as a form's `action`. It never throws what can be
 * expected; a framework's own control flow (a redirect) flies through it.
 */
export interface Action<Input, T> {
  (input: Sent<Input>): Promise<ActionResult<T>>
  /** As a form's `action`, whose result nobody reads. */
  (form: FormData): Promise<void>
  /** Last, because this is what a compiler infers from: `useActionState(createPost, null)`. */
  (previous: ActionResult<T> | null, input: Sent<Input>): Promise<ActionResult<T>>
}

/** An action that takes no input. */
export interface PlainAction<T> {
  (form?: FormData): Promise<ActionResult<T>>
  (form: FormData): Promise<void>
  (previous: ActionResult<T> | null, form?: FormData): Promise<ActionResult<T>>
}

/** An action some of whose fields are filled by bound arguments, which come first: `editPost.bind(null, post.id)`. */
export interface BoundAction<Bound extends readonly unknown[], Input, T> {
  (...args: [...bound: Bound, input?: Sent<Input>]): Promise<ActionResult<T>>
  bind(self: null, ...bound: Bound): {} extends Input ? Action<Input, T> & PlainAction<T> : Action<Input, T>
}
