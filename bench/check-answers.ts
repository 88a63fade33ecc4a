import type { Credentials } from './requests.js'
import { CALLERS, postIds, userId } from './world.js'

interface Post {
  readonly id: string | number
  readonly title: string
  readonly ownerId: string
  readonly author?: { readonly ownerId: string }
}

const [ALICE, BOB] = [CALLERS[0]!, CALLERS[1]!]

/** A server that is quick because it leaves something out would win: throws where one does not answer as all must. */
export async function checkAnswers(name: string, url: string, credentials: Credentials): Promise<void> {
  const demand = (holds: boolean, what: string) => {
    if (!holds) throw new Error(`${name} does not answer as all must: ${what}`)
  }
  const ask = (method: string, path: string, caller: number | null, body?: object) =>
    fetch(`${url}/api/posts${path}`, {
      method,
      headers: { ...(caller === null ? {} : credentials(caller)), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const [hers, his] = [postIds(ALICE).at(-1)!, postIds(BOB).at(-1)!]

  const list = (await (await ask('GET', '', ALICE)).json()) as { data: Post[]; next: unknown }
  demand(list.data.length === 20 && list.next !== null, 'a list is a page of 20, and tells that there are more')
  demand(
    list.data.map(({ id }) => String(id)).join() === postIds(ALICE).slice(-20).toReversed().join(),
    'the newest first',
  )
  const isHers = ({ ownerId, author }: Post) => ownerId === userId(ALICE) && author?.ownerId === userId(ALICE)
  demand(list.data.every(isHers), "a list has the caller's rows, each with its author")

  const read = (await (await ask('GET', `/${hers}`, ALICE)).json()) as Post
  demand(String(read.id) === hers && read.ownerId === userId(ALICE), 'a row can be read')
  demand((await ask('GET', `/${his}`, ALICE)).status === 404, "another's row is not there")

  const input = { authorId: String(ALICE), title: 'A check', body: 'Words.' }
  const created = await ask('POST', '', ALICE, input)
  const made = (await created.json()) as Post
  demand(created.status === 201 && made.title === 'A check' && made.ownerId === userId(ALICE), 'a row can be created')
  const updated = (await (await ask('PATCH', `/${made.id}`, ALICE, { title: 'Changed' })).json()) as Post
  demand(updated.id === made.id && updated.title === 'Changed', 'a row can be updated')
  demand((await ask('PATCH', `/${his}`, ALICE, { title: 'Stolen' })).status === 404, "another's row can't be updated")
  const kept = (await (await ask('GET', `/${his}`, BOB)).json()) as Post
  demand(kept.title !== 'Stolen', "another's row stays as it was")
  demand((await ask('POST', '', ALICE, { ...input, title: '' })).status === 400, 'input that does not fit is refused')

  for (const [method, path] of [
    ['GET', ''],
    ['GET', `/${hers}`],
    ['POST', ''],
    ['PATCH', `/${hers}`],
  ] as const) {
    const { status } = await ask(method, path, null, method === 'GET' ? undefined : input)
    demand(status === 401, `nobody gets nothing from ${method} /api/posts${path}`)
  }
}
