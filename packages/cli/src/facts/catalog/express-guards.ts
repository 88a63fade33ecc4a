import { callValue } from '../trace/call.js'
import { NULL, UNKNOWN } from '../trace/value.js'
import { goesOn, guards } from './goes-on.js'
import type { Library, Meaning } from './library.js'
import { propertyOf, textOf } from './library.js'
import { maybeSomeone } from './meaning.js'

/** Refuses others too, but where its options say that it only looks. */
const guardsUnless =
  (library: string, option: string): Meaning =>
  (call) => {
    const required = propertyOf(call.value.path.at(-2)?.args?.[0], option)
    return required?.kind === 'literal' && required.value === false ? goesOn(call) : guards(library)(call)
  }

const token = guardsUnless('express-jwt', 'credentialsRequired')

export const expressJwt: Library = {
  packages: ['express-jwt', 'express-oauth2-jwt-bearer', 'express-openid-connect'],
  calls: {
    'expressjwt().()': token,
    'default().()': token,
    'jwt().()': token,
    'auth().()': guardsUnless('express-openid-connect', 'authRequired'),
    'requiresAuth().()': guards('express-openid-connect'),
  },
}

/** With a function of its own nothing is refused but what that refuses: it is told who is calling, or nobody. */
const authenticates: Meaning = (call) => {
  const [strategy, ...others] = call.value.path.at(-2)?.args ?? []
  const all = strategy?.kind === 'list' && strategy.isWhole ? strategy.items : [strategy]
  if (all.some((one) => WELCOMES_ALL.includes(textOf(one) ?? ''))) return goesOn(call)
  const own = others.findLast(({ kind }) => kind === 'function')
  if (own === undefined) return guards('passport')(call)
  return callValue(call.walker, own, [NULL, maybeSomeone(call, 'passport'), UNKNOWN], call)
}

/** `authenticate('session')` reads the session, and `'anonymous'` lets in whoever comes. */
const WELCOMES_ALL = ['session', 'anonymous']

export const passport: Library = {
  packages: ['passport'],
  calls: {
    // Only what comes of it is ever called.
    '**.authenticate()': ({ value }) => value,
    '**.authenticate().()': authenticates,
    '**.initialize().()': goesOn,
    '**.session().()': goesOn,
  },
}

/** Whoever comes has a session from here on, and need not be anybody. */
export const expressSession: Library = {
  packages: ['express-session', 'cookie-session'],
  calls: { 'default().()': goesOn },
}

/** Guards of services, each of which stands in front of a route. */
export const expressGuards: readonly Library[] = [
  { packages: ['express-basic-auth'], calls: { 'default().()': guards('express-basic-auth') } },
  {
    packages: ['supertokens-node', 'supertokens-node/'],
    calls: {
      'verifySession().()': guardsUnless('supertokens', 'sessionRequired'),
      'middleware().()': goesOn,
    },
  },
  {
    packages: ['keycloak-connect'],
    calls: { '**.protect().()': guards('keycloak'), '**.middleware().()': goesOn },
  },
]
