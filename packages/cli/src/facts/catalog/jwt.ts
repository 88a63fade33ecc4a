import { from, object, originsOf } from '../trace/value.js'
import type { Library, Meaning } from './library.js'
import { someone } from './meaning.js'

/** A token whose signature holds; one that does not throws. */
const verifies: Meaning = (call) => someone(call, 'jwt')

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
