import type { LibraryValue, Value } from '../trace/model.js'
import { callValue } from '../trace/call.js'
import { either, isNullish, literal, object, UNDEFINED, UNKNOWN } from '../trace/value.js'
import { type Library, type Meaning, propertyOf } from './library.js'
import { lookUp } from './meaning.js'
import { verdictOf, withMember } from './verdict.js'

const library = 'auth.js'

/** `withAuth` of next-auth 4, called with a request: without a token it redirects, unless `authorized` says otherwise. */
const behindWithAuth: Meaning = (call) => {
  const given = call.value.path[0]?.args ?? []
  const handler = given.find(({ kind }) => kind === 'function')
  const options = given.find(({ kind }) => kind === 'object')
  return behind(call, handler, options, call.args[0] ?? UNKNOWN)
}

function behind(
  call: Parameters<Meaning>[0],
  handler: Value | undefined,
  options: Value | undefined,
  request: Value,
): Value {
  const { walker, spot } = call
  const { who, authenticated } = lookUp(call, library)
  const token = either([
    { value: who, given: [authenticated] },
    { value: literal(null), given: [] },
  ])
  const authorized = propertyOf(propertyOf(options, 'callbacks'), 'authorized')
  const verdict = verdictOf(
    authorized === undefined ? token : callValue(walker, authorized, [object({ token, req: request })], { spot }),
  )
  const refused = verdict.kind === 'either' ? verdict.cases : [{ value: verdict, given: [] }]
  const isOpen = refused.filter(({ value }) => value === UNDEFINED || isNullish(value))
  if (isOpen.length === 0) return verdict
  if (isOpen.length === 1) walker.learn(spot, isOpen[0]!.given)
  if (handler === undefined) return isOpen.length === 1 ? UNDEFINED : verdict
  const nextauth = object({ token })
  return callValue(walker, handler, [withMember(request, 'nextauth', nextauth), UNKNOWN], { spot })
}

/** `export { default } from 'next-auth/middleware'` is one without options. */
const asMiddleware: Meaning = (call) => {
  const [first] = call.args
  if ((first as LibraryValue | undefined)?.package === 'web') return behind(call, undefined, undefined, first!)
  return call.value
}

export const authJsMiddleware: Library = {
  packages: ['next-auth/middleware'],
  calls: {
    'default()': asMiddleware,
    'withAuth()': asMiddleware,
    'default().()': behindWithAuth,
    'withAuth().()': behindWithAuth,
  },
}
