import type { LibraryValue, ObjectValue, Value } from '../trace/model.js'
import { origin } from '../trace/origin.js'
import { from, literal, object, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { looksLikeCaller, maybeSomeone, partOf } from './meaning.js'
import { REQUEST } from './web.js'

/** What ends a hook or a handler: `status(401)`, `error(403, 'No')`, `redirect('/login')`. */
export const ELYSIA_ANSWER = 'elysia/answer'

const answer: Meaning = ({ walker, spot, args: [status = literal(200), body = UNDEFINED] }) => {
  walker.note(spot, { fact: 'answer', status, body })
  return { kind: 'library', package: ELYSIA_ANSWER, path: [{ name: 'answer', args: [] }], origins: [] }
}

const redirects: Meaning = (call) => answer({ ...call, args: [literal(302)] })

/** The calls that answer, where they are found that `way`. */
export function answeringBy(way: string): Record<string, Meaning> {
  return { [`${way}status()`]: answer, [`${way}error()`]: answer, [`${way}redirect()`]: redirects }
}

export const ELYSIA_CONTEXT: LibraryValue = {
  kind: 'library',
  package: 'elysia/context',
  path: [{ name: 'ctx' }],
  origins: [],
}

const JWT: LibraryValue = { ...ELYSIA_CONTEXT, package: 'elysia/jwt', path: [{ name: 'jwt' }] }

/** What is there of every request, beside its parts. */
const OWN = new Set(['set', 'store', 'path', 'route', 'server', 'response', 'code'])

/** An app may count on what only whoever takes it in has put there: a token's check, whoever is called like a caller, or nobody knows. */
const kept: NonNullable<Library['members']>[string] = ({ path }, walker) => {
  const { name } = path.at(-1)!
  if (OWN.has(name)) return UNKNOWN
  if (/jwt/i.test(name)) return JWT
  if (walker.here !== null && looksLikeCaller(name)) return maybeSomeone({ walker, spot: walker.here }, 'elysia')
  walker.isGuardUnsure = true
  return UNKNOWN
}

export const elysiaContext: Library = {
  packages: ['elysia/context'],
  calls: answeringBy('ctx.'),
  members: {
    'ctx.body': partOf('body'),
    'ctx.query': partOf('query'),
    'ctx.params': partOf('params'),
    'ctx.headers': partOf('headers'),
    'ctx.cookie': partOf('cookies'),
    'ctx.request': () => REQUEST,
    'ctx.status': (value) => value,
    'ctx.error': (value) => value,
    'ctx.redirect': (value) => value,
    'ctx.*': kept,
  },
}

/** What plugins of Elysia's own put there, by the name that they are given; `undefined` of anybody else's. */
export function putBy(plugin: Value, walker: Walker): ObjectValue | undefined {
  if (plugin.kind !== 'library' || !plugin.package.startsWith('@elysiajs/')) return undefined
  if (plugin.package === '@elysiajs/jwt')
    return object({ [textOf(propertyOf(plugin.path[0]?.args?.[0], 'name')) ?? 'jwt']: JWT })
  if (plugin.package !== '@elysiajs/bearer') return object({})
  const source = walker.sourceOf('headers')
  return object({
    bearer: from(origin({ from: 'input', part: 'headers', name: 'authorization', source, validated: false })),
  })
}

/** What such a plugin has put there is asked; an answer is what it is, whoever waits for it. */
export const elysiaPlugins: Library = {
  packages: ['elysia/jwt', ELYSIA_ANSWER],
  calls: { 'jwt.verify()': (call) => maybeSomeone(call, '@elysiajs/jwt'), 'jwt.sign()': () => UNKNOWN },
}
