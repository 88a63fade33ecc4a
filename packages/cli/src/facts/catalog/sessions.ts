import { callValue } from '../trace/call.js'
import { truthOf, UNKNOWN } from '../trace/value.js'
import { fieldsOf } from './identity.js'
import { type Library, type Meaning, propertyOf, textOf } from './library.js'
import { maybeSomeone, someone } from './meaning.js'

/** Libraries that are asked one thing only: who is calling. */
export const sessions: readonly Library[] = [
  {
    packages: ['lucia'],
    calls: {
      '**.validateSession()': inFields('lucia', ['session', 'user']),
      '**.validate()': maybe('lucia'),
      '**.validateBearerToken()': maybe('lucia'),
    },
  },
  {
    packages: ['@auth0/nextjs-auth0', '@auth0/nextjs-auth0/'],
    calls: {
      '**.getSession()': maybe('auth0'),
      '**.getAccessToken()': required('auth0'),
      'withApiAuthRequired().()': behind('auth0'),
      'withPageAuthRequired().()': behind('auth0'),
    },
  },
  {
    packages: ['@workos-inc/authkit-nextjs', '@workos-inc/authkit-remix', '@workos-inc/authkit-react-router'],
    calls: {
      'withAuth()': (call) =>
        truthOf(propertyOf(call.args[0], 'ensureSignedIn') ?? UNKNOWN) === true
          ? someone(call, 'workos', (who) => fieldsOf(who, WORKOS))
          : fieldsOf(maybeSomeone(call, 'workos'), WORKOS),
    },
  },
  {
    packages: ['@kinde-oss/kinde-auth-nextjs', '@kinde-oss/kinde-auth-nextjs/'],
    calls: {
      'getKindeServerSession().getUser()': maybe('kinde'),
      'getKindeServerSession().isAuthenticated()': maybe('kinde'),
      'getKindeServerSession().getIdToken()': maybe('kinde'),
    },
  },
  {
    packages: ['firebase-admin', 'firebase-admin/auth', 'next-firebase-auth-edge'],
    calls: {
      '**.verifyIdToken()': required('firebase'),
      '**.verifySessionCookie()': required('firebase'),
      'getTokens()': maybe('firebase'),
    },
  },
  {
    packages: ['@stackframe/stack', '@stackframe/js'],
    calls: {
      '**.getUser()': (call) =>
        ['redirect', 'throw'].includes(textOf(propertyOf(call.args[0], 'or')) ?? '')
          ? someone(call, 'stack')
          : maybeSomeone(call, 'stack'),
    },
  },
  {
    packages: ['iron-session'],
    // It is there for everybody; what is in it was sealed for somebody.
    members: {
      'getIronSession().*': (value, walker) =>
        walker.here === null || METHODS.has(value.path.at(-1)!.name)
          ? value
          : maybeSomeone({ walker, spot: walker.here }, 'iron-session'),
    },
  },
  {
    packages: ['@logto/next', '@logto/next/'],
    calls: { 'getLogtoContext()': inFields('logto', ['isAuthenticated', 'claims']) },
  },
  { packages: ['@descope/nextjs-sdk/server'], calls: { 'session()': maybe('descope') } },
  { packages: ['@privy-io/server-auth', '@privy-io/node'], calls: { '**.verifyAuthToken()': required('privy') } },
  {
    packages: ['@propelauth/nextjs/', '@propelauth/node', '@propelauth/express'],
    calls: { 'getUser()': maybe('propelauth'), 'getUserOrRedirect()': required('propelauth') },
  },
]

const WORKOS = ['user', 'sessionId', 'organizationId', 'role', 'permissions', 'accessToken']

const METHODS = new Set(['save', 'destroy', 'updateConfig'])

/** Somebody, or nobody. */
function maybe(library: string): Meaning {
  return (call) => maybeSomeone(call, library)
}

/** Somebody, or it throws. */
function required(library: string): Meaning {
  return (call) => someone(call, library)
}

function inFields(library: string, names: readonly string[]): Meaning {
  return (call) => fieldsOf(maybeSomeone(call, library), names)
}

/** A handler that is called for somebody only. */
function behind(library: string): Meaning {
  return (call) => {
    const handler = call.value.path.at(-2)?.args?.findLast(({ kind }) => kind === 'function') ?? UNKNOWN
    someone(call, library)
    return callValue(call.walker, handler, call.args, call)
  }
}
