import { beforeAll, expect, test } from 'vitest'
import { actionId, type ActionCall, callAction } from './action-calls.ts'
import type { Place } from './place.ts'
import { signedUp, type Visitor } from './visitor.ts'

/**
 * What somebody sends who has read the ids of the actions in the page's scripts and writes the calls by hand. Each of them comes after a
 * call of the same form that is allowed and has its effect, so that what is refused is refused for its reason.
 */
export function forgedCallsSuite(given: () => { readonly url: string; readonly place: Place }): void {
  let alice: Visitor
  let bob: Visitor
  let url: string
  let alices: { readonly id: string }
  let bobs: { readonly id: string }

  beforeAll(async () => {
    url = given().url
    alice = await signedUp(url, 'Alice')
    bob = await signedUp(url, 'Bob')
    const post = { title: 'Whose', body: 'Text' }
    alices = (await alice.send('POST', '/api/posts', post)).body
    bobs = (await bob.send('POST', '/api/posts', post)).body
  })

  const asBob = (name: string, call: Partial<ActionCall>) =>
    callAction(url, '/posts/new', { id: actionId(name), cookie: bob.cookie, origin: url, ...call })

  /** What a call brings about: nothing, where no row has changed and it does not lead on to what a success leads to. */
  async function effectOf(call: () => ReturnType<typeof asBob>): Promise<string> {
    const before = JSON.stringify(await given().place.rows())
    const { redirect } = await call()
    if (redirect !== null && /\/posts\/\d+|^\/;push/.test(redirect)) return `leads to ${redirect}`
    return JSON.stringify(await given().place.rows()) === before ? 'none' : 'rows have changed'
  }

  test('a call as the page makes it has its effect', async () => {
    const made = await asBob('createPost', { fields: { title: 'By hand', body: 'Text' } })
    expect(made.redirect).toMatch(/\/posts\/\d+/)
    const changed = await asBob('editPost', { fields: { id: bobs.id, title: 'By hand', body: 'Other' } })
    expect(changed.redirect).toContain(`/posts/${bobs.id}`)
    expect((await bob.get(`/api/posts/${bobs.id}`)).body).toMatchObject({ title: 'By hand', body: 'Other' })
  })

  test.each([
    ['editPost', { title: 'Stolen', body: 'Text' }],
    ['deletePost', {}],
  ])('%s of another’s post', async (name, fields) => {
    expect(await effectOf(() => asBob(name, { fields: { ...fields, id: alices.id } }))).toBe('none')
    expect((await alice.get(`/api/posts/${alices.id}`)).status).toBe(200)
  })

  test.each(['0', '-1', '99999999999999999999', "1' or '1'='1", '1,2', ''])('deletePost of %j', async (id) => {
    expect(await effectOf(() => asBob('deletePost', { fields: { id } }))).toBe('none')
  })

  test.each([
    ['a post that is not there', '999999'],
    ['no post', ''],
  ])('createComment on %s', async (_name, postId) => {
    expect(await effectOf(() => asBob('createComment', { fields: { postId, text: 'Hm' } }))).toBe('none')
  })

  test('an author page of somebody else', async () => {
    const [{ id }] = ((await bob.get('/api/users?search=Alice')).body as { data: [{ id: string }] }).data
    expect(await effectOf(() => asBob('saveAuthor', { fields: { id, name: 'Mallory', about: '' } }))).toBe('none')
  })

  test.each([{ authorId: '1' }, { ownerId: 'somebody' }, { createdAt: '2020-01-01' }])(
    'createPost with the extra field %o',
    async (extra) => {
      expect(
        await effectOf(() => asBob('createPost', { fields: { title: 'Extra', body: 'Text', ...(extra as object) } })),
      ).toBe('none')
    },
  )

  test.each([
    ['no form', { raw: '[null,{"title":1,"body":{"a":1}}]' }],
    ['no arguments', { raw: '[]' }],
    ['a form in the place of what was before', { raw: '["$K1",null]', fields: { title: 'x', body: 'y' } }],
    ['a file for a text', { fields: { title: new Blob(['x']), body: 'y' } }],
    ['something else than arguments', { raw: '{"then":"$F1"}' }],
    ['a reference to nothing', { raw: '[null,"$K7"]' }],
    ['no JSON', { raw: '[null,' }],
  ] satisfies [string, Partial<ActionCall>][])('createPost of the wrong types: %s', async (_name, call) => {
    expect(await effectOf(() => asBob('createPost', call))).toBe('none')
  })

  test.each([null, 'https://evil.example', 'null', 'http://127.0.0.1:1', 'x'])(
    'a call from the origin %s',
    async (origin) => {
      expect(await effectOf(() => asBob('createPost', { fields: { title: 'Origin', body: 'Text' }, origin }))).toBe(
        'none',
      )
      expect(await effectOf(() => asBob('deletePost', { fields: { id: bobs.id }, origin }))).toBe('none')
    },
  )

  test('a call of nobody', async () => {
    expect(
      await effectOf(() =>
        callAction(url, '/posts/new', { id: actionId('createPost'), origin: url, fields: { title: 'x', body: 'y' } }),
      ),
    ).toBe('none')
  })

  test('an action that is not there', async () => {
    expect(await effectOf(() => asBob('createPost', { id: '0'.repeat(42), fields: { title: 'x', body: 'y' } }))).toBe(
      'none',
    )
  })
}
