import type { LibraryValue, NativeFunction, Value } from '../trace/model.js'
import { fitsPattern } from '../entry/path-pattern.js'
import { callValue } from '../trace/call.js'
import { either, literal, object, UNDEFINED, UNKNOWN } from '../trace/value.js'
import { goesOn, guards } from './goes-on.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { maybeSomeone, outside, someone } from './meaning.js'
import { fieldsOf } from './identity.js'

const library = 'clerk'

/** What `auth()` answers is always there; what is in it is nothing where nobody is signed in. */
const FIELDS = ['userId', 'sessionId', 'orgId', 'orgRole', 'sessionClaims', 'isAuthenticated']

const native = (name: string, told: NativeFunction['call']): NativeFunction => ({ kind: 'native', name, call: told })

const auth: Meaning = (call) => {
  const { walker } = call
  const fields = fieldsOf(maybeSomeone(call, library), FIELDS)
  return {
    ...fields,
    properties: new Map<string, Value>([
      ...fields.properties,
      ['protect', native('protect', (_, { spot }) => someone({ walker, spot }, library))],
      ['redirectToSignIn', native('redirectToSignIn', () => object({ status: literal(307) }))],
    ]),
  }
}

/** What a middleware is given as `auth`. */
const AUTH: LibraryValue = { kind: 'library', package: '@clerk/nextjs/server', path: [{ name: 'auth' }], origins: [] }

/** `clerkMiddleware(handler)` asks nobody by itself: it refuses where its handler does. Of Express and Hono it has none, and goes on. */
const behindClerk: Meaning = (call) => {
  const { value, args, walker, spot } = call
  const handler = value.path[0]?.args?.[0]
  if (handler?.kind === 'function') return callValue(walker, handler, [AUTH, ...args], { spot })
  return args.some(({ kind }) => kind === 'native') ? goesOn(call) : UNDEFINED
}

/** `createRouteMatcher(['/dashboard(.*)'])(request)`. */
const isRoute: Meaning = ({ value, args: [request] }) => fits(request, value.path[0]?.args?.[0])

function fits(request: Value | undefined, patterns: Value | undefined): Value {
  const path = textOf(addressOf(request))
  const all = patterns?.kind === 'list' && patterns.isWhole ? patterns.items : [patterns ?? UNKNOWN]
  if (path === undefined) return UNKNOWN
  const found = all.map((one) => {
    const pattern = textOf(one)
    return pattern === undefined ? undefined : fitsPattern(path, pattern)
  })
  return found.includes(true) ? literal(true) : found.includes(undefined) ? UNKNOWN : literal(false)
}

function addressOf(request: Value | undefined): Value | undefined {
  return request?.kind === 'library' && request.package === 'web' ? request.path[0]?.args?.[0] : undefined
}

/** The middleware of Clerk before version 5: it refuses whatever is not named as public, unless `afterAuth` says otherwise. */
const behindAuthMiddleware: Meaning = ({ value, args: [request], walker, spot }) => {
  const options = value.path[0]?.args?.[0]
  for (const name of ['ignoredRoutes', 'publicRoutes']) {
    const patterns = propertyOf(options, name)
    const isOpen = patterns === undefined ? literal(false) : fits(request, patterns)
    if (isOpen.kind !== 'literal') return maybeRefused()
    if (isOpen.value === true && (name === 'ignoredRoutes' || propertyOf(options, 'afterAuth') === undefined))
      return UNDEFINED
  }
  const after = propertyOf(options, 'afterAuth')
  if (after?.kind === 'function')
    return callValue(walker, after, [fieldsOf(maybeSomeone({ walker, spot }, library), FIELDS), request ?? UNKNOWN], {
      spot,
    })
  someone({ walker, spot }, library)
  return UNDEFINED
}

/** Let through or refused, and nobody can tell which. */
function maybeRefused(): Value {
  return either([
    { value: UNDEFINED, given: [] },
    { value: object({ status: literal(401) }), given: [] },
  ])
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
    'clerkMiddleware().()': behindClerk,
    'requireAuth().()': guards(library),
    'ClerkExpressRequireAuth().()': guards(library),
    'ClerkExpressWithAuth().()': goesOn,
    'createRouteMatcher().()': isRoute,
    'authMiddleware().()': behindAuthMiddleware,
    'currentUser()': (call) => maybeSomeone(call, library),
    'clerkClient().users.updateUserMetadata()': outside(library),
    'clerkClient.users.updateUserMetadata()': outside(library),
  },
}
