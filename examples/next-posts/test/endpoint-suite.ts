import { beforeAll, expect, test } from 'vitest'
import { nobody, signedUp, type Visitor } from './visitor.ts'

/**
 * What the route files promise, whoever serves them. Methods that a file does not export and paths that no file answers
 * belong to the host, and are not asked here.
 */
export function endpointSuite(address: () => string): void {
  let alice: Visitor
  let bob: Visitor
  beforeAll(async () => {
    alice = await signedUp(address(), 'Alice')
    bob = await signedUp(address(), 'Bob')
  })
  const write = async (title: string) => (await alice.send('POST', '/api/posts', { title, body: 'Text' })).body as Row

  test('nobody reads posts, and writes none', async () => {
    const list = await nobody(address()).get('/api/posts?limit=1')
    expect(list).toMatchObject({ status: 200, body: { data: expect.any(Array) } })
    const refused = await nobody(address()).send('POST', '/api/posts', { title: 'x', body: 'y' })
    expect(refused).toMatchObject({ status: 401, body: { code: 'unauthenticated', requestId: expect.any(String) } })
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
  })

  test('answers carry the headers that keep them from being misused', async () => {
    const { headers } = await nobody(address()).get('/api/posts')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-request-id')).toMatch(/^[\w-]{8,}$/)
  })

  test('who signs up is an author, under no more than a name', async () => {
    const { body } = await nobody(address()).get('/api/users?search=Alice')
    expect((body as { data: object[] }).data.length).toBeGreaterThan(0)
    expect(JSON.stringify(body)).not.toContain('@example.com')
  })

  test('a post is made by its author, and a body that says otherwise is refused', async () => {
    for (const extra of [{ authorId: '1' }, { ownerId: 'bob' }, { id: '1' }]) {
      const refused = await alice.send('POST', '/api/posts', { title: 'Dawn', body: 'Text', ...extra })
      expect(refused.status).toBe(400)
    }
    const made = await alice.send('POST', '/api/posts', { title: ' Dawn ', body: 'Text' })
    expect(made).toMatchObject({ status: 201, body: { title: 'Dawn' } })
    const { id, authorId, ownerId } = made.body as Row
    expect(made.headers.get('location')).toContain(id)
    const read = await nobody(address()).get(`/api/posts/${id}`)
    expect(read).toMatchObject({
      status: 200,
      body: { id, authorId, author: { id: authorId, name: 'Alice', ownerId } },
    })
    expect((await bob.get('/api/users?search=Bob')).body).not.toMatchObject({ data: [{ ownerId }] })
  })

  test('what is wrong with a body is told all at once, and nothing is made', async () => {
    const before = (await alice.get('/api/posts/archive?limit=1')).body as { total: number }
    const refused = await alice.send('POST', '/api/posts', { title: '', body: 7 })
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid' } })
    const { errors } = refused.body as { errors: { path: string }[] }
    expect(errors.map(({ path }) => path).sort()).toEqual(['body.body', 'body.title'])
    expect((await alice.send('POST', '/api/posts', '{"title":')).status).toBe(400)
    expect((await alice.get('/api/posts/archive?limit=1')).body).toMatchObject({ total: before.total })
  })

  test('its author changes and deletes a post; for another it is not there, and stays as it is', async () => {
    const post = await write('Noon')
    expect((await alice.send('PATCH', `/api/posts/${post.id}`, { title: 'Noon, again' })).body).toMatchObject({
      title: 'Noon, again',
      body: 'Text',
    })
    const row = (await alice.get(`/api/posts/${post.id}`)).body
    expect((await bob.send('PATCH', `/api/posts/${post.id}`, { title: 'Mine' })).status).toBe(404)
    expect((await bob.send('DELETE', `/api/posts/${post.id}`)).status).toBe(404)
    expect((await nobody(address()).send('DELETE', `/api/posts/${post.id}`)).status).toBe(401)
    expect((await alice.get(`/api/posts/${post.id}`)).body).toEqual(row)
    expect((await alice.send('DELETE', `/api/posts/${post.id}`)).status).toBe(204)
    expect((await alice.get(`/api/posts/${post.id}`)).status).toBe(404)
  })

  test.each(['0', '99999999999999999999', 'x', "1'--", '-1'])('there is no post %s', async (id) => {
    expect((await nobody(address()).get(`/api/posts/${id}`)).status).toBe(404)
  })

  test('a write that another site made the browser send is refused', async () => {
    const post = await write('Evening')
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const refused = await alice.send('PATCH', `/api/posts/${post.id}`, { title: 'Stolen' }, headers)
      expect(refused).toMatchObject({ status: 403, body: { code: 'cross-site' } })
    }
    expect((await alice.get(`/api/posts/${post.id}`)).body).toMatchObject({ title: 'Evening' })
  })

  test('anybody who signed in comments on another’s post, under their own name', async () => {
    const post = await write('Night')
    const path = `/api/posts/${post.id}/comments`
    expect((await nobody(address()).send('POST', path, { text: 'Hm' })).status).toBe(401)
    expect((await bob.send('POST', path, { text: 'Well seen' })).status).toBe(201)
    const { body } = await nobody(address()).get(path)
    expect((body as { data: object[] }).data).toMatchObject([{ text: 'Well seen', author: { name: 'Bob' } }])
    expect((await bob.send('POST', '/api/posts/999999/comments', { text: 'x' })).status).toBe(404)
    expect((await alice.send('DELETE', `/api/posts/${post.id}`)).status).toBe(204)
  })

  test('pages by cursor give each post once, and the same ones as pages by number', async () => {
    for (let index = 0; index < 7; index += 1) await write(`Watch ${index}`)
    const byCursor: string[] = []
    let after: string | null = ''
    while (after !== null) {
      const { body } = await nobody(address()).get(`/api/posts?limit=3${after === '' ? '' : `&after=${after}`}`)
      const page = body as { data: Row[]; next: string | null }
      byCursor.push(...page.data.map(({ id }) => id))
      after = page.next === null ? null : encodeURIComponent(page.next)
    }
    const byNumber: string[] = []
    for (let number = 1, pages = 1; number <= pages; number += 1) {
      const { body } = await nobody(address()).get(`/api/posts/archive?limit=4&page=${number}`)
      byNumber.push(...(body as { data: Row[] }).data.map(({ id }) => id))
      pages = (body as { pages: number }).pages
    }
    expect(byCursor.length).toBeGreaterThanOrEqual(7)
    expect(new Set(byCursor).size).toBe(byCursor.length)
    expect(byNumber).toEqual(byCursor)
  })

  test.each(['after=forged', 'limit=101', 'sort=ownerId', 'ownerId=x'])(
    'a list is not asked for ?%s',
    async (query) => {
      expect((await nobody(address()).get(`/api/posts?${query}`)).status).toBe(400)
    },
  )

  test('nobody writes on another’s author page, or makes themselves a second one', async () => {
    const { ownerId, authorId } = await write('Moat')
    expect((await bob.send('PATCH', `/api/users/${authorId}`, { name: 'Mallory' })).status).toBe(404)
    expect((await alice.send('POST', '/api/users', { name: 'Alice the second' })).status).toBe(409)
    expect((await bob.get(`/api/users/${authorId}`)).body).toMatchObject({ name: 'Alice', ownerId })
    expect((await alice.send('PATCH', `/api/users/${authorId}`, { about: 'Gates' })).body).toMatchObject({
      about: 'Gates',
    })
  })
}

interface Row {
  readonly id: string
  readonly authorId: string
  readonly ownerId: string
}
