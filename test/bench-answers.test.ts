import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { checkAnswers } from '../bench/check-answers.js'
import { CALLERS, postIds, userId } from '../bench/world.js'

interface Post {
  readonly id: string
  readonly title: string
  readonly ownerId: string
  readonly author: { readonly ownerId: string }
}

/** What a server under comparison could leave out to be quicker. */
type Sabotage =
  'no token asked' | 'no owner compared' | 'no author' | 'a shorter page' | 'oldest first' | 'no validation'

let server: Server
afterEach(() => new Promise((resolve) => server.close(resolve)))

const credentials = (n: number) => ({ authorization: userId(n) })

/** The routes of the benchmark over a map, whole or with something left out. */
async function servePosts(sabotage?: Sabotage): Promise<string> {
  const posts = new Map<string, Post>()
  const add = (id: string, ownerId: string, title: string) => {
    const post = { id, title, ownerId, author: { ownerId } }
    posts.set(id, post)
    return post
  }
  for (const n of CALLERS.slice(0, 2)) for (const id of postIds(n)) add(id, userId(n), `Post ${id}`)

  const answer = (method: string, path: string, caller: string | undefined, body: { title?: string }) => {
    const owner = caller ?? (sabotage === 'no token asked' ? userId(CALLERS[0]!) : undefined)
    if (owner === undefined) return [401, {}]
    const isTheirs = (post: Post) => post.ownerId === owner || sabotage === 'no owner compared'
    if (method === 'GET' && path === '/api/posts') {
      const theirs = [...posts.values()].filter((post) => post.ownerId === owner)
      const page = sabotage === 'oldest first' ? theirs.slice(0, 20) : theirs.slice(-20).toReversed()
      const data = page.map(({ author, ...post }) => (sabotage === 'no author' ? post : { ...post, author }))
      return [200, { data: sabotage === 'a shorter page' ? data.slice(1) : data, next: '1' }]
    }
    if (method !== 'GET' && body.title === '' && sabotage !== 'no validation') return [400, {}]
    if (method === 'POST') return [201, add(String(1e6 + posts.size), owner, body.title ?? '')]
    const post = posts.get(path.slice('/api/posts/'.length))
    if (post === undefined || !isTheirs(post)) return [404, {}]
    return [200, method === 'GET' ? post : add(post.id, post.ownerId, body.title ?? '')]
  }
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const body = text === '' ? {} : (JSON.parse(text) as { title?: string })
      const [status, json] = answer(request.method!, request.url!, request.headers.authorization, body)
      response.writeHead(status as number, { connection: 'close' }).end(JSON.stringify(json))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a server that does all that the others do is measured', async () => {
  await expect(checkAnswers('whole', await servePosts(), credentials)).resolves.toBeUndefined()
})

test.each<[Sabotage, string]>([
  ['no token asked', 'nobody gets nothing from GET /api/posts'],
  ['no owner compared', "another's row is not there"],
  ['no author', "a list has the caller's rows, each with its author"],
  ['a shorter page', 'a list is a page of 20'],
  ['oldest first', 'the newest first'],
  ['no validation', 'input that does not fit is refused'],
])('a server with %s is not', async (sabotage, what) => {
  await expect(checkAnswers('quick', await servePosts(sabotage), credentials)).rejects.toThrow(
    `quick does not answer as all must: ${what}`,
  )
})
