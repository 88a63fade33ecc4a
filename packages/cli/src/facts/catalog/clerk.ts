import type { Value } from '../trace/model.js'
import { object } from '../trace/value.js'
import type { Library, Meaning } from './library.js'
import { maybeSomeone, outside, someone } from './meaning.js'
import { member, orNobody } from './identity.js'

const library = 'clerk'

const auth: Meaning = (call) => fieldsOf(maybeSomeone(call, library))

/** `auth()` always answers an object; what is in it is null where nobody is signed in. */
function fieldsOf(who: Value): Value {
  const field = (name: string) => [name, orNobody(who, (principal) => member(principal, name))] as const
  const names = ['userId', 'sessionId', 'orgId', 'orgRole', 'sessionClaims', 'isAuthenticated']
  return object(Object.fromEntries(names.map(field)))
}

export const clerk: Library = {
  packages: [
    '@clerk/nextjs',
    '@clerk/nextjs/',
    '@clerk/backend',
    '@clerk/express',
    '@clerk/fastify',
    '@clerk/clerk-sdk-node',
    '@hono/clerk-auth',
  ],
  calls: {
    'auth()': auth,
    'getAuth()': auth,
    'auth.protect()': (call) => someone(call, library),
    'auth().protect()': (call) => someone(call, library),
    'currentUser()': (call) => maybeSomeone(call, library),
    'clerkClient().users.updateUserMetadata()': outside(library),
    'clerkClient.users.updateUserMetadata()': outside(library),
  },
}
