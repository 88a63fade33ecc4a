import { callValue } from '../trace/call.js'
import { either, from, NULL, object, originsOf, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { Library, Meaning } from './library.js'
import { lookUp, someone } from './meaning.js'

/** A token whose signature holds; one that does not throws, or is told to a callback. */
const verifies: Meaning = (call) => {
  const callback = call.args.slice(2).findLast(({ kind }) => kind === 'function')
  if (callback === undefined) return someone(call, 'jwt')
  const { who, authenticated } = lookUp(call, 'jwt')
  const error = either([
    { value: NULL, given: [authenticated] },
    { value: object({ message: UNKNOWN }), given: [] },
  ])
  const token = either([
    { value: who, given: [authenticated] },
    { value: UNDEFINED, given: [] },
  ])
  return callValue(call.walker, callback, [error, token], call)
}

/** What a token says, whoever made it. */
const reads: Meaning = ({ args }) => from(...args.flatMap((arg) => originsOf(arg)))

export const jose: Library = {
  packages: ['jose'],
  calls: {
    'jwtVerify()': (call) => someone(call, 'jose', (who) => object({ payload: who })),
    'compactVerify()': verifies,
    'decodeJwt()': reads,
    'decodeProtectedHeader()': reads,
  },
}

export const jsonWebToken: Library = {
  packages: ['jsonwebtoken'],
  calls: { 'verify()': verifies, 'default.verify()': verifies, 'decode()': reads, 'default.decode()': reads },
}

export const jwtDecode: Library = { packages: ['jwt-decode'], calls: { 'jwtDecode()': reads, 'default()': reads } }
