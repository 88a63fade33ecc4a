import { revalidatePath } from 'next/cache'
import { headers } from 'next/headers'
import { type Handler, problem, type ProblemDocument } from 'postern'
import type { FormState } from '../parts/form-state.ts'

/** What belongs to the form's own body, which is sent on as JSON, and conditions that were meant for the page. */
const OF_THE_FORM = /^(?:content-|if-|next-|rsc$|accept|transfer-encoding$|connection$|idempotency-key$)/

/** What came of a form: the answer of its endpoint, or what to show with the form again. */
export type Submitted<T> = { readonly data: T } | { readonly refused: NonNullable<FormState> }

/**
 * Sends a form to an endpoint, in the same process, as whoever sent the form: authentication, validation, ownership and the look at
 * where it comes from are the endpoint's. All pages are read anew when it is done, and none when it is refused.
 */
export async function submit<T>(
  endpoint: Handler,
  method: 'POST' | 'PATCH' | 'DELETE',
  form: unknown,
  id?: unknown,
): Promise<Submitted<T>> {
  // Whoever calls an action by hand sends what they like.
  if (!(form instanceof FormData)) throw problem('invalid')
  const values = textsOf(form)
  const params = id === undefined ? {} : { id: String(id) }
  const response = await endpoint(await formRequest(method, values), { params: Promise.resolve(params) })
  if (!response.ok) return { refused: refusal((await response.json()) as ProblemDocument, values) }
  revalidatePath('/', 'layout')
  return { data: (response.status === 204 ? undefined : await response.json()) as T }
}

async function formRequest(method: string, values: object): Promise<Request> {
  const given = await headers()
  // A browser says where a form was; Next.js lets one pass that doesn't.
  if (!given.has('origin')) throw problem('cross-site')
  const sent = new Headers({ 'content-type': 'application/json' })
  for (const [name, value] of given) if (!OF_THE_FORM.test(name)) sent.append(name, value)
  const body = method === 'DELETE' ? {} : { body: JSON.stringify(values) }
  return new Request(`http://${given.get('host')}/`, { method, headers: sent, ...body })
}

/** Next.js adds fields of its own, which begin with a dollar; the id goes into the path. */
function textsOf(form: FormData): Record<string, string> {
  const texts = [...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return Object.fromEntries(texts.filter(([name]) => name !== 'id' && !name.startsWith('$')))
}

function refusal({ code, title, detail, errors = [] }: ProblemDocument, values: Record<string, string>) {
  const fieldErrors: Record<string, string[]> = {}
  for (const { path, message } of errors) (fieldErrors[path.replace(/^body\./, '')] ??= []).push(message)
  const message = code === 'invalid' ? 'Some of it needs another look' : (detail ?? title)
  const { password: _, ...shown } = values
  return { error: { message, fieldErrors }, values: shown }
}
