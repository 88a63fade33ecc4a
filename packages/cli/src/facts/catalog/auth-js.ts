import { followCallback } from '../trace/call.js'
import { object, UNKNOWN } from '../trace/value.js'
import type { Library, Meaning } from './library.js'
import { maybeSomeone, outside } from './meaning.js'

const library = 'auth.js'
const session: Meaning = (call) => maybeSomeone(call, library)

/** `auth(handler)` calls the handler whoever asks, with the session on the request. */
const auth: Meaning = (call) => {
  const [wrapped] = call.args
  if (wrapped?.kind !== 'function') return session(call)
  const who = maybeSomeone(call, library)
  return followCallback(call.walker, wrapped, [object({ auth: who }), UNKNOWN], call.spot)
}

export const authJs: Library = {
  packages: ['next-auth', 'next-auth/', '@auth/'],
  calls: {
    'getServerSession()': session,
    'unstable_getServerSession()': session,
    'getSession()': session,
    'getToken()': session,
    'default().auth()': auth,
    'default().signIn()': outside(library),
    'default().signOut()': outside(library),
  },
}
