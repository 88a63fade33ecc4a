import type { ActionResult } from 'postern'
import type { FormAction } from '../parts/form-state.ts'

/**
 * An action as a form shows it again after a refusal: with what was typed, without JavaScript too. An action itself never repeats
 * what it was sent; a password is not repeated here either.
 */
export function keeping(action: (form: FormData) => Promise<ActionResult<unknown>>): FormAction {
  return async (_before, form) => {
    const { error } = await action(form)
    return error === undefined ? null : { error, values: textsOf(form) }
  }
}

/** **Security:** whoever calls by hand sends what they like in the place of a form; the action has refused it by then. */
function textsOf(form: unknown): Record<string, string> {
  if (!(form instanceof FormData)) return {}
  const texts = [...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  // Next.js adds fields of its own, which begin with a dollar.
  return Object.fromEntries(texts.filter(([name]) => name !== 'password' && !name.startsWith('$')))
}
