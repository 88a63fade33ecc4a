import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT } from './running.ts'

interface Manifest {
  readonly node: Readonly<Record<string, { readonly exportedName: string }>>
}

/** The id under which the client calls an exported action: what anybody can read in the page's own scripts. */
export function actionId(name: string): string {
  const file = join(PROJECT, '.next/server/server-reference-manifest.json')
  const { node } = JSON.parse(readFileSync(file, 'utf8')) as Manifest
  const id = Object.keys(node).find((each) => node[each]!.exportedName === name)
  if (id === undefined) throw new Error(`The build has no action ${name}`)
  return id
}

/** A call as Next.js' own client would make it of `useActionState`, or as somebody would by hand. */
export interface ActionCall {
  readonly id: string
  readonly cookie?: string
  /** `null` sends none. */
  readonly origin: string | null
  /** The fields of the form. */
  readonly fields?: Readonly<Record<string, string | Blob>>
  /** The arguments as they travel, in place of a form. */
  readonly raw?: string
}

export interface ActionAnswer {
  readonly status: number
  /** Where a success leads. */
  readonly redirect: string | null
  readonly text: string
}

export async function callAction(url: string, path: string, call: ActionCall): Promise<ActionAnswer> {
  const headers: Record<string, string> = { 'next-action': call.id, accept: 'text/x-component' }
  if (call.origin !== null) headers['origin'] = call.origin
  if (call.cookie !== undefined) headers['cookie'] = call.cookie
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: bodyOf(call), redirect: 'manual' })
  return {
    status: response.status,
    redirect: response.headers.get('x-action-redirect') ?? response.headers.get('location'),
    text: await response.text(),
  }
}

/** React's encoding: the arguments in part 0, the form of the second one in parts of its own. */
function bodyOf({ fields, raw }: ActionCall): FormData | string {
  if (fields === undefined) return raw ?? '[]'
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(`_1_${name}`, value)
  form.append('0', raw ?? '[null,"$K1"]')
  return form
}
