import { callValue } from '../trace/call.js'
import { object, UNDEFINED, UNKNOWN } from '../trace/value.js'
import { type Library, type Meaning, propertyOf } from './library.js'
import { maybeSomeone, outside } from './meaning.js'
import { verdictOf, withMember } from './verdict.js'

const library = 'auth.js'
const session: Meaning = (call) => maybeSomeone(call, library)

/** `auth()` is the session, `auth(handler)` a handler with the session on its request, `auth(request)` a middleware. */
const auth: Meaning = (call) => {
  const [first] = call.args
  // What calls it is met when somebody calls what comes of it.
  if (first?.kind === 'function') return call.value
  if (first?.kind !== 'library' || first.package !== 'web') return session(call)
  const authorized = propertyOf(propertyOf(call.value.path[0]?.args?.[0], 'callbacks'), 'authorized')
  if (authorized === undefined) return UNDEFINED
  const who = maybeSomeone(call, library)
  return verdictOf(callValue(call.walker, authorized, [object({ auth: who, request: first })], { spot: call.spot }))
}

/** Whoever asks, the handler is called: it finds the session, or nothing, on its request. */
const withSession: Meaning = (call) => {
  const handler = call.value.path.at(-2)?.args?.[0] ?? UNKNOWN
  const [request = UNKNOWN, context = UNKNOWN] = call.args
  return callValue(call.walker, handler, [withMember(request, 'auth', maybeSomeone(call, library)), context], call)
}

export const authJs: Library = {
  packages: ['next-auth', 'next-auth/', '@auth/'],
  calls: {
    'getServerSession()': session,
    'unstable_getServerSession()': session,
    'getSession()': session,
    'getToken()': session,
    'default().auth()': auth,
    'default().auth().()': withSession,
    'default().signIn()': outside(library),
    'default().signOut()': outside(library),
  },
}
