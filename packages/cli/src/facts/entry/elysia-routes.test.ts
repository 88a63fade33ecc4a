import { describe, expect, test } from 'vitest'
import { audit } from '../../audit.js'
import { RULEBOOK } from '../../rules/rulebook.js'
import { isGuarded } from '../ask/guarded.js'
import { readEntries } from '../read-project.js'
import { treeOf } from '../source/read-tree.js'
import type { TracedEntry } from '../trace/traced-entry.js'

const DB = `import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()`

/** Each route of a tree, with how it stands that deletes something: guarded, open, or open as far as can be shown. */
function standing(files: Readonly<Record<string, string>>): Record<string, string> {
  const entries = readEntries(treeOf({ 'src/db.ts': DB, ...files }))
  return Object.fromEntries(entries.map((one) => [`${one.entry.method} ${one.entry.path}`, standingOf(one)]))
}

function standingOf({ facts, isWhole }: TracedEntry): string {
  const work = facts.find((fact) => fact.fact === 'query' && fact.does === 'delete')
  if (work === undefined) return 'nothing'
  return isGuarded(work.known) ? 'guarded' : isWhole ? 'open' : 'unsure'
}

const HEAD = `import { Elysia, t } from 'elysia'
import { jwt } from '@elysiajs/jwt'
import { betterAuth } from 'better-auth'
import { db } from './db'
const auth = betterAuth({})
const token = jwt({ name: 'jwt', secret: process.env.SECRET! })
const clear = () => db.post.deleteMany({})
`

/** What stands in front of routes, and refuses whoever is not signed in. */
const SIGNED_IN = `async ({ status, request }) => {
  const session = await auth.api.getSession({ headers: request.headers })
  if (!session) return status(401)
  return { user: session.user }
}`
const REFUSES = `async ({ set, request }) => {
  const session = await auth.api.getSession({ headers: request.headers })
  if (!session) { set.status = 401; return 'Unauthorized' }
}`

const app = (chain: string, before = '') =>
  standing({ 'src/index.ts': `${HEAD}${before}\nnew Elysia()${chain}.listen(3000)` })

describe('routes of Elysia', () => {
  test('have the prefix of their app, of groups, and of the app that takes them in', () => {
    const routes = standing({
      'src/posts.ts': `${HEAD}export const posts = new Elysia({ prefix: '/posts' }).get('/', () => 'all').delete('/:id', clear)`,
      'src/users.ts':
        "import type { Elysia } from 'elysia'\nexport const users = (app: Elysia) => app.group('/users', (app) => app.get('/me', 'me'))",
      'src/index.ts': `${HEAD}import { posts } from './posts'
import { users } from './users'
new Elysia({ prefix: '/api' }).use(posts).use(users).route('PURGE', '/all', clear).listen(3000)`,
    })
    expect(routes).toEqual({
      'GET /api/posts': 'nothing',
      'DELETE /api/posts/:id': 'open',
      'GET /api/users/me': 'nothing',
      'PURGE /api/all': 'open',
    })
  })

  test.each([
    ['as its default', 'export default ', "import('./posts')"],
    ['by its name', 'export const posts = ', "import('./posts').then(({ posts }) => posts)"],
    ['as a function', 'export default (app: Elysia) => app.use(inner)\nconst inner = ', "import('./posts')"],
  ])('of a module that is loaded late, %s, stand behind what stands there', (_, given, taken) => {
    expect(
      standing({
        'src/posts.ts': `${HEAD}${given}new Elysia({ prefix: '/posts' }).delete('/', clear)`,
        'src/index.ts': `${HEAD}new Elysia().onBeforeHandle(${REFUSES}).use(${taken}).listen(3000)`,
      }),
    ).toEqual({ 'DELETE /posts': 'guarded' })
  })

  test.each([
    ['a socket', 'new Elysia()', '{ message: clear }', 'open'],
    ['a socket behind a hook', `new Elysia().onBeforeHandle(${REFUSES})`, '{ message: clear }', 'guarded'],
    ['a socket with a hook of its own', 'new Elysia()', `{ beforeHandle: ${REFUSES}, message: clear }`, 'guarded'],
    [
      'a socket that asks who is there',
      `new Elysia().derive(async ({ request }) => ({ session: await auth.api.getSession(request) }))`,
      '{ message(ws) { if (!ws.data.session) return ws.close(); return clear() } }',
      'guarded',
    ],
    [
      'a socket that closes on whom it does not want',
      'new Elysia()',
      '{ async open(ws) { if (!(await auth.api.getSession(ws.data.request))) ws.close() }, message: clear }',
      'unsure',
    ],
  ])('%s: who may send messages to it', (_, made, options, expected) => {
    const source = `${HEAD}${made}.ws('/chat', ${options}).listen(3000)`
    expect(standing({ 'src/index.ts': source })).toEqual({ 'WS /chat': expected })
  })

  test('of an app that a function makes are found', () => {
    expect(
      standing({
        'src/app.ts': `${HEAD}export function createApp() { return new Elysia().delete('/posts', clear) }`,
        'src/index.ts': "import { createApp } from './app'\ncreateApp().listen(3000)",
      }),
    ).toEqual({ 'DELETE /posts': 'open' })
  })

  test.each<[string, string, string, string?]>([
    ['a hook before it', `.onBeforeHandle(${REFUSES}).delete('/', clear)`, 'guarded'],
    ['a hook behind it', `.delete('/', clear).onBeforeHandle(${REFUSES})`, 'open'],
    ['hooks in a list', `.onBeforeHandle([() => {}, ${REFUSES}]).delete('/', clear)`, 'guarded'],
    [
      'a hook that only looks',
      ".onBeforeHandle(async ({ request }) => { console.log(await auth.api.getSession(request)) }).delete('/', clear)",
      'open',
    ],
    ['a hook of its own', `.delete('/', clear, { beforeHandle: ${REFUSES} })`, 'guarded'],
    ['what is resolved', `.resolve(${SIGNED_IN}).delete('/', clear)`, 'guarded'],
    [
      'what is derived, and asked',
      `.derive(async ({ request }) => ({ session: await auth.api.getSession(request) })).delete('/', ({ session, status }) => { if (!session) return status(401); return clear() })`,
      'guarded',
    ],
    [
      'what is derived, and not asked',
      `.derive(async ({ request }) => ({ session: await auth.api.getSession(request) })).delete('/', clear)`,
      'open',
    ],
    ['a guard around it', `.guard({ beforeHandle: ${REFUSES} }, (app) => app.delete('/', clear))`, 'guarded'],
    [
      'a guard around another',
      `.guard({ beforeHandle: ${REFUSES} }, (app) => app.get('/other', 'x')).delete('/', clear)`,
      'open',
    ],
    ['a guard before it', `.guard({ beforeHandle: ${REFUSES} }).delete('/', clear)`, 'guarded'],
    ['a group with hooks', `.group('', { beforeHandle: ${REFUSES} }, (app) => app.delete('/', clear))`, 'guarded'],
    ['a macro', `.macro({ signedIn: { resolve: ${SIGNED_IN} } }).delete('/', clear, { signedIn: true })`, 'guarded'],
    [
      'a macro that is a function',
      `.macro('signedIn', (is) => ({ resolve: ${SIGNED_IN} })).delete('/', clear, { signedIn: true })`,
      'guarded',
    ],
    [
      'a macro that is not asked for',
      `.macro({ signedIn: { resolve: ${SIGNED_IN} } }).delete('/', clear, { signedIn: false })`,
      'open',
    ],
    [
      'a token',
      ".use(token).delete('/', async ({ jwt, cookie, status }) => { if (!(await jwt.verify(cookie.auth.value))) throw status(401); return clear() })",
      'guarded',
    ],
    [
      "a token, that another app's plugin looks at",
      ".use(outer).delete('/', clear)",
      'guarded',
      "const outer = new Elysia().derive({ as: 'scoped' }, async ({ jwt, cookie }) => { const payload = await jwt.verify(cookie.auth.value); if (!payload) throw new Error('Unauthorized'); return { payload } })",
    ],
    ['what another app has put there', ".delete('/', ({ gate }) => { gate.pass(); return clear() })", 'unsure'],
    [
      'an answer that is imported',
      ".onBeforeHandle(async ({ request }) => { if (!(await auth.api.getSession(request))) return status(401) }).delete('/', clear)",
      'guarded',
      "import { status } from 'elysia'",
    ],
    [
      'a key',
      ".use(bearer()).delete('/', ({ bearer, status }) => bearer === process.env.API_KEY ? clear() : status(401))",
      'guarded',
      "import { bearer } from '@elysiajs/bearer'",
    ],
    [
      'an app that takes it in',
      `.onBeforeHandle(${REFUSES}).use(inner)`,
      'guarded',
      "const inner = new Elysia().delete('/', clear)",
    ],
    [
      'hooks of an app that it takes in',
      ".use(inner).delete('/', clear)",
      'open',
      `const inner = new Elysia().onBeforeHandle(${REFUSES})`,
    ],
    [
      'scoped hooks of an app that it takes in',
      ".use(inner).delete('/', clear)",
      'guarded',
      `const inner = new Elysia().onBeforeHandle({ as: 'scoped' }, ${REFUSES})`,
    ],
    [
      'scoped hooks from two apps away',
      ".use(outer).delete('/', clear)",
      'open',
      `const inner = new Elysia().derive({ as: 'scoped' }, ${SIGNED_IN})\nconst outer = new Elysia().use(inner)`,
    ],
    [
      'global hooks from two apps away',
      ".use(outer).delete('/', clear)",
      'guarded',
      `const inner = new Elysia().resolve({ as: 'global' }, ${SIGNED_IN})\nconst outer = new Elysia().use(inner)`,
    ],
    [
      'hooks of an app that is cast',
      ".use(inner).delete('/', clear)",
      'guarded',
      `const inner = new Elysia().resolve(${SIGNED_IN}).as('scoped')`,
    ],
    [
      'macros of an app that it takes in',
      ".use(inner).delete('/', clear, { signedIn: true })",
      'guarded',
      `const inner = new Elysia().macro({ signedIn: { resolve: ${SIGNED_IN} } })`,
    ],
    [
      'a plugin that nobody knows',
      ".use(authPlugin()).delete('/', clear)",
      'unsure',
      "import { authPlugin } from '@acme/elysia-auth'",
    ],
    [
      'a plugin that guards nothing',
      ".use(cors()).delete('/', clear)",
      'open',
      "import { cors } from '@elysiajs/cors'",
    ],
  ])('behind %s', (_, chain, expected, before = '') => {
    expect(app(chain, before)['DELETE /']).toBe(expected)
  })
})

async function said(chain: string): Promise<string[]> {
  const { findings, faults } = await audit(
    treeOf({
      'src/db.ts': DB,
      'src/index.ts': `${HEAD}new Elysia()\n  .resolve(${SIGNED_IN})\n${chain}\n  .listen(3000)`,
    }),
    RULEBOOK,
  )
  expect(faults).toEqual([])
  return findings.map(({ rule, confidence, symbolLine }) => `${rule} ${confidence} ${symbolLine}`)
}

describe('what the rules say of them', () => {
  test.each([
    [
      'a body as it came',
      ".post('/', ({ body, user }) => db.post.create({ data: { title: body.title, authorId: user.id } }))",
      ['input-unvalidated high 14'],
    ],
    [
      'a body that a schema has passed',
      ".post('/', ({ body, user }) => db.post.create({ data: { title: body.title, authorId: user.id } }), { body: t.Object({ title: t.String() }) })",
      [],
    ],
    [
      'a body that anything passes',
      ".post('/', ({ body, user }) => db.post.create({ data: { title: body.title, authorId: user.id } }), { body: t.Any() })",
      ['input-unvalidated high 14'],
    ],
    [
      'what comes over a socket',
      ".ws('/', { message: (ws, message) => db.post.create({ data: { title: message.title, authorId: ws.data.user.id } }) })",
      ['input-unvalidated high 14'],
    ],
    [
      'what comes over a socket and a schema has passed',
      ".ws('/', { body: t.Object({ title: t.String() }), message: (ws, { title }) => db.post.create({ data: { title, authorId: ws.data.user.id } }) })",
      [],
    ],
    [
      'a caught error',
      ".get('/', async () => { try { return await db.post.count() } catch (error) { console.error(error); return error } })",
      ['error-leak high 14'],
    ],
    [
      'a list',
      ".get('/', ({ user }) => db.post.findMany({ where: { authorId: user.id } }))",
      ['pagination-missing high 14'],
    ],
    [
      'two routes, each on its own line',
      ".get('/a', 'a')\n  .get('/b', ({ user }) => db.post.findMany({ where: { authorId: user.id } }))",
      ['pagination-missing high 15'],
    ],
    [
      "somebody else's row",
      ".delete('/:id', ({ params }) => db.post.delete({ where: { id: params.id } }), { params: t.Object({ id: t.String() }) })",
      ['ownership-missing high 14'],
    ],
    [
      "the caller's own row",
      ".delete('/:id', ({ params, user }) => db.post.delete({ where: { id: params.id, authorId: user.id } }), { params: t.Object({ id: t.String() }) })",
      [],
    ],
  ])('%s', async (_, chain, expected) => {
    expect(await said(`  ${chain}`)).toEqual(expected)
  })
})
